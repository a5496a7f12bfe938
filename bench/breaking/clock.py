"""The wall clock is set while the product runs, backwards and forwards.

No machine's clock is touched: all processes of the installation load a few lines of C (`clock.c`)
that add what a file says to the time of day. Clocks that nobody can set go on, as they do when a
real one is set. What stays true: the times that the file system gives to files, and when processes
began.
"""

import logging
import os
import shutil
import struct
import subprocess
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.breaking.installation import TooSlow
from bench.breaking.moments import ACTIONS, start
from bench.breaking.scene import Scene

_SOURCE = Path(__file__).with_suffix(".c")
_HOURS = 2

log = logging.getLogger(__name__)


class Clock:
    """The clock of an installation, given to it by `settings`."""

    def __init__(self, folder: Path) -> None:
        """Raises CalledProcessError where the few lines cannot be compiled."""
        self._shift, library = folder / "clock-shift", folder / "clock.so"
        self.set(0)
        subprocess.run(
            ["cc", "-O2", "-shared", "-fPIC", "-o", str(library), str(_SOURCE), "-ldl"],
            check=True,
            capture_output=True,
        )
        self.settings = {"LD_PRELOAD": str(library), "SHIFTED_CLOCK": str(self._shift)}

    def set(self, seconds: int) -> None:
        """From now on off by so many seconds, for everybody at once."""
        # Written in place: it is mapped into the memory of those who run.
        with self._shift.open("r+b" if self._shift.exists() else "wb") as file:
            file.write(struct.pack("=q", seconds))


def what_is_missing() -> str:
    """Why there can be no such clock here, in words; nothing where there can."""
    if shutil.which("cc") is None:
        return "needs a C compiler, to give the installation a clock of its own"
    return "" if os.uname().sysname == "Linux" else "needs Linux"


def set_and_right(scene: Scene, clock: Clock) -> tuple[int, list[str]]:
    """Back by hours and right again, then ahead by hours and right again: each in the middle of
    each kind of work; and once more with a process killed in the moment before. How
    often it was set, and what did not hold."""
    times, told = 0, []
    kills = [(scene.random.choice(tuple(ACTIONS)), victim) for victim in ("horse", "worker")]
    for action, victim in [*((each, "") for each in ACTIONS), *kills]:
        for hours in (-_HOURS, 0, _HOURS, 0):
            times, before = times + 1, _failed(scene)
            found = _meanwhile(scene, action, victim, partial(clock.set, hours * 3600))
            if not victim:
                found += [each for each in _failed(scene) if each not in before]
            log.info(
                "%+d h, %s, %s killed: %s", hours, action, victim or "nobody", found or "holds"
            )
            told += [f"to {hours:+} h, {action}, {victim or 'nobody'} killed: {x}" for x in found]
    return times, told + scene.unlisted()


def _meanwhile(scene: Scene, action: str, victim: str, act: Callable[[], None]) -> list[str]:
    """Set the clock while that goes on; what is broken once all is quiet."""
    working = threading.Thread(target=start, args=(scene, action))
    working.start()
    time.sleep(scene.random.uniform(0.2, 3))
    if victim:
        scene.house.kill(victim, scene.random)
    act()
    working.join()
    scene.mailbox.pause = 0.0
    # A session of a time to come is none: who was signed in signs in again.
    scene.browser.sign_in()
    if not scene.is_signed_in():
        return ["nobody can sign in"]
    try:
        return scene.settle()
    except TooSlow as e:
        return [str(e)]


def _failed(scene: Scene) -> list[str]:
    """What did not come to the end that was meant, in words."""
    return [
        f"{table} {row['id']} failed: {row['why']}"
        for table, column, why in (
            ("backup", "status", "error"),
            ("import_job", "status", "problems"),
            ("mail_delivery", "state", "error"),
        )
        for row in scene.records.all(
            f"SELECT id, {why} AS why FROM {table} WHERE {column} = 'failed'"
        )
    ]
