"""Whether a worker that RQ lists still runs, as far as this machine can tell."""

import os
import socket
import subprocess
from pathlib import Path
from uuid import uuid4

from services.system.listed import workers as listed

__all__ = ["beginning", "fresh_name", "is_alive", "listed"]


def fresh_name() -> str:
    """For a worker that is this process. When it began is in it, since its number is somebody
    else's one day; and no time of day, since clocks are set."""
    return f"{uuid4().hex}-{beginning(os.getpid())}"


def is_alive(name: str, pid: int | None, host: str | None) -> bool:
    """Whether the worker of that name still runs.

    One of another host counts as alive: its numbers are not ours, and its heartbeat tells in time.
    """
    if host and host != socket.gethostname():
        return True
    # We are not on the list yet: whoever had our number is gone.
    if pid is None or pid == os.getpid():
        return False
    return name.rpartition("-")[2] == beginning(pid)


def beginning(pid: int) -> str | None:
    """What tells this process from all others of its number; None when there is no such process."""
    if Path("/proc/self/stat").exists():
        return _by_proc(pid)
    return _by_ps(pid)


def _by_proc(pid: int) -> str | None:
    try:
        # The name in parentheses may hold anything; field 22 is the start in ticks after boot.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return None


def _by_ps(pid: int) -> str | None:
    """macOS and other systems without /proc."""
    environment = {**os.environ, "LC_ALL": "C", "TZ": "UTC0"}
    listed = subprocess.run(  # noqa: S603
        ["ps", "-o", "lstart=", "-p", str(pid)],  # noqa: S607
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return "".join(filter(str.isalnum, listed.stdout)) or None
