"""Who uses a file of the cache says so before opening it, so that the sweep leaves it alone."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def touched(data: Path, path: Path) -> bool:
    """Whether the file is here; then it is as if just read, and stays for as long as a job takes.

    File systems note when a file was read once a day at most, so we do it.
    """
    with _lock(data, fcntl.LOCK_SH):
        try:
            os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))
        except FileNotFoundError:
            return False
        return True


def removed(data: Path, path: Path, unless_read_after: float) -> bool:
    """Remove the file unless somebody has touched it since; whether it is gone."""
    with _lock(data, fcntl.LOCK_EX):
        try:
            if path.stat().st_atime > unless_read_after:
                return False
            path.unlink()
        except FileNotFoundError:
            pass
        return True


@contextmanager
def _lock(data: Path, kind: int) -> Iterator[None]:
    # Each has an open file of its own, so threads wait for each other as processes do.
    descriptor = os.open(data / "cache-lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, kind)
        yield
    finally:
        os.close(descriptor)
