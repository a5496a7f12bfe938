"""Starts, watches and stops one program, in a session of its own."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from settings import ROOT
from supervisor import keeper

_PR_SET_PDEATHSIG = 1
#: A log that has grown beyond this is put aside (as .1), which takes the place of the one before.
_LARGEST_LOG = 20 * 1024 * 1024


@dataclass(frozen=True)
class Program:
    #: As people know it: "the worker".
    name: str
    command: list[str]
    log: Path
    #: Seconds that it may take to stop by itself.
    grace: float = 10
    #: All of these hear of the end at once, before anything else is stopped.
    is_asked_first: bool = False

    def last_words(self) -> str:
        """The last line of its log."""
        with suppress(OSError):
            lines = self.log.read_text(errors="replace").split("\n")[-50:]
            return next((line.strip() for line in reversed(lines) if line.strip()), "")
        return ""


class Keeper:
    """A tiny process that outlives us by a moment: when we are gone, it kills what we started."""

    def __init__(self, lock: int) -> None:
        # It holds the lock of the data folder too, so that nobody starts before it is done.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", keeper.__file__],
            stdin=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
            pass_fds=[lock],
        )
        assert self._process.stdin is not None
        self._list = self._process.stdin

    def add(self, session: int) -> None:
        self._list.write(b"+%d\n" % session)

    def remove(self, session: int) -> None:
        self._list.write(b"-%d\n" % session)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._list.close()
        self._process.wait()


class Running:
    """A started program. Whatever it started in turn ends with it."""

    def __init__(self, program: Program, keeper: Keeper) -> None:
        self.program = program
        self._keeper = keeper
        self._is_cleared_away = False
        self._is_asked = False
        _put_aside(program.log)
        with program.log.open("ab") as log:
            self._process = subprocess.Popen(
                program.command,
                cwd=ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # Safe here: the supervisor has no threads.
                preexec_fn=self._before_exec,  # noqa: PLW1509
            )

    def _before_exec(self) -> None:
        # Said by the child itself before it becomes its program: no moment is left unguarded.
        self._keeper.add(os.getpid())
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    def exit_code(self) -> int | None:
        """None while it runs. What it started itself is gone as soon as there is a code."""
        code = self._process.poll()
        if code is not None:
            self._clear_away()
        return code

    def keep_log_short(self) -> None:
        """While it writes: it appends, so it goes on at the new beginning."""
        log = self.program.log
        with suppress(OSError):
            if log.stat().st_size > _LARGEST_LOG:
                shutil.copyfile(log, log.with_suffix(".log.1"))
                os.truncate(log, 0)

    def ask_to_stop(self) -> None:
        """Only once: to a worker, a second time means at once."""
        if not self._is_asked:
            self._is_asked = True
            self._process.terminate()

    def stop(self, *, is_hurried: Callable[[], bool]) -> bool:
        """Ask it to end and wait; False if it had to be killed."""
        if self.exit_code() is not None:
            return True
        self.ask_to_stop()
        deadline = time.monotonic() + self.program.grace
        while self._process.poll() is None:
            if is_hurried() or time.monotonic() > deadline:
                self._clear_away()
                self._process.wait()
                return False
            time.sleep(0.05)
        self._clear_away()
        return True

    def _clear_away(self) -> None:
        """Kill what is left of its session: workers of a crashed web server, a worker's job."""
        if self._is_cleared_away:
            return
        self._is_cleared_away = True
        keeper.kill_session(self._process.pid)
        self._keeper.remove(self._process.pid)


def _put_aside(log: Path) -> None:
    with suppress(FileNotFoundError):
        if log.stat().st_size > _LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
