"""A filter for system calls: what no reader of files needs, and what an intruder wants."""

import ctypes
import os
import platform
import struct
from collections.abc import Callable

from binder.system_calls import CLONE3, LOOKED_AT, MACHINES, REFUSED

_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_LEAST, _JUMP_IF_BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE, _UNKNOWN = 0x7FFF0000, 0x00050000 | 1, 0x00050000 | 38  # EPERM, ENOSYS
#: Calls of another kind of program on the same machine, numbered apart.
_X32 = 0x40000000
#: Where the parts of a call lie in `struct seccomp_data`; arguments by their place from 1.
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, {1: 16, 2: 24, 3: 32}

_CLONE_THREAD = 0x10000
#: Have the kernel send signals to another process (F_SETOWN, F_SETSIG, F_SETOWN_EX).
_OWNERS = (8, 10, 15)
_PR_SET_PDEATHSIG = 1
_AF_UNIX = 1
#: Bits of every kind of socket but a stream.
_NO_STREAM = 0b1110
_W_OK = 2

#: (code, value, where to go if so, where to go if not); None is the next step.
_Step = tuple[int, int, str | None, str | None]
#: The steps of a call, for the process of this number.
_Look = Callable[[int], list[_Step]]


def _argument(place: int, *steps: _Step) -> list[_Step]:
    return [(_LOAD, _ARGUMENTS[place], None, None), *steps]


#: How a call is judged that is allowed or refused by its arguments.
_LOOKS: dict[str, _Look] = {
    "clone": lambda _: _argument(1, (_JUMP_IF_BITS, _CLONE_THREAD, "allow", "refuse")),
    # A library that gives up raises a signal in itself.
    "tgkill": lambda own: _argument(1, (_JUMP_IF_EQUAL, own, "allow", "refuse")),
    # Nobody else's: a server that may open no more files is down.
    "prlimit64": lambda own: _argument(
        1, (_JUMP_IF_EQUAL, 0, "allow", None), (_JUMP_IF_EQUAL, own, "allow", "refuse")
    ),
    "fcntl": lambda _: _argument(
        2,
        *((_JUMP_IF_EQUAL, command, "refuse", None) for command in _OWNERS[:-1]),
        (_JUMP_IF_EQUAL, _OWNERS[-1], "refuse", "allow"),
    ),
    # Who has asked to end with his parent cannot take it back.
    "prctl": lambda _: _argument(1, (_JUMP_IF_EQUAL, _PR_SET_PDEATHSIG, "refuse", "allow")),
}
#: Of a program of others: it listens where Landlock lets it, and connects to nobody.
_LOOKS_OF_PROGRAMS: dict[str, _Look] = _LOOKS | {
    "socket": lambda _: [
        *_argument(1, (_JUMP_IF_EQUAL, _AF_UNIX, None, "refuse")),
        *_argument(2, (_JUMP_IF_BITS, _NO_STREAM, "refuse", "allow")),
    ],
    # Landlock is not asked what could be written, only the mode of a file. LibreOffice would take
    # /tmp for its own.
    "access": lambda _: _argument(2, (_JUMP_IF_EQUAL, _W_OK, "refuse", "allow")),
    "faccessat": lambda _: _argument(3, (_JUMP_IF_EQUAL, _W_OK, "refuse", "allow")),
    "faccessat2": lambda _: _argument(3, (_JUMP_IF_EQUAL, _W_OK, "refuse", "allow")),
}
#: What it must do itself to be started and to listen.
_DONE_BY_PROGRAMS = {"execve", "bind"}


def refuse_calls(*, for_program: bool = False) -> bool:
    """From now on this process and its threads only compute, and read and write files; it may
    become another program `for_program`. False where the kernel refuses; on a machine whose calls
    we do not know, nothing happens."""
    program = _program(for_program=for_program)
    if not program:
        return True
    steps = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(steps))
    kept = ctypes.create_string_buffer(header, len(header))
    mode = ctypes.c_ulong(_SECCOMP_MODE_FILTER)
    return bool(ctypes.CDLL(None).prctl(_PR_SET_SECCOMP, mode, kept, 0, 0) == 0)


def _program(*, for_program: bool = False) -> bytes:
    architecture, column = MACHINES.get(platform.machine(), (0, 0))
    if not architecture:
        return b""
    given = _LOOKS_OF_PROGRAMS if for_program else _LOOKS
    kept = _DONE_BY_PROGRAMS if for_program else set()
    looks = {name: look for name, look in given.items() if LOOKED_AT[name][column] is not None}
    refused = [call[column] for name, call in REFUSED.items() if name not in {*kept, *looks}]
    steps: list[_Step] = [
        (_LOAD, _ARCHITECTURE, None, None),
        (_JUMP_IF_EQUAL, architecture, None, "refuse"),
        (_LOAD, _NUMBER, None, None),
        (_JUMP_IF_LEAST, _X32, "refuse", None),
        *((_JUMP_IF_EQUAL, number, "refuse", None) for number in refused if number is not None),
        # The C library then asks by `clone`, whose flags can be seen from here.
        (_JUMP_IF_EQUAL, CLONE3, "unknown", None),
        *((_JUMP_IF_EQUAL, LOOKED_AT[name][column] or 0, name, None) for name in looks),
        (_RETURN, _ALLOW, None, None),
    ]
    places: dict[str, int] = {}
    for name, look in looks.items():
        places[name] = len(steps)
        steps += look(os.getpid())
    for name, value in {"allow": _ALLOW, "refuse": _REFUSE, "unknown": _UNKNOWN}.items():
        places[name] = len(steps)
        steps.append((_RETURN, value, None, None))
    return b"".join(
        struct.pack("HBBI", code, _distance(places, i, so), _distance(places, i, not_so), value)
        for i, (code, value, so, not_so) in enumerate(steps)
    )


def _distance(places: dict[str, int], here: int, target: str | None) -> int:
    return 0 if target is None else places[target] - here - 1
