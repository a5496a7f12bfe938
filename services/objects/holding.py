"""Who uses a file says so before opening it, or before naming it, so that the sweep leaves it."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path


def touched(data: Path, path: Path) -> bool:
    """Whether the file is here; then it is as if just read, and stays for as long as a job takes.

    File systems note when a file was read once a day at most, so we do it.
    """
    with held_off(data):
        try:
            os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))
        except FileNotFoundError:
            return False
        return True


def removed(data: Path, path: Path, unless_used_after: float) -> bool:
    """Remove the file unless somebody has touched or written it since; whether it is gone."""
    with _lock(data, fcntl.LOCK_EX):
        try:
            found = path.stat()
            if max(found.st_atime, found.st_mtime) > unless_used_after:
                return False
            path.unlink()
        except FileNotFoundError:
            pass
        return True


def held_off(data: Path) -> AbstractContextManager[None]:
    """Nobody removes a file meanwhile: for who puts another one in its place."""
    return _lock(data, fcntl.LOCK_SH)


@contextmanager
def _lock(data: Path, kind: int) -> Iterator[None]:
    # Each has an open file of its own, so threads wait for each other as processes do.
    descriptor = os.open(data / "cache-lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, kind)
        yield
    finally:
        os.close(descriptor)
