"""SIGKILL at random moments of everything that works in the background."""

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import httpx

from bench.breaking.installation import VICTIMS, TooSlow
from bench.breaking.scene import Scene

#: The supervisor gives up on what ends five times within a minute; we want to see the other thing.
_MOST_A_MINUTE = 3

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Killed:
    """What was found; `moments` by (what was under way, who was killed)."""

    moments: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: int = 0
    #: Ends of backups, imports and mails, by their words.
    ends: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    seconds: float = 0.0


def _compile(scene: Scene) -> None:
    scene.forget_prepared()
    scene.compile(4)


def _mail(scene: Scene) -> None:
    scene.mailbox.pause = 0.15
    scene.compile(1, send_on="1")


def _intake(scene: Scene) -> None:
    scene.attach(6)


def _import(scene: Scene) -> None:
    scene.bring()


ACTIONS: dict[str, Callable[[Scene], None]] = {
    "compile": _compile,
    "intake": _intake,
    "import": _import,
    "mail": _mail,
}


def kill_at_random(scene: Scene, count: int, *, until: float = float("inf")) -> Killed:
    """That many moments, or fewer where `until` (of the monotonic clock) comes before."""
    found, began = Killed(), time.monotonic()
    windows = {name: _seconds_of(scene, name) for name in ACTIONS}
    recent: dict[str, deque[float]] = {victim: deque() for victim in VICTIMS}
    plan = _plan(scene, count)
    for action, victim in plan:
        if time.monotonic() > until:
            break
        while recent[victim] and recent[victim][0] < time.monotonic() - 60:
            recent[victim].popleft()
        if len(recent[victim]) >= _MOST_A_MINUTE and victim not in {"horse", "tree"}:
            victim = "horse"  # noqa: PLW2901
        recent[victim].append(time.monotonic())
        one(scene, action, victim, scene.random.uniform(0, windows[action]), found)
    at_end = scene.invariants.everything()
    found.broken += [f"at the end: {each}" for each in at_end if each not in found.seen]
    found.ends = _ends(scene)
    found.seconds = time.monotonic() - began
    return found


def _plan(scene: Scene, count: int) -> Iterator[tuple[str, str]]:
    """Every pair as often as the others, in random order."""
    pairs = [(action, victim) for action in ACTIONS for victim in VICTIMS]
    for _ in range(-(-count // len(pairs))):
        scene.random.shuffle(pairs)
        yield from pairs[: min(count, len(pairs))]
        count -= len(pairs)


def _seconds_of(scene: Scene, action: str) -> float:
    """How long it takes where nobody is killed, so that moments fall into it."""
    began = time.monotonic()
    ACTIONS[action](scene)
    scene.records.wait_until_quiet()
    scene.mailbox.pause = 0.0
    return time.monotonic() - began


def one(scene: Scene, action: str, victim: str, delay: float, found: Killed) -> None:
    acting = threading.Thread(target=start, args=(scene, action))
    acting.start()
    time.sleep(delay)
    is_hit = scene.house.kill(victim, scene.random)
    told = scene.invariants.visible() if is_hit else []
    acting.join()
    scene.mailbox.pause = 0.0
    try:
        told += scene.settle()
    except TooSlow as e:
        told.append(str(e))
    found.moments[action, victim] += is_hit
    found.missed += not is_hit
    # What is broken stays so, and is told once.
    new = [each for each in told if each not in found.seen]
    found.seen.update(new)
    found.broken += [f"{action}, {victim}: {each}" for each in new]
    log.info("%s, %s %s: %s", action, victim, "killed" if is_hit else "not there", new or "holds")


def start(scene: Scene, action: str) -> None:
    """Do it, as far as it comes."""
    # Whose server is killed sees an error and tries again; what was stored is looked at anyway.
    with suppress(httpx.HTTPError, TooSlow, KeyError):
        ACTIONS[action](scene)


def _ends(scene: Scene) -> Counter[str]:
    ends: Counter[str] = Counter()
    for table, column in (("backup", "status"), ("import_job", "status"),
                          ("mail_delivery", "state")):  # fmt: skip
        rows = scene.records.all(f"SELECT {column} AS at, count(*) AS n FROM {table} GROUP BY 1")
        ends.update({f"{table} {row['at']}": row["n"] for row in rows})
    return ends
