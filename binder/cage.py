"""What a child that reads hostile files cannot do, whatever code a file makes it run.

Two things of the Linux kernel, both without any privilege and not to be undone by who is inside:
seccomp refuses system calls (no sockets, no other program, nothing of another process, no modes or
dates of files), Landlock opens only named folders. Where a kernel lacks one of them the other still
holds; elsewhere than on Linux the limits of `binder.isolation` are all there is.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from binder import seccomp

_PR_SET_NO_NEW_PRIVS = 38
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULE_PATH_BENEATH = 1
_VERSION = 1
#: <linux/landlock.h>: rights by their first version. Execute, read a file, read a folder.
_READ = 0b1101
#: Write, remove, make, refer, truncate.
_RIGHTS = {1: (1 << 13) - 1, 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
#: A rule about a file may name no right that only folders have.
_OF_FILES = 0b111 | 1 << 14 | 1 << 15
#: What nobody in a cage makes or does: start a file, make devices, pipes and symbolic links, which
#: would lead whoever opens a result elsewhere.
_NEVER = 1 | 1 << 6 | 1 << 10 | 1 << 11 | 1 << 12
#: Folders, which would stand in the way of who puts a file there, and sockets: only a program of
#: others makes them.
_OF_PROGRAMS = 1 << 7 | 1 << 9
_TCP, _SCOPES = 0b11, 0b11
_ROOT = Path(__file__).resolve().parent.parent
#: What Python, its libraries and our drawing read, also when they load a part late. Not the folder
#: of the product itself: the data folder may lie in it.
_SYSTEM = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share", "/nix/store"),
    *("/etc/fonts", "/etc/localtime", "/etc/ld.so.cache", "/proc/self", "/sys/devices/system/cpu"),
    *(str(_ROOT / name) for name in ("binder", "billing", "static")),
)
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")


@dataclass(frozen=True, slots=True)
class Cage:
    """The folders that stay open: to read in, and to read and write in."""

    reads: tuple[str, ...]
    writes: tuple[str, ...]


def room(path: str) -> str:
    """The folder to open for a file: where files are spread over folders by the first letters of
    their hash, the one above, so that one child can serve many files."""
    return _room(os.path.dirname(path))  # noqa: PTH120 - a Path costs as much as all the rest


@lru_cache(maxsize=1024)
def _room(name: str) -> str:
    # Kept: to follow every part of a path costs a small file as much as reading it.
    folder = Path(name).resolve()
    is_spread = len(folder.name) == 2 and all(c in "0123456789abcdef" for c in folder.name)
    return str(folder.parent if is_spread else folder)


def lock_in(cage: Cage, *, for_program: bool = False) -> bool:
    """Close everything but `cage` for this process, for good; whether all that this kernel has
    holds. `for_program`: it is about to become another program."""
    if sys.platform != "linux":
        return True
    # Also what makes both of them possible without privilege.
    if ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), 0, 0, 0):
        return False
    made = _OF_PROGRAMS if for_program else 0
    return _close_folders(cage, made) and seccomp.refuse_calls(for_program=for_program)


def landlock_version() -> int:
    """0 where this kernel has none, or has it switched off."""
    if sys.platform != "linux":
        return 0
    return max(0, _call(_CREATE_RULESET, None, 0, _VERSION))


def _close_folders(cage: Cage, made: int) -> bool:
    version = landlock_version()
    if not version:
        return True
    handled = sum(right for first, right in _RIGHTS.items() if first <= version)
    network = _TCP if version >= 4 else 0
    scopes = _SCOPES if version >= 6 else 0
    attributes = struct.pack("QQQ", handled, network, scopes)
    # Older kernels know only the front of it.
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules = _call(_CREATE_RULESET, attributes[:size], size, 0)
    if rules < 0:
        return False
    _open(rules, (*_SYSTEM, f"{sys.base_prefix}/lib", *_libraries(), *cage.reads), _READ)
    _open(rules, (*_DEVICES, *cage.writes), handled & ~(_NEVER | _OF_PROGRAMS) | made)
    is_closed = _call(_RESTRICT_SELF, rules, 0) == 0
    os.close(rules)
    return is_closed


def _libraries() -> Iterable[str]:
    """Where modules are looked for; not the product's own folder, see `_SYSTEM`."""
    return (path for path in sys.path if path and not _ROOT.is_relative_to(Path(path).resolve()))


def _open(rules: int, paths: Iterable[str], rights: int) -> None:
    for path in paths:
        try:
            opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        allowed = rights if Path(path).is_dir() else rights & _OF_FILES
        _call(_ADD_RULE, rules, _RULE_PATH_BENEATH, struct.pack("=Qi", allowed, opened), 0)
        os.close(opened)


def _call(number: int, *arguments: int | bytes | None) -> int:
    made = ctypes.CDLL(None, use_errno=True).syscall
    made.restype = ctypes.c_long
    given = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return int(made(ctypes.c_long(number), *given))
