"""Starts our programs in order, restarts what crashes, and stops them in the opposite order."""

import time
from collections.abc import Callable

from supervisor.checks import CannotStart
from supervisor.processes import Keeper, Program, Running
from supervisor.speech import say
from supervisor.stopping import StopRequests

#: A program that ends this often within a minute is not started again.
MOST_CRASHES = 5
_MINUTE = 60.0
_STARTING_SECONDS = 60.0


class Resident:
    """A program that is meant to run for as long as we do."""

    def __init__(self, program: Program, keeper: Keeper) -> None:
        self.program = program
        self._keeper = keeper
        self._crashes: list[float] = []
        self._due = 0.0
        self._log_due = 0.0
        self.running: Running | None = Running(program, keeper)

    def look_after(self, now: float) -> None:
        """Start it again when it has ended, later each time; gives up with `CannotStart`."""
        if self.running is None:
            if now >= self._due:
                self.running = Running(self.program, self._keeper)
        elif (code := self.running.exit_code()) is not None:
            self.running = None
            self._note_crash(code, now)
        elif now >= self._log_due:
            self._log_due = now + _MINUTE
            self.running.keep_log_short()

    def _note_crash(self, exit_code: int, now: float) -> None:
        self._crashes = [*(at for at in self._crashes if now - at < _MINUTE), now]
        name = self.program.name
        if len(self._crashes) >= MOST_CRASHES:
            raise CannotStart(
                f"{name} stopped {MOST_CRASHES} times within a minute, so Drawpack gives up. "
                + self.complaint()
            )
        delay = min(0.25 * 2 ** len(self._crashes), 10)
        self._due = now + delay
        say(f"{name} stopped ({_cause(exit_code)}); it is started again.")

    def complaint(self) -> str:
        """Its last words, and where to read the others."""
        return f"It last said: “{self.program.last_words()}” (see {self.program.log})."


class House:
    def __init__(self, keeper: Keeper, stop: StopRequests) -> None:
        self._keeper = keeper
        self._stop = stop
        self._residents: list[Resident] = []

    def run_once(self, program: Program) -> str:
        """Run a program to its end and return its last line; `CannotStart` with it if it fails."""
        running = Running(program, self._keeper)
        try:
            self._stop.wait_until(lambda: running.exit_code() is not None, seconds=float("inf"))
        finally:
            running.stop(is_hurried=self._is_hurried)
        if running.exit_code():
            raise CannotStart(program.last_words() or f"{program.name} failed without a word.")
        return program.last_words()

    def move_in(self, program: Program, is_ready: Callable[[], bool] = lambda: True) -> None:
        """Start a program that stays, and wait until it is ready."""
        resident = Resident(program, self._keeper)
        self._residents.append(resident)
        running = resident.running
        assert running is not None
        in_time = self._stop.wait_until(
            lambda: running.exit_code() is not None or is_ready(), seconds=_STARTING_SECONDS
        )
        if running.exit_code() is not None:
            self._residents.remove(resident)
            raise CannotStart(f"{program.name} could not be started. {resident.complaint()}")
        if not in_time:
            raise CannotStart(f"{program.name} does not answer. {resident.complaint()}")

    def keep(self) -> None:
        """Look after everybody until somebody asks us to stop (raises `Stopped`)."""
        while True:
            for resident in self._residents:
                resident.look_after(time.monotonic())
            self._stop.wait_until(lambda: False, seconds=0.2)

    def close(self) -> None:
        """Stop the last started first; who asks a second time cuts the waiting short."""
        for resident in self._residents:
            if resident.program.is_asked_first and resident.running:
                resident.running.ask_to_stop()
        for resident in reversed(self._residents):
            if resident.running and not resident.running.stop(is_hurried=self._is_hurried):
                say(f"{resident.program.name} did not stop in time and was killed.")

    def _is_hurried(self) -> bool:
        return self._stop.count > 1


def _cause(exit_code: int) -> str:
    return f"signal {-exit_code}" if exit_code < 0 else f"exit code {exit_code}"
