"""The whole product under its supervisor, in a data folder of its own; its processes by name."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import TypeVar

from redis import Redis

import settings

#: Who can be killed. A horse is the process of one job; the tree is everything at once.
VICTIMS = ("horse", "worker", "web", "redis", "tree")
#: Seconds for anything that should happen; a quiet machine takes a fraction.
PATIENCE = 120.0
T = TypeVar("T")


class TooSlow(Exception):
    """What should have come did not come."""


def wait_for(condition: Callable[[], T], what: str, seconds: float = PATIENCE) -> T:
    """Ask until it is so. Raises TooSlow."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := condition():
            return answer
        time.sleep(0.05)
    raise TooSlow(f"{what} did not come within {seconds:.0f} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Installation:
    """What `make run` starts."""

    def __init__(self, data: Path, mail_port: int, **more: str) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = {
            "DRAWPACK_DATA_DIR": str(data),
            "DRAWPACK_PORT": str(self.port),
            "DRAWPACK_BASE_URL": self.url,
            "DRAWPACK_WORKERS": "2",
            "DRAWPACK_SOFFICE": "no",
            "DRAWPACK_MAIL_SERVER": "127.0.0.1",
            "DRAWPACK_MAIL_PORT": str(mail_port),
            "DRAWPACK_MAIL_USE_TLS": "no",
            "DRAWPACK_MAIL_TIMEOUT": "5",
            # It ends with us, however we end.
            "MAKELEVEL": "1",
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            **more,
        }
        self._process: subprocess.Popen[str] | None = None
        self.said = ""

    def start(self) -> None:
        """Returns when it is ready; raises TooSlow with its words when it refuses to start."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "supervisor"],
            cwd=settings.ROOT,
            env=self.settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.said = ""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said += line
            if "Ctrl-C" in line:
                return
        self._process.wait()
        raise TooSlow(f"it did not start: {self.said.strip()}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            if self._process.poll() is None:
                self._process.send_signal(how)
            self._process.wait(PATIENCE)
            if self._process.stdout:
                self._process.stdout.close()
        wait_for(lambda: not self._family(), "the end of all processes")

    def is_up(self) -> bool:
        """Whether the supervisor still runs; it gives up on a program that crashes all the time."""
        return self._process is not None and self._process.poll() is None

    def redis(self) -> Redis:
        return Redis.from_url(settings.default_redis_url(self.data), socket_timeout=5)

    def kill(self, victim: str, random: Random) -> bool:
        """SIGKILL one of those that are called so; False where there is none at this moment."""
        if victim == "tree":
            self.stop(signal.SIGKILL)
            return True
        found = self.called(victim)
        if not found:
            return False
        with suppress(ProcessLookupError):
            os.kill(random.choice(found), signal.SIGKILL)
        return True

    def called(self, victim: str) -> list[int]:
        """The processes of that name, in the order of their numbers."""
        family = self._family()
        leaders = {
            "worker": [pid for pid in _with(family, "worker.py") if os.getsid(pid) == pid],
            "web": [pid for pid in _with(family, "gunicorn") if os.getsid(pid) == pid],
            "redis": _with(family, "redis.sock"),
        }
        if victim == "horse":
            workers = leaders["worker"]
            return [pid for pid in family if _parent(pid) in workers and _group(pid) == pid]
        return leaders[victim]

    def all(self) -> dict[int, str]:
        """Name by process number of all that run."""
        names = {pid: name for name in VICTIMS[:4] for pid in self.called(name)}
        return {pid: names.get(pid, _short(command)) for pid, command in self._family().items()}

    def _family(self) -> dict[int, str]:
        """Command line by process number, of all that were started for this data folder."""
        mark, found = f"DRAWPACK_DATA_DIR={self.data}\0", {}
        for folder in Path("/proc").iterdir():
            with suppress(OSError, ValueError):
                environment = (folder / "environ").read_bytes().decode(errors="replace")
                command = (folder / "cmdline").read_bytes().decode(errors="replace")
                # Valkey writes its title over its environment.
                if command and (mark in environment or f"{self.data}/redis.sock" in command):
                    found[int(folder.name)] = command.replace("\0", " ")
        return dict(sorted(found.items()))


def _with(family: Mapping[int, str], word: str) -> list[int]:
    found = []
    for pid, command in family.items():
        with suppress(ProcessLookupError):
            if word in command and os.getsid(pid):
                found.append(pid)
    return found


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except OSError:
        return 0


def _short(command: str) -> str:
    for word in ("supervisor", "keeper", "gunicorn", "worker.py", "workshop"):
        if word in command:
            return {"gunicorn": "web", "worker.py": "chores"}.get(word, word)
    return "other"
