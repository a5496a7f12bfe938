"""A confined child that works through many files, so that a small file does not cost a fork.

A file that crashes, hangs or exceeds a limit takes only its own child with it: the next file gets a
new one. A child is also replaced after a number of files, so that nothing accumulates.
"""

import ctypes
import gc
import json
import math
import os
import resource
import select
import signal
import threading
import time
from collections.abc import Callable
from typing import Any, NoReturn

from binder import isolation
from binder.cage import Cage, lock_in
from binder.isolation import (
    ChildFailed,
    confine,
    exit_code_of,
    failure_of,
    fork,
    keep_only,
    leave_after,
    parsed,
    write_all,
)
from binder.limits import Limits

#: Files that one child works on.
_MOST_FILES = 100
#: Seconds after which a child that is not asked any more goes away.
_IDLE = 20.0
#: Seconds that one may take to go away.
_LAST_MOMENT = 0.2

#: Bytes up to which a block of memory is reused, and all that may be free, by malloc.h's numbers.
_KEPT_BLOCK = 4 << 20
_KEPT_IN_ALL = 16 << 20
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3

Request = dict[str, Any]
Handler = Callable[[Request], dict[str, Any]]


class Workshop:
    """Answers requests by `handler`, which runs in a child under `limits`. Threads take turns."""

    def __init__(
        self, handler: Handler, limits: Limits, cage: Callable[[Request], Cage] | None = None
    ) -> None:
        """With `cage`, the child can reach nothing but what a request says; one that says something
        else than the one before gets a new child."""
        self.limits = limits
        self._cage_of = cage
        self._cage: Cage | None = None
        self._handler = handler
        self._lock = threading.Lock()
        self._owner = 0
        self._child = 0
        self._requests = self._answers = -1
        self._served = 0

    def ask(self, request: Request, *, seconds: float | None = None) -> dict[str, Any]:
        """What `handler` returns for `request`, both JSON-able. Raises ChildFailed.

        It may take `seconds` on the clock, or else what the limits say.
        """
        line = json.dumps(request).encode() + b"\n"
        cage = self._cage_of(request) if self._cage_of else None
        with self._lock:
            if not self._is_ready(cage):
                self._start(cage)
            self._served += 1
            result: dict[str, Any] | None = None
            try:
                answer = self._exchange(line, seconds or self.limits.wall_seconds)
                if answer.endswith(b"\n"):
                    result = parsed(answer)
            finally:
                # Whatever interrupts a request, its answer must not be taken for the next one's.
                if result is None:
                    code = self._stop()
        if result is None:
            raise failure_of(code)
        return result

    def close(self) -> None:
        """Send the child away; the next request gets a new one."""
        with self._lock:
            self._stop()

    def _is_ready(self, cage: Cage | None) -> bool:
        """Whether the child is this process's own, alive, and may go on."""
        if self._owner != os.getpid():
            # We are a fork of the process that started it: its child is not ours to end.
            self._forget()
            return False
        is_used_up = self._served >= _MOST_FILES or cage != self._cage
        if is_used_up or select.select([self._answers], [], [], 0)[0]:
            self._stop()
            return False
        return True

    def _start(self, cage: Cage | None) -> None:
        requests, self._requests = os.pipe()
        self._answers, answers = os.pipe()
        self._child = fork()
        if self._child == 0:
            _serve(self._handler, self.limits, (requests, answers), cage)
        os.close(requests)
        os.close(answers)
        self._owner = os.getpid()
        self._served = 0
        self._cage = cage

    def _exchange(self, line: bytes, seconds: float) -> bytes:
        """The answer; without its line feed when the child ended or took too long. Raises
        ChildFailed for what is too long to be one."""
        deadline = time.monotonic() + seconds
        try:
            write_all(self._requests, line)
        except BrokenPipeError:
            return b""
        parts: list[bytes] = []
        said = 0
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([self._answers], [], [], left)[0]:
                break
            part = os.read(self._answers, 1 << 16)
            parts.append(part)
            said += len(part)
            if said > isolation.LONGEST_ANSWER:
                raise ChildFailed("output too large")
            if not part or part.endswith(b"\n"):
                break
        return b"".join(parts)

    def _stop(self) -> int:
        """End the child, if there is one; how it ended, SIGALRM for one that had to be killed."""
        if self._owner != os.getpid():
            self._forget()
            return 0
        child = self._child
        # A child without work ends when nobody can ask it any more.
        os.close(self._requests)
        self._requests = -1
        select.select([self._answers], [], [], _LAST_MOMENT)
        self._forget()
        return _end(child)

    def _forget(self) -> None:
        for end in (self._requests, self._answers):
            if end >= 0:
                os.close(end)
        self._requests = self._answers = -1
        self._owner = self._child = 0


def _end(child: int) -> int:
    """How it ended by itself; SIGALRM for one that had to be killed, though it may have answered:
    nobody waits for what does not go away."""
    deadline = time.monotonic() + _LAST_MOMENT
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    exit_code_of(child)
    return -signal.SIGALRM


def _serve(handler: Handler, limits: Limits, pipes: tuple[int, int], cage: Cage | None) -> NoReturn:
    """The child's life."""
    requests, answers = pipes

    def answer() -> None:
        keep_only(requests, answers)
        _keep_memory()
        confine(limits)
        if cage:
            lock_in(cage)
        while line := _next_line(requests):
            _allow_seconds(limits.cpu_seconds)
            write_all(answers, json.dumps(handler(json.loads(line))).encode() + b"\n")

    leave_after(answer)


def _keep_memory() -> None:
    """Memory that one file needed, the next one needs too: to give it back and take it again costs
    a small file more than most of what is done to it. Nor is garbage sought among what the parent
    made."""
    gc.freeze()
    # Only the C library of most Linuxes has this.
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(_M_MMAP_THRESHOLD, _KEPT_BLOCK)
        mallopt(_M_TRIM_THRESHOLD, _KEPT_IN_ALL)


def _next_line(requests: int) -> bytes:
    """The next request; nothing when the parent is gone or has had none for a while."""
    line = b""
    while not line.endswith(b"\n"):
        if not select.select([requests], [], [], _IDLE)[0]:
            return b""
        part = os.read(requests, 1 << 16)
        if not part:
            return b""
        line += part
    return line


def _allow_seconds(seconds: int) -> None:
    """Processor time for one more file."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = math.ceil(time.process_time()) + seconds
    resource.setrlimit(
        resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard)
    )
