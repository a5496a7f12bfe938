"""Kills what we started when we are gone: run as a program of its own by `processes.Keeper`.

Reads lines `+<session>` and `-<session>` from its standard input. When that ends, because the
supervisor was closed or killed, it kills every process of the sessions still on its list. This
also reaches grandchildren, and works alike on Linux and macOS. Imports nothing of ours, so that it
starts at once and stays small.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path


def main() -> None:
    sessions: set[int] = set()
    for line in sys.stdin.buffer:
        session = int(line[1:])
        if line.startswith(b"+"):
            sessions.add(session)
        else:
            sessions.discard(session)
    for session in sessions:
        kill_session(session)


def kill_session(session: int) -> None:
    """SIGKILL every process of the session, again until none is left to fork another."""
    while members := [pid for pid in _living() if _session_of(pid) == session]:
        for pid in members:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def _living() -> list[int]:
    """All process ids but those of the dead that wait for their parent to notice."""
    if Path("/proc/self/stat").exists():
        ids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        return [pid for pid in ids if _state(pid) not in {"Z", "X"}]
    command = ["/bin/ps", "-axo", "pid=,stat="]
    rows = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    return [int(pid) for pid, state in (row.split() for row in rows) if state[0] != "Z"]


def _state(pid: int) -> str:
    try:
        # The name before it is in parentheses and may itself contain some.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


if __name__ == "__main__":
    main()
