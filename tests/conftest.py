"""Real services for the tests: Valkey, SMTP, a worker process, a web server and Chromium."""

import os
import secrets
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import expect, sync_playwright
from redis import Redis

import settings
from app import create_app
from models import Membership, User, db, password_hash
from supervisor.redis_server import answers as redis_answers
from supervisor.redis_server import find_server
from tests import postgresql, programs
from tests.databases import SERVER, Files, OnServer
from tests.engines import compile_statements_once
from tests.programs import ROOT, Program

__all__ = ["ROOT"]
PASSWORD = "correct horse battery"
# Of the same kind as the product's, but quick: a test of something else need not wait for it.
password_hash.COST = password_hash.Cost(passes=1, memory=8, lanes=1)
PASSWORD_HASH = password_hash.hash_of(PASSWORD)
#: Milliseconds that a browser may take where the machine is busy; a quiet one takes a fraction.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)
#: Parts of a desktop browser that cost each window a process or two.
UNUSED = ("InitialWebUI", "MediaRouter", "OptimizationHints", "PreloadTopChromeWebUI", "Translate",
          "WebUIOmniboxPopup", "WebUIReloadButton")  # fmt: skip
compile_statements_once()


#: Files that start whole installations, workers and browsers; in minutes, not seconds, or nearly.
LONGEST = (
    "test_faults.py",
    "test_supervisor.py",
    "test_backup_job.py",
    "test_journeys.py",
    "test_bench.py",
    "test_pages_browser.py",
    "test_invoicing_browser.py",
    "test_people_browser.py",
    "test_addenda.py",
    "test_signing.py",
    "test_imports_client.py",
    "test_preparing.py",
    "test_invoice_entry_browser.py",
    "test_invoice_status.py",
    "test_backups_cli.py",
    "test_objects.py",
    "test_postgresql_backups.py",
    "test_postgresql.py",
    "test_demo.py",
    "test_api_fuzz.py",
    "test_office.py",
    "test_delivery_browser.py",
    "test_dictionaries_browser.py",
    "test_schedules_browser.py",
)


def pytest_collection_modifyitems(items):
    """What takes long comes first, so that several processes end together. What is about SQLite
    itself says so, and is left out on a server."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))
    for item in items if SERVER else ():
        if mark := item.get_closest_marker("sqlite"):
            item.add_marker(pytest.mark.skip(reason=f"SQLite: {mark.args[0]}"))


def free_port():
    """One of those that the system gives to no outgoing connection, so that it stays free until
    whoever asked for it listens."""
    while True:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", 10_000 + secrets.randbelow(20_000)))
            return probe.getsockname()[1]


def wait_for(condition, *, seconds=60, what="the condition"):
    """Ask until it is so; time is the only thing that a test may wait for."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := condition():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come within {seconds} s")


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory):
    # On a socket, as in the product: a port may be another's by the time that it starts.
    folder = tmp_path_factory.mktemp("redis")
    url = settings.default_redis_url(folder)
    options = ["--port", "0", "--unixsocket", url.removeprefix("unix://"), "--save", ""]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([find_server(), *options], cwd=folder, stdout=log)
    wait_for(lambda: redis_answers(url), what="Redis")
    yield url
    assert server.poll() is None, f"Redis went away: {(folder / 'log').read_text()[-2000:]}"
    server.terminate()
    server.wait()


class Inbox:
    """A mail server that keeps what it gets."""

    def __init__(self):
        self.messages = []
        self.port = free_port()

    async def handle_DATA(self, server, session, envelope):
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def smtp():
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=inbox.port)
    controller.start()
    yield inbox
    controller.stop()


@pytest.fixture
def environment(request, tmp_path, redis_url, smtp, databases):
    """The settings of the product under test, as a user would give them."""
    with Redis.from_url(redis_url) as redis:
        redis.flushdb()
    port = free_port()
    data = tmp_path / "data"
    is_migrated = "app" in request.fixturenames
    if is_migrated:
        data.mkdir()
    url = databases.make(data, is_migrated=is_migrated)
    yield {
        "DRAWPACK_PORT": str(port),
        "DRAWPACK_BASE_URL": f"http://127.0.0.1:{port}",
        "DRAWPACK_DATA_DIR": str(data),
        "DRAWPACK_REDIS_URL": redis_url,
        "DRAWPACK_SECRET_KEY": "test",
        # What is installed here must not decide what tests see; test_office.py looks for it.
        "DRAWPACK_SOFFICE": "no",
        "DRAWPACK_MAIL_SERVER": "127.0.0.1",
        "DRAWPACK_MAIL_PORT": str(smtp.port),
        "DRAWPACK_MAIL_USE_TLS": "no",
        "DRAWPACK_MAIL_SENDER": "Drawpack <drawpack@example.org>",
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        **({"DRAWPACK_DATABASE_URL": url} if isinstance(databases, OnServer) else {}),
    }
    databases.drop(url)


@pytest.fixture(scope="session")
def postgresql_databases(tmp_path_factory):
    """Those of the server that the tests run on, or of one that is started for a few."""
    folder = tmp_path_factory.mktemp("database")
    if SERVER:
        yield OnServer(folder, SERVER)
        return
    if postgresql.programs() is None:
        if os.environ.get("CI"):
            pytest.fail("There is no PostgreSQL server, and CI must not skip what needs one.")
        pytest.skip("no PostgreSQL server is installed (apt-get install postgresql)")
    with postgresql.server() as url:
        yield OnServer(folder, url)


@pytest.fixture(scope="session")
def databases(request, tmp_path_factory):
    """Where the tests' databases come from."""
    if SERVER:
        return request.getfixturevalue("postgresql_databases")
    return Files(tmp_path_factory.mktemp("database"))


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory):
    """Each test makes an application; the templates stay the same."""
    programs.compiled_templates = str(tmp_path_factory.mktemp("templates"))
    return FileSystemBytecodeCache(programs.compiled_templates)


@pytest.fixture
def app(environment, compiled_templates, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    app = create_app({"WTF_CSRF_ENABLED": False})
    app.jinja_env.bytecode_cache = compiled_templates
    yield app
    app.extensions["redis"].close()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def context(app):
    """For tests of models and services, which need no HTTP."""
    with app.app_context():
        yield app
        db.session.remove()


def make_user(app, email, name, **values):
    with app.app_context():
        user = User(email=email, name=name, password_hash=PASSWORD_HASH, **values)
        db.session.add(user)
        db.session.commit()
        return user.id


@pytest.fixture
def alice(app):
    """Administrator of the installation."""
    return make_user(app, "alice@example.org", "Alice Adams", is_administrator=True)


@pytest.fixture
def bob(app):
    """Signed up; `join` makes him a member of a project."""
    return make_user(app, "bob@example.org", "Bob Brown")


def join(user_id, project, access):
    """Make somebody a member. The caller commits."""
    db.session.add(Membership(user_id=user_id, project_id=project.id, access=access))


@pytest.fixture
def mallory(app):
    """Signed up, but a member of nothing."""
    return make_user(app, "mallory@example.org", "Mallory Moss")


def sign_in(app, email):
    client = app.test_client()
    answer = client.post("/sign-in", data={"email": email, "password": PASSWORD})
    assert answer.status_code == 303
    return client


@pytest.fixture
def client(app, alice):
    """Alice's browser."""
    return sign_in(app, "alice@example.org")


@pytest.fixture
def member(app, bob):
    """Bob's browser."""
    return sign_in(app, "bob@example.org")


@pytest.fixture
def stranger(app, mallory):
    """Mallory's browser."""
    return sign_in(app, "mallory@example.org")


@pytest.fixture
def work(environment):
    """Run the real worker until its queues are empty."""

    def run():
        answer = programs.run(["worker.py", "--burst"], environment)
        answer.check_returncode()
        return answer

    return run


@pytest.fixture
def worker(environment):
    """A real worker process that keeps running."""
    process = Program(["worker.py"], environment)
    yield process
    process.terminate()
    process.wait(20)


@pytest.fixture
def server(app, environment):
    """The real web server; yields its address."""
    port = int(environment["DRAWPACK_PORT"])
    command = ["gunicorn", "-b", f"127.0.0.1:{port}", "--threads", "4", "--no-control-socket"]
    process = Program([*command, "--log-level", "warning", "app:create_app()"], environment)
    wait_for(lambda: answers(port), what="the web server")
    yield environment["DRAWPACK_BASE_URL"]
    process.terminate()
    process.wait(20)


@pytest.fixture(scope="session")
def chromium():
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing, and CI must not skip what only a browser shows.")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", f"--disable-features={','.join(UNUSED)}"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def window(chromium):
    """A window takes the browser longer to open than a tab; this one stays. Each server has an
    origin of its own, so that nothing but cookies could reach the next test."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE)
    context.new_page()
    yield context
    context.close()


@pytest.fixture
def tab(window):
    yield window.new_page()
    for page in window.pages[1:]:
        page.close()
    window.clear_cookies()
    window.clear_permissions()


@pytest.fixture
def plain_tab(chromium):
    """A browser without JavaScript."""
    context = chromium.new_context(java_script_enabled=False)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()
