"""The examples of `deploy/`, each checked by the program that it is for, where that is there."""

import os
import re
import runpy
import shutil
import ssl
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from blueprints.security import HEADERS, TRANSPORT
from models import BackupLink, DeliveryPlan, db, utcnow
from services.delivery import links
from settings import load
from tests.backup_rows import make_backup
from tests.conftest import ROOT, answers, free_port, wait_for
from tests.factories import make_project

DEPLOY = ROOT / "deploy"
CONTENT = b"%PDF-1.7 " + bytes(range(256)) * 40
#: What nginx needs around a site or a snippet to run as whoever tests, out of one folder.
AROUND = """{user} worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
    include /etc/nginx/mime.types; access_log off; sendfile on;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/a; uwsgi_temp_path {folder}/b; scgi_temp_path {folder}/c;
    {site}
}}"""
SITE = """server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate /etc/letsencrypt/live/drawpack.example.org/fullchain.pem;
    ssl_certificate_key /etc/letsencrypt/live/drawpack.example.org/privkey.pem;
    {snippet}
}}"""


def needs(program):
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


def check(*command):
    answer = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SYSTEMD_COLORS": "0"},
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout + answer.stderr


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A folder with fullchain.pem and privkey.pem for localhost."""
    folder = tmp_path_factory.mktemp("certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder


@pytest.fixture(params=["drawpack.conf", "drawpack-below-a-path.conf"])
def environment(request, environment):
    """The settings that the head of the example asks for."""
    given = (DEPLOY / "nginx" / request.param).read_text()
    asked = dict(re.findall(r"^#   (DRAWPACK_\w+)=(\S+)$", given, re.MULTILINE))
    return environment | asked | {"EXAMPLE": given, "FRONT": str(free_port())}


@pytest.fixture
def nginx(environment, certificate, tmp_path, server):
    """nginx with the example, before the real product; yields the address behind it."""
    text, port = environment["EXAMPLE"], environment["FRONT"]
    if "\nserver {" not in text:
        text = SITE.format(port=port, snippet=text)
    for old, new in {
        "127.0.0.1:8000": f"127.0.0.1:{environment['DRAWPACK_PORT']}",
        "/var/lib/drawpack": environment["DRAWPACK_DATA_DIR"],
        "/etc/letsencrypt/live/drawpack.example.org": str(certificate),
        "server_name drawpack.example.org": "server_name localhost",
        "listen 80;": f"listen 127.0.0.1:{free_port()};",
        "listen 443 ": f"listen 127.0.0.1:{port} ",
    }.items():
        text = text.replace(old, new)
    text = re.sub(r"listen \[::\].*", "", text)
    user = "user root;" if os.geteuid() == 0 else ""
    path = tmp_path / "nginx.conf"
    path.write_text(AROUND.format(user=user, folder=tmp_path, site=text))
    check("nginx", "-t", "-c", str(path), "-p", str(tmp_path))
    process = subprocess.Popen(["nginx", "-c", path, "-p", tmp_path, "-g", "daemon off;"])
    wait_for(lambda: answers(int(port)), what="nginx")
    yield f"https://localhost:{port}{httpx.URL(environment['DRAWPACK_BASE_URL']).path.rstrip('/')}"
    process.terminate()
    process.wait(20)


@pytest.fixture
def token(app):
    """Of a link for anyone to a finished backup."""
    with app.app_context():
        project = make_project()
        backup = make_backup(project, content=CONTENT)
        plan = {"subject": "Ready", "message": "Here it is.", "is_public": True}
        db.session.add(DeliveryPlan(project_id=project.id, **plan))
        db.session.commit()
        link = links.create(backup, utcnow())
        db.session.commit()
        return links.token_of(link)


#: What each answer carries, once: an example that adds one of them has browsers read two.
ONCE = {name: [value] for name, value in HEADERS.items()} | {
    "Strict-Transport-Security": [TRANSPORT]
}


def headers_of_ours(answer):
    return {name: answer.headers.get_list(name) for name in ONCE}


@needs("nginx")
def test_nginx_brings_pages_style_and_files_and_shows_nothing_else(
    app, nginx, token, certificate, alice
):
    trusted = ssl.create_default_context(cafile=certificate / "fullchain.pem")
    path = httpx.URL(nginx).path.rstrip("/")
    with httpx.Client(verify=trusted) as visitor:
        page = visitor.get(f"{nginx}/sign-in")
        style = re.search(r'href="([^"]+app\.css[^"]*)"', page.text)[1]
        assert style.startswith(f"{path}/static/")
        kept = visitor.get(httpx.URL(nginx).join(style))
        assert (kept.status_code, kept.headers["Content-Encoding"]) == (200, "gzip")
        assert "immutable" in kept.headers["Cache-Control"]

        spoofed = {"X-Forwarded-For": "203.0.113.9", "X-Request-ID": "somebody-s-own"}
        whole = visitor.get(f"{nginx}/b/{token}/file", headers=spoofed)
        assert (whole.status_code, whole.content) == (200, CONTENT)
        # Nothing that a link leads to learns the link.
        for answer, policy in ((page, "same-origin"), (whole, "no-referrer")):
            assert headers_of_ours(answer) == ONCE | {"Referrer-Policy": [policy]}
            assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])
        # A download goes on where it broke off, with the same file only.
        rest = {"Range": "bytes=100-", "If-Range": whole.headers["ETag"]}
        piece = visitor.get(f"{nginx}/b/{token}/file", headers=rest)
        assert (piece.status_code, piece.content) == (206, CONTENT[100:])
        last = visitor.get(f"{nginx}/b/{token}/file", headers={"Range": "bytes=-9"})
        assert (last.status_code, last.content) == (206, CONTENT[-9:])

        [pdf] = app.config["DATA_DIR"].glob("backups/*/*.pdf")
        inside = f"/_drawpack/{pdf.relative_to(app.config['DATA_DIR'])}"
        assert visitor.get(httpx.URL(nginx).join(inside)).status_code == 404
    with app.app_context():
        counted = db.session.scalars(db.select(BackupLink.downloads)).one()
        assert counted >= 1
        seen = db.session.execute(db.text("SELECT DISTINCT address FROM audit_entry")).scalars()
        assert "203.0.113.9" not in set(seen)


@pytest.mark.parametrize("path", sorted([*DEPLOY.glob("nginx/*.conf"), *DEPLOY.glob("caddy/*")]))
def test_each_example_numbers_requests_itself_and_leaves_our_headers_alone(path):
    given = path.read_text()
    assert re.search(r"X-Request-ID (\$request_id|\{http\.request\.uuid\})", given)
    for name in ONCE:
        assert not re.search(rf"^\s*(add_)?header {name} (?!\$upstream_)", given, re.MULTILINE)


@needs("caddy")
@pytest.mark.parametrize("name", ["Caddyfile", "Caddyfile.below-a-path"])
def test_caddy_understands_its_example(name):
    check("caddy", "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / "caddy" / name))


@needs("systemd-analyze")
def test_systemd_understands_the_units_and_finds_them_confined(tmp_path):
    for path in (DEPLOY / "systemd").iterdir():
        # A template is looked at as one of its instances, and programs where they are.
        text = path.read_text().replace("/opt/drawpack/.venv/bin/gunicorn", sys.executable)
        text = text.replace("/opt/drawpack/.venv/bin/python", sys.executable)
        (tmp_path / path.name.replace("@", "@1")).write_text(
            text.replace("/opt/drawpack", str(ROOT))
        )
    units = sorted(map(str, tmp_path.iterdir()))
    assert len(units) == 3
    said = check("systemd-analyze", "verify", *units)
    assert "drawpack" not in said
    for unit in units:
        told = check("systemd-analyze", "security", "--offline=true", "--threshold=30", unit)
        assert "Overall exposure level" in told


def test_the_settings_of_the_units_are_settings():
    text = (DEPLOY / "drawpack.env").read_text()
    given = dict(re.findall(r"^#?(DRAWPACK_\w+)=(.*)$", text, re.MULTILINE))
    known = set(re.findall(r"DRAWPACK_\w+", (ROOT / "README.md").read_text()))
    assert given.keys() <= known
    assert load(given)["BASE_URL"] == "https://drawpack.example.org"


def test_nobody_who_goes_on_asking_talks_into_a_connection_that_is_being_closed():
    """Proxies close theirs before the web server does, and pages that ask again do so earlier."""
    closed_after = runpy.run_path(str(ROOT / "gunicorn.conf.py"))["keepalive"]
    texts = {path.name: path.read_text() for path in DEPLOY.glob("*/*") if path.is_file()}
    kept = {name: re.findall(r"^\s*keepalive(?:_timeout)? (\d+)s", text, re.MULTILINE)
            for name, text in texts.items()}  # fmt: skip
    kept = {name: seconds for name, seconds in kept.items() if seconds}
    assert kept.keys() == {"drawpack.conf", "Caddyfile", "Caddyfile.below-a-path"}
    assert all(10 <= int(each) < closed_after for found in kept.values() for each in found)
    asked = [path.read_text() for path in (ROOT / "templates").rglob("*.html")]
    every = [int(each) for text in asked for each in re.findall(r"every (\d+)s", text)]
    assert every
    assert all(each * 2 < closed_after for each in every)


def test_the_image_holds_all_that_runs():
    """What the README's picture of the layers names, and what those import from this folder."""
    ignored = (DEPLOY / "docker" / "Dockerfile.dockerignore").read_text().splitlines()
    taken = {line[1:] for line in ignored if line.startswith("!")}
    assert all((ROOT / name).exists() for name in taken)
    modules = {path.stem for path in ROOT.iterdir() if path.suffix == ".py"}
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert {f"{name}.py" for name in modules} | packages <= taken
