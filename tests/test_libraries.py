"""What is said about the libraries that are used: vulnerabilities, and the bill of materials."""

import json
import re
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.conftest import ROOT, free_port

HOLE = {
    "id": "PYSEC-2026-1",
    "modified": "2026-11-01T00:00:00Z",
    "affected": [
        {
            "package": {"name": "flask", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0"}]}],
        }
    ],
}


@contextmanager
def service(vulnerable):
    """A vulnerability service that speaks as OSV does."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            is_bad = asked["package"]["name"] == vulnerable
            body = json.dumps({"vulns": [HOLE]} if is_bad else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    server.server_close()
    thread.join()


def audit(url):
    command = [sys.executable, "bin/audit", "--osv-url", url]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_known_vulnerability_fails_and_is_named():
    with service("flask") as url:
        run = audit(url)

    assert run.returncode == 1
    assert re.search(r"flask 3\.\S+: PYSEC-2026-1, mended in 99\.0", run.stdout)


def test_without_one_it_says_how_many_were_looked_up():
    with service("nobody") as url:
        run = audit(url)

    assert run.returncode == 0
    assert re.match(r"No known vulnerability in \d\d+ libraries\.", run.stdout)


def test_a_machine_without_the_service_is_told_so_and_nothing_fails():
    run = audit(f"http://127.0.0.1:{free_port()}/v1/query")

    assert run.returncode == 0
    assert "were not looked up: the service (OSV) cannot be reached." in run.stdout


def test_the_bill_of_materials_names_every_locked_library_and_no_place(tmp_path):
    command = [sys.executable, "bin/sbom", str(tmp_path / "sbom.json")]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    bill = json.loads((tmp_path / "sbom.json").read_text())

    locked = re.findall(
        r"^([a-z0-9._-]+)==([^ ;\\]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE
    )
    found = {(each["name"], each["version"]) for each in bill["components"]}
    assert found == set(locked)
    assert all(each["hashes"] for each in bill["components"])
    assert set(re.findall(r"https?://([^/\"]+)", json.dumps(bill))) == {"cyclonedx.org"}
