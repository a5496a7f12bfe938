"""A filter for system calls: what no reader of files needs, and what an intruder wants."""

import ctypes
import os
import platform
import struct

_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_LEAST, _JUMP_IF_BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE, _UNKNOWN = 0x7FFF0000, 0x00050000 | 1, 0x00050000 | 38  # EPERM, ENOSYS
#: Calls of another kind of program on the same machine, numbered apart.
_X32 = 0x40000000
_CLONE_THREAD = 0x10000
#: Where the parts of a call lie in `struct seccomp_data`.
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
#: Numbers of each call on x86_64 and aarch64 (<asm/unistd.h>); None where there is none.
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    # The network, and every other way to speak to a process.
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200),
    "io_uring_setup": (425, 425),
    # Other programs and processes.
    "execve": (59, 221), "execveat": (322, 281), "fork": (57, None), "vfork": (58, None),
    "kill": (62, 129), "tkill": (200, 130), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "pidfd_send_signal": (424, 424), "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    # The memory of other processes, and doors of the kernel.
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "mount": (165, 40), "umount2": (166, 39), "unshare": (272, 97), "setns": (308, 268),
    "chroot": (161, 51), "pivot_root": (155, 41), "open_by_handle_at": (304, 265),
}  # fmt: skip
_CLONE, _CLONE3, _TGKILL = (56, 220), (435, 435), (234, 131)

#: (code, value, where to go if so, where to go if not); None is the next step.
_Step = tuple[int, int, str | None, str | None]


def refuse_calls() -> bool:
    """From now on this process and its threads only compute, and read and write files. False where
    the kernel or the machine has no such filter."""
    program = _program()
    if not program:
        return False
    steps = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(steps))
    kept = ctypes.create_string_buffer(header, len(header))
    mode = ctypes.c_ulong(_SECCOMP_MODE_FILTER)
    return bool(ctypes.CDLL(None).prctl(_PR_SET_SECCOMP, mode, kept, 0, 0) == 0)


def _program() -> bytes:
    architecture, column = _MACHINES.get(platform.machine(), (0, 0))
    if not architecture:
        return b""
    numbers = [call[column] for call in _REFUSED.values()]
    steps: list[_Step] = [
        (_LOAD, _ARCHITECTURE, None, None),
        (_JUMP_IF_EQUAL, architecture, None, "refuse"),
        (_LOAD, _NUMBER, None, None),
        (_JUMP_IF_LEAST, _X32, "refuse", None),
        *((_JUMP_IF_EQUAL, number, "refuse", None) for number in numbers if number is not None),
        # The C library then asks by `clone`, whose flags can be seen from here.
        (_JUMP_IF_EQUAL, _CLONE3[column], "unknown", None),
        (_JUMP_IF_EQUAL, _CLONE[column], "clone", None),
        (_JUMP_IF_EQUAL, _TGKILL[column], "signal", "allow"),
    ]
    places = {"clone": len(steps)}
    steps += [
        (_LOAD, _FIRST_ARGUMENT, None, None),
        (_JUMP_IF_BITS, _CLONE_THREAD, "allow", "refuse"),
    ]
    places["signal"] = len(steps)
    # A library that gives up raises a signal in itself.
    steps += [
        (_LOAD, _FIRST_ARGUMENT, None, None),
        (_JUMP_IF_EQUAL, os.getpid(), "allow", "refuse"),
    ]
    for name, value in {"allow": _ALLOW, "refuse": _REFUSE, "unknown": _UNKNOWN}.items():
        places[name] = len(steps)
        steps.append((_RETURN, value, None, None))
    return b"".join(
        struct.pack("HBBI", code, _distance(places, i, so), _distance(places, i, not_so), value)
        for i, (code, value, so, not_so) in enumerate(steps)
    )


def _distance(places: dict[str, int], here: int, target: str | None) -> int:
    return 0 if target is None else places[target] - here - 1
