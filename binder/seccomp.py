"""A filter for system calls: what no reader of files needs, and what an intruder wants."""

import ctypes
import os
import platform
import struct
from collections.abc import Callable

_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_LEAST, _JUMP_IF_BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE, _UNKNOWN = 0x7FFF0000, 0x00050000 | 1, 0x00050000 | 38  # EPERM, ENOSYS
#: Calls of another kind of program on the same machine, numbered apart.
_X32 = 0x40000000
_CLONE_THREAD = 0x10000
#: Where the parts of a call lie in `struct seccomp_data`.
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _SECOND_ARGUMENT = 0, 4, 16, 24
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
    "pidfd_getfd": (438, 438), "setpriority": (141, 140), "ioprio_set": (251, 30),
    "sched_setscheduler": (144, 119), "sched_setparam": (142, 118), "sched_setattr": (314, 274),
    "sched_setaffinity": (203, 122),
    # What is shared with other processes without a file.
    "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "semget": (64, 190),
    "semop": (65, 193), "semctl": (66, 191), "semtimedop": (220, 192), "msgget": (68, 186),
    "msgsnd": (69, 189), "msgrcv": (70, 188), "msgctl": (71, 187), "mq_open": (240, 180),
    # The memory of other processes, and doors of the kernel.
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "process_mrelease": (448, 448), "kcmp": (312, 272),
    "get_robust_list": (274, 100), "migrate_pages": (256, 238), "move_pages": (279, 239),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "mount": (165, 40), "umount2": (166, 39), "unshare": (272, 97), "setns": (308, 268),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsmount": (432, 432), "mount_setattr": (442, 442), "fanotify_init": (300, 262),
    "chroot": (161, 51), "pivot_root": (155, 41), "open_by_handle_at": (304, 265),
    # Landlock does not ask whose mode, owner or dates these change.
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "removexattrat": (466, 466), "utime": (132, None), "utimes": (235, None),
    "futimesat": (261, None), "utimensat": (280, 88), "file_setattr": (469, 469),
    # For who runs everything as root.
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "reboot": (169, 142),
    "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89), "syslog": (103, 116),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171),
    "clock_adjtime": (305, 266), "sethostname": (170, 161), "iopl": (172, None),
    "ioperm": (173, None),
}  # fmt: skip
_CLONE, _CLONE3, _TGKILL = (56, 220), (435, 435), (234, 131)
_PRLIMIT, _FCNTL, _PRCTL = (302, 261), (72, 25), (157, 167)
#: Have the kernel send signals to another process (F_SETOWN, F_SETSIG, F_SETOWN_EX).
_OWNERS = (8, 10, 15)
_PR_SET_PDEATHSIG = 1

#: (code, value, where to go if so, where to go if not); None is the next step.
_Step = tuple[int, int, str | None, str | None]

#: What an argument must be, for the process of this number, where the call alone does not say.
_LOOKS: dict[str, Callable[[int], list[_Step]]] = {
    "clone": lambda _: [
        (_LOAD, _FIRST_ARGUMENT, None, None),
        (_JUMP_IF_BITS, _CLONE_THREAD, "allow", "refuse"),
    ],
    # A library that gives up raises a signal in itself.
    "signal": lambda own: [
        (_LOAD, _FIRST_ARGUMENT, None, None),
        (_JUMP_IF_EQUAL, own, "allow", "refuse"),
    ],
    # Nobody else's: a server that may open no more files is down.
    "limit": lambda own: [
        (_LOAD, _FIRST_ARGUMENT, None, None),
        (_JUMP_IF_EQUAL, 0, "allow", None),
        (_JUMP_IF_EQUAL, own, "allow", "refuse"),
    ],
    "owner": lambda _: [
        (_LOAD, _SECOND_ARGUMENT, None, None),
        *((_JUMP_IF_EQUAL, command, "refuse", None) for command in _OWNERS[:-1]),
        (_JUMP_IF_EQUAL, _OWNERS[-1], "refuse", "allow"),
    ],
    # Who has asked to end with his parent cannot take it back.
    "parent": lambda _: [
        (_LOAD, _FIRST_ARGUMENT, None, None),
        (_JUMP_IF_EQUAL, _PR_SET_PDEATHSIG, "refuse", "allow"),
    ],
}


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
        (_JUMP_IF_EQUAL, _TGKILL[column], "signal", None),
        (_JUMP_IF_EQUAL, _PRLIMIT[column], "limit", None),
        (_JUMP_IF_EQUAL, _FCNTL[column], "owner", None),
        (_JUMP_IF_EQUAL, _PRCTL[column], "parent", "allow"),
    ]
    places: dict[str, int] = {}
    for name, looks in _LOOKS.items():
        places[name] = len(steps)
        steps += looks(os.getpid())
    for name, value in {"allow": _ALLOW, "refuse": _REFUSE, "unknown": _UNKNOWN}.items():
        places[name] = len(steps)
        steps.append((_RETURN, value, None, None))
    return b"".join(
        struct.pack("HBBI", code, _distance(places, i, so), _distance(places, i, not_so), value)
        for i, (code, value, so, not_so) in enumerate(steps)
    )


def _distance(places: dict[str, int], here: int, target: str | None) -> int:
    return 0 if target is None else places[target] - here - 1
