"""What must be so before anything is started; each failure is one sentence."""

import errno
import fcntl
import os
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Less free space than this and the first upload fails; better to say so now.
NEEDED_BYTES = 100 * 1024 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT}


class CannotStart(SystemExit):
    """Drawpack cannot run; the message says why and what helps."""


@contextmanager
def claimed(data: Path) -> Iterator[int]:
    """Hold the data folder for ourselves; yields the lock's file descriptor.

    The lock is the kernel's: it goes with its last holder, however that ends.
    """
    try:
        # Contracts and invoices are nobody else's business.
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        (data / "logs").mkdir(exist_ok=True)
        descriptor = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as e:
        raise _unusable(data, e) from e
    try:
        if not _lock(descriptor):
            raise CannotStart(_already_running(data, descriptor))
        _sign(data, descriptor)
        yield descriptor
    finally:
        os.close(descriptor)


def check_space(data: Path, needed: int = NEEDED_BYTES) -> None:
    free = shutil.disk_usage(data).free
    if free < needed:
        raise CannotStart(
            f"The disk is full: {data} has {free // 1024**2} MB left and Drawpack needs at least "
            f"{needed // 1024**2} MB. Make room, or set DRAWPACK_DATA_DIR to another disk."
        )


def check_port(host: str, port: int) -> None:
    """Refuse a port that we could not listen on."""
    if not 1 <= port <= 65535:
        raise CannotStart(f"DRAWPACK_PORT must be between 1 and 65535, not {port}.")
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            # On Linux two sockets may share a bound port until one of them listens.
            probe.listen(1)
    except socket.gaierror as e:
        raise CannotStart(f"DRAWPACK_HOST: “{host}” is not an address of this machine.") from e
    except OSError as e:
        raise CannotStart(_why_no_port(host, port, e)) from e


def _why_no_port(host: str, port: int, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"Port {port} is in use by another program. Stop that program, or choose another "
                f"port: DRAWPACK_PORT={port + 1 if port < 65535 else 8000} make run"
            )
        case errno.EACCES:
            return (
                f"Port {port} is reserved for the system's administrator. "
                "Choose one above 1023: DRAWPACK_PORT=8000 make run"
            )
        case errno.EADDRNOTAVAIL:
            return f"DRAWPACK_HOST: “{host}” is not an address of this machine."
    return f"Drawpack cannot listen on port {port} of {host}: {error.strerror}."


def _lock(descriptor: int, *, seconds: float = 1.0) -> bool:
    # A moment's patience: what a killed start left behind is being cleared away.
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        else:
            return True


def _sign(data: Path, descriptor: int) -> None:
    """Leave our process id in the lock file, for the sentence of a second start."""
    try:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
    except OSError as e:
        raise _unusable(data, e) from e


def _already_running(data: Path, descriptor: int) -> str:
    holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
    return (
        f"Drawpack is running already with the data in {data}"
        + (f" (process {holder})" if holder else "")
        + ". Stop it first, or set DRAWPACK_DATA_DIR to another folder."
    )


def _unusable(data: Path, error: OSError) -> CannotStart:
    if error.errno in _FULL:
        return CannotStart(f"The disk is full: nothing can be written to {data}. Make room first.")
    return CannotStart(
        f"Drawpack cannot write to its data folder {data} ({error.strerror}). "
        "Make it writable, or set DRAWPACK_DATA_DIR to another folder."
    )
