"""Every fault by its name: what is set up for it, what is done, what must hold."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.breaking import clock, disks, moments, sameness, troubles
from bench.breaking.installation import TooSlow
from bench.breaking.scene import Scene, furnished
from bench.sets import SETS


@dataclass(frozen=True, slots=True)
class Options:
    moments: int
    minutes: float
    seed: int
    #: Furnished data to copy.
    template: Path | None = None


@dataclass(slots=True)
class Finding:
    """What came of one fault. `broken`: a sentence for each thing that did not hold."""

    name: str
    what: str
    times: int = 0
    seconds: float = 0.0
    broken: list[str] = field(default_factory=list)
    skipped: str = ""
    detail: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    name: str
    what: str
    act: Callable[[Path, Options, Finding], None]

    def try_out(self, options: Options) -> Finding:
        found, began = Finding(self.name, self.what), time.monotonic()
        with TemporaryDirectory(prefix="faults-") as folder:
            try:
                self.act(Path(folder), options, found)
            except TooSlow as e:
                found.broken.append(str(e))
        found.seconds = time.monotonic() - began
        return found


def _killed(folder: Path, options: Options, found: Finding) -> None:
    with furnished(folder / "data", SETS, options.seed, options.template) as scene:
        until = time.monotonic() + options.minutes * 60
        killed = moments.kill_at_random(scene, options.moments, until=until)
        killed.broken += sameness.broken(scene, folder / "again")
    found.times, found.broken = sum(killed.moments.values()), killed.broken
    found.detail = {
        **{f"{action}: {victim} killed": n for (action, victim), n in killed.moments.items()},
        "nobody there to kill": killed.missed,
        **killed.ends,
    }


def _on_a_disk(
    act: Callable[[Scene], list[str]], *, is_journaled: bool
) -> Callable[[Path, Options, Finding], None]:
    def run(folder: Path, options: Options, found: Finding) -> None:
        if not disks.can_mount():
            found.skipped = "needs root, to mount a disk of its own"
            return
        disk = disks.journaled_disk if is_journaled else disks.small_disk
        with (
            disk(folder / "disk", 600 if is_journaled else 300) as place,
            furnished(place / "data", SETS, options.seed, options.template) as scene,
        ):
            found.times, found.broken = 1, act(scene)

    return run


def _power_cut(folder: Path, options: Options, found: Finding) -> None:
    times = max(1, options.moments // 10)
    _on_a_disk(lambda scene: disks.power_cut(scene, times), is_journaled=True)(
        folder, options, found
    )
    found.times = 0 if found.skipped else times


def _clock_set(folder: Path, options: Options, found: Finding) -> None:
    found.skipped = clock.what_is_missing()
    if found.skipped:
        return
    own = clock.Clock(folder)
    with furnished(
        folder / "data", SETS, options.seed, options.template, settings=own.settings
    ) as scene:
        found.times, found.broken = clock.set_and_right(scene, own)


def _with(act: Callable[[Scene], list[str]]) -> Callable[[Path, Options, Finding], None]:
    def run(folder: Path, options: Options, found: Finding) -> None:
        with furnished(folder / "data", SETS, options.seed, options.template) as scene:
            found.times, found.broken = 1, act(scene)

    return run


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("killed", "SIGKILL of job, worker, web server, Redis, or all at once", _killed),
        Fault("disk-full", "no room left while a compile runs",
              _on_a_disk(disks.full, is_journaled=False)),
        Fault("read-only", "the file system turns read-only",
              _on_a_disk(disks.read_only, is_journaled=True)),
        Fault("power-cut", "what was not synced is lost", _power_cut),
        Fault("locked", "SQLite's write lock is held for 30 s", _with(troubles.locked)),
        Fault("redis-lost", "Redis forgets everything", _with(troubles.redis_lost)),
        Fault("redis-files", "Redis is killed and its files are gone",
              _with(troubles.redis_files_lost)),
        Fault("clock", "the clock is set back, ahead, and right again", _clock_set),
        Fault("mail-down", "the mail server is away, then back", _with(troubles.mail_down)),
        Fault("mail-slow", "it takes the mail and answers 10 s later", _with(troubles.mail_slow)),
        Fault("mail-refusing", "451 first; 550 for good", _with(troubles.mail_refusing)),
    )
}  # fmt: skip
