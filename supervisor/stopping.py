"""Being asked to stop: Ctrl-C, SIGTERM or a closed terminal. Asked twice means hurry."""

import os
import signal
import time
from collections.abc import Callable


class Stopped(Exception):
    """Somebody asked us to stop while we waited for something else."""


class StopRequests:
    def __init__(self) -> None:
        self.count = 0
        self._parent = os.getppid()

    def listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # `nohup` ignores a signal for its children, and means it.
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._note)

    def _note(self, *_: object) -> None:
        self.count += 1

    def wait_until(self, condition: Callable[[], bool], *, seconds: float) -> bool:
        """Wait for it; False when the time is over. Raises `Stopped` when asked to stop."""
        deadline = time.monotonic() + seconds
        while not condition():
            if self.count or self._make_is_gone():
                raise Stopped
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def _make_is_gone(self) -> bool:
        """Whoever kills `make run` means us, and a killed make cannot pass that on."""
        return "MAKELEVEL" in os.environ and os.getppid() != self._parent
