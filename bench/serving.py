"""`python -m bench.serving [SERVER ...]`: the product behind one web server after the other.

Each gets the demo project in a folder of its own, one process and eight threads, and is asked for:
the Subcontractor tab by eight people at once; the same while forty people download slowly; an
upload of 200 MB; a download of 4 GB. Prints a table. `waitress` and `granian` are measured where
they can be imported; the product itself runs on gunicorn.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import httpx

COMMANDS = {
    "gunicorn": ["-m", "gunicorn", "--log-level", "error", "app:create_app()"],
    "waitress": ["-m", "waitress", "--threads", "8", "--max-request-body-size", "600000000",
                 "--listen", "127.0.0.1:{port}", "--call", "app:create_app"],
    "granian": ["-m", "granian", "--interface", "wsgi", "--factory", "--workers", "1",
                "--blocking-threads", "8", "--host", "127.0.0.1", "--port", "{port}",
                "--no-ws", "--log-level", "error", "app:create_app"],
}  # fmt: skip
PASSWORD = "correct horse battery"
SECONDS = 6.0
#: Who waits longer for a page gives up.
PATIENCE = 10.0
PEOPLE = 8
SLOW_READERS = 40
LARGE = 4 * 1024**3
UPLOAD = 200_000_000
ROOT = Path(__file__).parent.parent
HEAD = (
    "| server | pages/s | p95 ms | … beside {} slow readers | p95 ms | upload 200 MB, s "
    "| 4 GB, MB/s | MB | MB at most |"
)


def main() -> None:
    print(HEAD.format(SLOW_READERS))
    print("|---" * 9 + "|")
    for name in sys.argv[1:] or COMMANDS:
        with (
            TemporaryDirectory(prefix="drawpack-serving-") as folder,
            _served(name, Path(folder)) as found,
        ):
            print(f"| {name} | {' | '.join(_measure(*found))} |", flush=True)


@contextmanager
def _served(name: str, folder: Path) -> Iterator[tuple[str, int, str]]:
    """The address, the process and the path of a link to 4 GB."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    env = os.environ | {
        "DRAWPACK_DATA_DIR": str(folder), "DRAWPACK_PORT": str(port), "DRAWPACK_BASE_URL": base,
        "DRAWPACK_SECRET_KEY": "bench", "DRAWPACK_PASSWORD": PASSWORD, "DRAWPACK_SOFFICE": "no",
    }  # fmt: skip
    link = subprocess.run(
        [sys.executable, "-c", f"from bench import serving; serving.prepare({LARGE})"],
        env=env, cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.splitlines()[-1]  # fmt: skip
    command = [part.format(port=port) for part in COMMANDS[name]]
    process = subprocess.Popen(
        [sys.executable, *command], env=env, cwd=ROOT, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait(base)
        yield base, process.pid, link
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def prepare(size: int) -> None:
    """The demo with an administrator, and a link for anyone to a backup of `size` bytes."""
    # The settings are read when these are imported.
    import sqlalchemy as sa  # noqa: PLC0415

    from app import create_app  # noqa: PLC0415
    from models import Backup, Contract, DeliveryPlan, Project, db, utcnow  # noqa: PLC0415
    from services.delivery import links  # noqa: PLC0415

    flask = [sys.executable, "-m", "flask"]
    subprocess.run([sys.executable, "-m", "supervisor.database"], check=True, capture_output=True)
    for arguments in (["project", "demo"], ["user", "create", "a@example.org", "--administrator"]):
        subprocess.run([*flask, *arguments], check=True, capture_output=True)
    with create_app().app_context():
        number = db.session.scalars(sa.select(Project.number)).one()
        # One without a finding that blocks.
        contract = db.session.scalars(sa.select(Contract.number).order_by(Contract.id)).first()
    made = subprocess.run(
        [*flask, "backup", "compile", number, "--contract", str(contract)],
        check=True,
        capture_output=True,
        text=True,
    )
    # A hole of 4 GB is read like any other file.
    os.truncate(made.stdout.splitlines()[-1], size)
    with create_app().app_context():
        backup = db.session.scalars(sa.select(Backup)).one()
        plan = {"subject": "Ready", "message": "Here it is.", "is_public": True}
        db.session.merge(DeliveryPlan(project_id=backup.project_id, **plan))
        link = links.create(backup, utcnow())
        db.session.commit()
        print(f"/b/{links.token_of(link)}/file")


def _wait(base: str) -> None:
    for _ in range(300):
        with suppress(httpx.TransportError):
            if httpx.get(f"{base}/health/live").status_code == 200:
                return
        time.sleep(0.1)
    raise SystemExit(f"{base} does not answer")


def _measure(base: str, pid: int, link: str) -> list[str]:
    cookie = _sign_in(base)
    _pages(base, cookie, seconds=2)
    rate, worst = _pages(base, cookie)
    memory = _memory(pid)
    with _slow_readers(base, link):
        slow_rate, slow_worst = _pages(base, cookie)
    upload = _timed(lambda: _upload(base, cookie))
    speed = LARGE / 1e6 / _timed(lambda: _download(base + link))
    return [
        f"{rate:.0f}", f"{worst:.0f}", f"{slow_rate:.0f}", f"{slow_worst:.0f}", f"{upload:.1f}",
        f"{speed:.0f}", f"{memory:.0f}", f"{_memory(pid, 'VmHWM'):.0f}",
    ]  # fmt: skip


def _sign_in(base: str) -> dict[str, str]:
    with httpx.Client() as client:
        page = client.get(f"{base}/sign-in").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        form = {"csrf_token": token, "email": "a@example.org", "password": PASSWORD}
        client.post(f"{base}/sign-in", data=form)
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}


def _pages(base: str, cookie: dict[str, str], seconds: float = SECONDS) -> tuple[float, float]:
    """Pages a second, and the milliseconds in which 95 of 100 came."""
    end, answered = time.monotonic() + seconds, list[int]()

    def ask(_: int) -> list[float]:
        took = []
        with httpx.Client(headers=cookie, timeout=PATIENCE) as client:
            while time.monotonic() < end:
                began = time.monotonic()
                with suppress(httpx.TimeoutException):
                    page = client.get(f"{base}/projects/1/invoicing")
                    assert page.status_code == 200, page.status_code
                    answered.append(1)
                took.append(1000 * (time.monotonic() - began))
        return took

    began = time.monotonic()
    with ThreadPoolExecutor(PEOPLE) as people:
        took = [each for one in people.map(ask, range(PEOPLE)) for each in one]
    return len(answered) / (time.monotonic() - began), quantiles(took, n=20)[-1]


@contextmanager
def _slow_readers(base: str, link: str) -> Iterator[None]:
    """People who take a piece of the file now and then."""
    done, at = threading.Event(), urlsplit(base)
    request = f"GET {link} HTTP/1.1\r\nHost: {at.netloc}\r\n\r\n".encode()
    readers = [socket.create_connection((at.hostname, at.port)) for _ in range(SLOW_READERS)]

    def read() -> None:
        while not done.wait(0.25):
            for reader in readers:
                reader.setblocking(False)
                with suppress(BlockingIOError):
                    reader.recv(16_384)

    for reader in readers:
        reader.sendall(request)
    thread = threading.Thread(target=read)
    thread.start()
    time.sleep(1)
    yield
    done.set()
    thread.join()
    for reader in readers:
        reader.close()
    time.sleep(1)


def _upload(base: str, cookie: dict[str, str]) -> None:
    """Refused for its missing token, after all of it has been read."""
    answer = httpx.post(f"{base}/projects/import", headers=cookie, timeout=120,
                        files={"file": ("a.zip", bytes(UPLOAD))})  # fmt: skip
    assert answer.status_code in {400, 422}, answer.status_code


def _download(url: str) -> None:
    total = 0
    with httpx.stream("GET", url, timeout=120) as answer:
        for piece in answer.iter_raw(1 << 20):
            total += len(piece)
    assert total == LARGE, total


def _timed(act: Callable[[], None]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def _memory(pid: int, of: str = "VmRSS") -> float:
    """Megabytes of the server and what it started, each at its own time."""
    total = 0
    for path in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):
            if os.getsid(int(path.parent.name)) == pid:
                lines = dict(line.split(":", 1) for line in path.read_text().splitlines())
                total += int(lines.get(of, "0 kB").split()[0])
    return total / 1000


if __name__ == "__main__":
    main()
