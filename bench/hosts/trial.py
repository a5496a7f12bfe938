"""The hosts of a trial and what runs on them."""

import json
import os
import shutil
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from aiosmtpd.controller import Controller
from psycopg.rows import dict_row
from redis import Redis

from bench.hosts.network import Network
from supervisor.redis_server import find_server
from tests.object_store import IDENTITIES
from tests.postgresql import programs, unprivileged

WORKERS = ("worker1", "worker2", "worker3")
HOSTS = ("web", "redis", "database", "store", "mail", *WORKERS)
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
        more = [
            f"-ip.bind={address}",
            "-master.telemetry=false",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
        ]
        limits = ["-volume.max=30", "-master.volumeSizeLimitMB=64"]
        self.network.start("store", [weed, "server", *options, *more, *limits])

    def _store_answers(self) -> bool:
        probe = "from bench.hosts.web_host import probe; probe()"
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
        command = [sys.executable, "-m", "bench.hosts.web_host", what]
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
