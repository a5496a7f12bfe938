"""Run a function in a forked child with limits, so that a hostile file harms nothing but its own
child."""

import ctypes
import json
import os
import resource
import select
import signal
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from binder.cage import Cage, lock_in
from binder.limits import Limits

_PR_SET_PDEATHSIG = 1
_OUT_OF_MEMORY = 101
#: Bytes, many times the facts of the largest file: who has taken a child over may never stop.
LONGEST_ANSWER = 64 << 20


class ChildFailed(Exception):
    """The child ended without an answer. `why` is one of: crashed, too slow, out of memory, output
    too large."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def run_limited(
    function: Callable[[], dict[str, Any]], limits: Limits, cage: Cage | None = None
) -> dict[str, Any]:
    """The JSON-able dict that `function` returns, computed in a child under `limits` that can reach
    nothing but `cage`, if there is one.

    Forking costs a few milliseconds and no new interpreter. Raises ChildFailed when the child
    crashes, runs out of a limit or raises; what an exception says is not passed on.
    """
    read_end, write_end = os.pipe()
    child = fork()
    if child == 0:
        os.close(read_end)
        leave_after(lambda: _answer(function, limits, cage, write_end))
    os.close(write_end)
    answer = None
    try:
        answer = _read_until(read_end, time.monotonic() + limits.wall_seconds)
    finally:
        os.close(read_end)
        if answer is None:
            os.kill(child, signal.SIGKILL)
        code = exit_code_of(child)
    if answer is None:
        raise ChildFailed("too slow")
    if code != 0:
        raise failure_of(code)
    return parsed(answer)


def parsed(answer: bytes) -> dict[str, Any]:
    """What a child has said. Raises ChildFailed where it makes no sense: it may not be itself."""
    try:
        result = json.loads(answer)
    except (ValueError, RecursionError) as e:
        raise ChildFailed("crashed") from e
    if not isinstance(result, dict):
        raise ChildFailed("crashed")
    return result


def _answer(
    function: Callable[[], dict[str, Any]], limits: Limits, cage: Cage | None, write_end: int
) -> None:
    keep_only(write_end)
    confine(limits)
    if cage:
        lock_in(cage)
    # Beyond the hard limit the kernel kills without telling why.
    _lower(resource.RLIMIT_CPU, limits.cpu_seconds, spare=2)
    write_all(write_end, json.dumps(function()).encode())


def keep_only(*kept: int) -> None:
    """Close what else was inherited: the parent's sockets and locks are not the child's to hold."""
    start = 3
    for end in sorted(kept):
        os.closerange(start, end)
        start = end + 1
    os.closerange(start, 65_536)


def fork() -> int:
    """The child's process number; 0 in the child."""
    with warnings.catch_warnings():
        # Newer Pythons warn about forking beside NumPy's idle threads; the child never uses them.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def exit_code_of(child: int) -> int:
    """Wait for the child; its code, or the negative number of the signal that ended it."""
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def failure_of(code: int) -> ChildFailed:
    """What a child died of."""
    if code in {-signal.SIGXCPU, -signal.SIGALRM}:
        return ChildFailed("too slow")
    if code == -signal.SIGXFSZ:
        return ChildFailed("output too large")
    return ChildFailed("out of memory" if code == _OUT_OF_MEMORY else "crashed")


def write_all(file: int, data: bytes) -> None:
    """Write everything to a pipe."""
    while data:
        data = data[os.write(file, data) :]


def _read_until(read_end: int, deadline: float) -> bytes | None:
    """Everything the child writes, or None when the deadline passes first. Raises ChildFailed for
    what is too long to be an answer."""
    parts: list[bytes] = []
    read = 0
    poller = select.poll()
    poller.register(read_end, select.POLLIN | select.POLLHUP)
    while (left := deadline - time.monotonic()) > 0:
        if not poller.poll(left * 1000):
            break
        part = os.read(read_end, 1 << 16)
        if not part:
            return b"".join(parts)
        parts.append(part)
        read += len(part)
        if read > LONGEST_ANSWER:
            raise ChildFailed("output too large")
    return None


def leave_after(work: Callable[[], None]) -> NoReturn:
    """Do the child's work and end it: neither the parent's `finally` clauses nor its exit handlers
    may run twice."""
    code = 1
    try:
        work()
        code = 0
    except MemoryError:
        code = _OUT_OF_MEMORY
    except BaseException:  # noqa: BLE001 - the parent reports whatever happened as a crash
        code = 1
    finally:
        os._exit(code)


def confine(limits: Limits) -> None:
    """Put this process, a child, under all of `limits` but time."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGXCPU, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_FSIZE, limits.output)
    if sys.platform == "linux":
        _lower(resource.RLIMIT_AS, _address_space() + limits.memory)
    # Foreign libraries write their complaints about a file to standard error, which is not theirs;
    # and into a terminal, words could be put as if a person had typed them.
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nothing, standard)
    os.close(nothing)


def _lower(which: int, value: int, spare: int = 0) -> None:
    _, hard = resource.getrlimit(which)
    most = value + spare if hard == resource.RLIM_INFINITY else min(value + spare, hard)
    resource.setrlimit(which, (min(value, most), most))


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()
