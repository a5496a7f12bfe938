"""Becomes another program, confined: `python -I -S launcher.py SECONDS MEMORY OUTPUT PROGRAM ...`.

Lowers its own limits (seconds of processor time, bytes of address space, bytes of any file), gives
up the network and replaces itself by the program. Imports nothing of ours, so that it starts at
once.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | 13  # EACCES
#: By machine: the kernel's number of the architecture, and of the calls `socket`.
_MACHINES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
_IO_URING_SETUP = 425
_X32 = 0x40000000
_AF_UNIX = 1
_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06


def main() -> None:
    seconds, memory, output = map(int, sys.argv[1:4])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (output, output))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        _end_with_parent()
        _leave_network()
    os.execv(sys.argv[4], sys.argv[4:])  # noqa: S606 - no shell is the point


def _end_with_parent() -> None:
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _leave_network() -> None:
    """From now on only sockets within this machine's file system can be made (seccomp), by this
    process and all that it starts."""
    arch, socket = _MACHINES.get(platform.machine(), (0, 0))
    if not arch:
        return
    program = b"".join(
        struct.pack("HBBI", *step)
        for step in (
            (_LOAD, 0, 0, 4),  # the architecture
            (_JUMP_IF_EQUAL, 0, 7, arch),
            (_LOAD, 0, 0, 0),  # the number of the call
            (_JUMP_IF_LEAST, 5, 0, _X32),
            (_JUMP_IF_EQUAL, 4, 0, _IO_URING_SETUP),
            (_JUMP_IF_EQUAL, 0, 2, socket),
            (_LOAD, 0, 0, 16),  # its first argument
            (_JUMP_IF_EQUAL, 0, 1, _AF_UNIX),
            (_RETURN, 0, 0, _ALLOW),
            (_RETURN, 0, 0, _REFUSE),
        )
    )
    steps = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(steps))
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.create_string_buffer(header, len(header)))


def _prctl(what: int, value: int, more: object = 0) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(what, ctypes.c_ulong(value), more, 0, 0):
        # Rather not at all than with a door open.
        sys.exit(f"prctl {what}: {os.strerror(ctypes.get_errno())}")


if __name__ == "__main__":
    main()
