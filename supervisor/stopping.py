"""Being asked to stop: Ctrl-C, SIGTERM or a closed terminal. Asked twice means hurry."""

import signal
import time
from collections.abc import Callable


class Stopped(Exception):
    """Somebody asked us to stop while we waited for something else."""


class StopRequests:
    def __init__(self) -> None:
        self.count = 0

    def listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, *_: object) -> None:
        self.count += 1

    def wait_until(self, condition: Callable[[], bool], *, seconds: float) -> bool:
        """Wait for it; False when the time is over. Raises `Stopped` when asked to stop."""
        deadline = time.monotonic() + seconds
        while not condition():
            if self.count:
                raise Stopped
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True
