"""Whether a worker that RQ lists still runs, as far as this machine can tell."""

import os
import socket
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

#: A worker registers a moment after its process began, and clocks are set now and then.
_TOLERANCE = timedelta(seconds=10)


def is_alive(pid: int | None, registered: datetime | None, host: str | None = None) -> bool:
    """Whether the worker that registered with this number still runs.

    Where another process has the number by now, that one began after the worker registered. One of
    another host counts as alive: its numbers are not ours, and its heartbeat tells in time.
    """
    if host and host != socket.gethostname():
        return True
    # We are not on the list yet: whoever had our number is gone.
    if pid is None or pid == os.getpid():
        return False
    began = began_at(pid)
    if began is None:
        return False
    return registered is None or began <= registered + _TOLERANCE


def began_at(pid: int) -> datetime | None:
    """When the process began, to the second; None when there is no such process."""
    if Path("/proc/self/stat").exists():
        return _by_proc(pid)
    return _by_ps(pid)


def _by_proc(pid: int) -> datetime | None:
    try:
        # The name in parentheses may hold anything; field 22 is the start in ticks after boot.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    system = Path("/proc/stat").read_text().splitlines()
    boot = next(int(line.split()[1]) for line in system if line.startswith("btime "))
    ticks = os.sysconf("SC_CLK_TCK")
    return datetime.fromtimestamp(boot + int(fields[19]) / ticks, UTC)


def _by_ps(pid: int) -> datetime | None:
    """macOS and other systems without /proc."""
    environment = {**os.environ, "LC_ALL": "C", "TZ": "UTC0"}
    listed = subprocess.run(  # noqa: S603
        ["ps", "-o", "lstart=", "-p", str(pid)],  # noqa: S607
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if not (said := listed.stdout.strip()):
        return None
    return datetime.strptime(said, "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
