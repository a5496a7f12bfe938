"""Drawpack over eight hosts, of which one dies and one is cut off: `python -m bench.hosts`.

Web, Redis, PostgreSQL, an object store, a mail server and three workers, each in a network
namespace with a name and process numbers of its own. An upload is imported, backups are compiled;
one worker is killed while it compiles, another loses its network while it does. Prints what became
of everything; exit 1 unless all of it is true. Needs root, PostgreSQL, iproute2 and the
development requirements; takes some minutes and ends by itself after twelve.
"""

import json
import os
import shutil
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psycopg
from aiosmtpd.controller import Controller
from psycopg.rows import dict_row
from redis import Redis

from bench.network import Network
from supervisor.redis_server import find_server
from tests.object_store import IDENTITIES
from tests.postgresql import programs, unprivileged

WORKERS = ("worker1", "worker2", "worker3")
HOSTS = ("web", "redis", "database", "store", "mail", *WORKERS)
BACKUPS = 8
_PORT = 8000
_DEADLINE = 12 * 60


class Inbox:
    def __init__(self) -> None:
        self.recipients: list[str] = []

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: ARG002, N802
        subject = next(
            line for line in envelope.content.decode().splitlines() if line.startswith("Subject:")
        )
        self.recipients += [f"{each} {subject}" for each in envelope.rcpt_tos]
        return "250 OK"


class Trial:
    def __init__(self, network: Network) -> None:
        self.network = network
        self.began = time.monotonic()
        self.inbox = Inbox()
        self.at = network.addresses
        self.workers: dict[str, Any] = {}
        self.token = ""

    def environment(self, host: str) -> dict[str, str]:
        return {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": os.environ.get("HOME", "/"),
            "DRAWPACK_DATA_DIR": str(self.network.folder / host),
            "DRAWPACK_SECRET_KEY": "the same on every host of the bench",
            "DRAWPACK_BASE_URL": f"http://{self.at['web']}:{_PORT}",
            "DRAWPACK_DATABASE_URL": f"postgresql://drawpack@{self.at['database']}/postgres",
            "DRAWPACK_REDIS_URL": f"redis://:secret@{self.at['redis']}:6379/0",
            "DRAWPACK_STORAGE_URL": "s3://drawpack/bench",
            "DRAWPACK_STORAGE_ENDPOINT": f"http://{self.at['store']}:8333",
            "DRAWPACK_STORAGE_ACCESS_KEY": "drawpack",
            "DRAWPACK_STORAGE_SECRET_KEY": "a secret of the tests",
            "DRAWPACK_MAIL_SERVER": self.at["mail"],
            "DRAWPACK_MAIL_PORT": "2525",
            "DRAWPACK_MAIL_USE_TLS": "no",
            "DRAWPACK_SOFFICE": "no",
        }

    def say(self, text: str) -> None:
        print(f"{time.monotonic() - self.began:6.1f} s  {text}", flush=True)

    def wait(self, for_what: str, condition: Callable[[], Any], pause: float = 0.3) -> Any:
        while time.monotonic() - self.began < _DEADLINE:
            try:
                if found := condition():
                    return found
            except (OSError, psycopg.Error, RuntimeError):
                pass
            time.sleep(pause)
        raise SystemExit(f"{for_what} did not come in time; the logs are in {self.network.folder}.")

    # The hosts

    def start_servers(self) -> None:
        self._start_database()
        redis = [find_server(), "--bind", self.at["redis"], "--requirepass", "secret"]
        self.network.start("redis", [*redis, "--save", "", "--dir", str(self.network.folder)])
        self._start_store()
        with self.network.inside("mail"):
            self.mail = Controller(self.inbox, hostname=self.at["mail"], port=2525)
            self.mail.start()
        self.wait("PostgreSQL", lambda: self.query("SELECT 1"))
        self.wait("the object store", self._store_answers)

    def _start_database(self) -> None:
        folder, who = self.network.folder / "postgresql", unprivileged()
        place = programs()
        assert place, "PostgreSQL is not installed"
        folder.mkdir()
        shutil.chown(folder, who["user"], who["group"])
        as_who = {"uid": who["user"], "gid": who["group"]}
        make = [place / "initdb", "-D", folder / "data", "-U", "drawpack", "--auth=trust"]
        self.network.start("database", [*make, "--locale=C.UTF-8"], **as_who).wait(60)
        with (folder / "data" / "pg_hba.conf").open("a") as file:
            file.write("host all all samenet trust\n")
        serve = [place / "postgres", "-D", folder / "data", "-k", folder, "-h", "*"]
        self.network.start("database", serve, **as_who)

    def _start_store(self) -> None:
        folder = self.network.folder / "objects"
        folder.mkdir()
        (folder / "s3.json").write_text(json.dumps(IDENTITIES))
        address = self.at["store"]
        weed = Path(sys.executable).parent / "weed"
        options = ["-s3", f"-s3.config={folder / 's3.json'}", f"-dir={folder}", f"-ip={address}"]
        more = [f"-ip.bind={address}", "-master.telemetry=false", "-s3.port.iceberg=0"]
        limits = ["-volume.max=30", "-master.volumeSizeLimitMB=64"]
        self.network.start("store", [weed, "server", *options, *more, *limits])

    def _store_answers(self) -> bool:
        probe = "from bench.web_host import probe; probe()"
        self.network.run("web", [sys.executable, "-c", probe], self.environment("web"))
        return True

    def start_web(self) -> None:
        own = self.environment("web")
        self.network.run("web", [sys.executable, "-m", "supervisor.database"], own)
        serve = ["-m", "gunicorn", "-b", f"0.0.0.0:{_PORT}", "--threads", "4"]
        self.network.start(
            "web", [sys.executable, *serve, "--no-control-socket", "app:create_app()"], own
        )

    def start_worker(self, host: str) -> None:
        command = [sys.executable, "worker.py"]
        self.workers[host] = self.network.start(host, command, self.environment(host))

    # Questions

    def query(self, text: str) -> list[dict[str, Any]]:
        with self.network.inside("database"):
            address = f"postgresql://drawpack@{self.at['database']}/postgres"
            with psycopg.connect(address, connect_timeout=3, row_factory=dict_row) as connection:
                found = connection.execute(text.encode())
                return found.fetchall() if found.description else []

    def ask(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        headers |= {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        address = f"http://{self.at['web']}:{_PORT}/api/v1{path}"
        request = urllib.request.Request(address, data, headers)
        with self.network.inside("web"), urllib.request.urlopen(request, timeout=60) as answer:
            return bytes(answer.read())

    def on_web(self, what: str) -> Any:
        command = [sys.executable, "-m", "bench.web_host", what]
        said = self.network.run("web", command, self.environment("web"))
        return json.loads(said.splitlines()[-1])

    def compiling(self) -> dict[str, int]:
        """The backup that each worker host compiles right now."""
        found = {}
        with self.network.inside("redis"), Redis(self.at["redis"], password="secret") as redis:
            for key in redis.scan_iter("rq:worker:*"):
                host, job = redis.hmget(key, "hostname", "current_job")
                parts = (job or b"").decode().split("-")
                if host and parts[0] == "backup" and "batch" not in parts:
                    found[host.decode()] = int(parts[1])
        running = {row["id"] for row in self.query("SELECT id FROM backup WHERE status='running'")}
        return {host: backup for host, backup in found.items() if backup in running}

    def backups(self) -> list[dict[str, Any]]:
        return self.query("SELECT id, status, sha256, error, path FROM backup ORDER BY id")

    def are_over(self) -> bool:
        return all(row["status"] not in {"queued", "running"} for row in self.backups())


def main() -> int:
    if os.geteuid() != 0:
        raise SystemExit("Network namespaces need root.")
    folder = Path(mkdtemp(prefix="drawpack-hosts-"))
    # PostgreSQL runs as somebody else.
    folder.chmod(0o755)
    with Network(HOSTS, folder) as network:
        trial = Trial(network)
        try:
            results = _scenario(trial)
        finally:
            if hasattr(trial, "mail"):
                trial.mail.stop()
    for what, found, is_true in results:
        print(f"{'ok' if is_true else 'NOT SO':<7} {what:<60} {found}")
    is_well = all(is_true for _, _, is_true in results)
    if is_well:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"The logs are in {folder}.")
    return 0 if is_well else 1


_Result = tuple[str, object, bool]


def _scenario(trial: Trial) -> list[_Result]:
    trial.start_servers()
    trial.start_web()
    trial.say("Redis, PostgreSQL, the object store, the mail server and the web host run")
    for host in WORKERS:
        trial.start_worker(host)
    trial.token = trial.on_web("begin")["token"]
    trial.say("a ZIP was uploaded on the web host")
    trial.wait("the import", lambda: trial.on_web("confirm")["status"] == "done", 1)
    project = trial.on_web("project")
    chosen = [number for number in project["contracts"] if _may_compile(trial, project, number)]
    trial.say(f"a worker imported it; {len(chosen)} contracts can be compiled")
    _ask_for(trial, project["id"], chosen, BACKUPS)
    died = _strike(trial, "killed", lambda host: trial.network.kill(trial.workers[host]), ())
    cut = _strike(trial, "cut off", trial.network.cut_off, (died[0],))
    trial.wait("the end of the others", lambda: _are_over_but(trial, cut[1]))
    trial.wait("the word on the two", trial.are_over)
    trial.say("every backup has ended")
    trial.network.connect(cut[0])
    trial.say(f"{cut[0]} has its network again")
    first = trial.backups()
    failed = [row for row in first if row["status"] != "done"]
    _ask_for(trial, project["id"], chosen, len(failed))
    trial.wait("the second run", trial.are_over)
    time.sleep(20)
    rows = trial.backups()
    return [
        ("backups asked for, all ended", _counted(first), len(first) == BACKUPS),
        ("of the hosts that were struck: failed, in words", _words(failed), bool(failed)),
        ("asked for again, all done", _counted(rows[BACKUPS:]), _are_done(rows[BACKUPS:])),
        *_of_mails(trial, rows),
        *_of_files(trial, project["id"], rows),
        _of_bytes(trial, next(row for row in rows if row["status"] == "done")),
    ]


def _may_compile(trial: Trial, project: dict[str, Any], contract: str) -> bool:
    answer = trial.ask(f"/projects/{project['id']}/preflight", {"contracts": [contract]})
    return not json.loads(answer)["blocking"]


def _ask_for(trial: Trial, project: int, contracts: list[str], count: int) -> None:
    for _ in range(count):
        trial.ask(f"/projects/{project}/backups", {"contracts": contracts})
    trial.say(f"{count} backups asked for")


def _strike(
    trial: Trial, what: str, strike: Callable[[str], None], but: tuple[str, ...]
) -> tuple[str, int]:
    """Do it to a worker that compiles right now; which one, and the backup."""
    host, backup = trial.wait(
        "a worker that compiles",
        lambda: next((each for each in trial.compiling().items() if each[0] not in but), None),
        0.02,
    )
    strike(host)
    trial.say(f"{host} is {what} while it compiles backup {backup}")
    return host, backup


def _are_over_but(trial: Trial, backup: int) -> bool:
    rows = trial.backups()
    return all(row["status"] not in {"queued", "running"} for row in rows if row["id"] != backup)


def _of_mails(trial: Trial, rows: list[dict[str, Any]]) -> list[_Result]:
    states = trial.query("SELECT state, count(*) AS many FROM mail_delivery GROUP BY state")
    sent = len([each for each in trial.inbox.recipients if "invited" not in each])
    found = ", ".join(f"{row['many']} {row['state']}" for row in states)
    is_true = sent == len(rows) and {row["state"] for row in states} == {"sent"}
    return [("one mail for each backup, none twice", f"{sent} arrived; {found}", is_true)]


def _of_files(trial: Trial, project: int, rows: list[dict[str, Any]]) -> list[_Result]:
    own = trial.environment("web")
    flask = str(Path(sys.executable).parent / "flask")
    verified = trial.network.run("web", [flask, "storage", "verify"], own).strip()
    same = 0
    done = [row for row in rows if row["status"] == "done"]
    for row in done:
        at = f"/projects/{project}/backups/{row['id']}/file"
        whole = trial.ask(at)
        rest = trial.ask(at, None, Range="bytes=1000000-")
        same += sha256(whole).hexdigest() == row["sha256"] and rest == whole[1_000_000:]
    downloads = f"{same} of {len(done)}"
    kept = list((trial.network.folder / "web" / "backups").glob("*/*.pdf"))
    return [
        ("every file in the store as rows name it", verified.splitlines()[-1], True),
        (
            "downloads from the web host, whole and resumed",
            downloads,
            same == len(done),
        ),
        ("PDFs on the web host's own disk", len(kept), not kept),
    ]


def _of_bytes(trial: Trial, row: dict[str, Any]) -> _Result:
    """The same request again, on hosts whose caches are empty."""
    for host in WORKERS:
        for folder in ("files", "prepared", "drawn", "backups"):
            shutil.rmtree(trial.network.folder / host / folder, ignore_errors=True)
    trial.query(f"DELETE FROM mail_delivery WHERE backup_id = {row['id']}")
    trial.query(f"UPDATE backup SET status = 'queued' WHERE id = {row['id']}")
    trial.wait("the same request again", trial.are_over)
    again = next(each for each in trial.backups() if each["id"] == row["id"])
    is_same = (again["status"], again["sha256"]) == ("done", row["sha256"])
    return "the same request on empty caches: the same bytes", again["status"], is_same


def _are_done(rows: list[dict[str, Any]]) -> bool:
    return bool(rows) and all(row["status"] == "done" for row in rows)


def _counted(rows: list[dict[str, Any]]) -> str:
    counts = Counter(row["status"] for row in rows)
    return ", ".join(f"{many} {status}" for status, many in counts.items())


def _words(rows: list[dict[str, Any]]) -> str:
    return " / ".join(sorted({str(row["error"]) for row in rows}))


if __name__ == "__main__":
    sys.exit(main())
