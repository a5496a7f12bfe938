"""Fifty browsers at once on a real installation, while two backups are compiled all the time.

    python bench/load.py [--people N] [--requests N] [--minutes N] [--thinking S] [--json FILE]

Prints requests per second, the time of answers, errors (exit code 1 where there is any) and the
memory of each process, with its slope over the second half. Linux. Fifty people who look at each
page for five seconds make 36,000 requests in an hour. Without `--thinking` they do not wait, so an
hour's worth of work takes minutes, and each answer the time of all who stand in line; `--thinking
5` shows what people see. `GUNICORN_CMD_ARGS` reaches the web server, to compare its options.
"""

import argparse
import json
import os
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import linear_regression
from tempfile import TemporaryDirectory
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.breaking import report  # noqa: E402
from bench.breaking.crowd import AN_HOUR, Answers, Person, memory, work_together  # noqa: E402
from bench.breaking.scene import Scene, furnished  # noqa: E402
from bench.sets import SETS  # noqa: E402


def main() -> int:
    options = argparse.ArgumentParser(prog="bench/load.py", description=__doc__)
    options.add_argument("--people", type=int, default=50)
    options.add_argument("--requests", type=int, default=AN_HOUR)
    options.add_argument("--minutes", type=float, default=30, help="not longer than this")
    options.add_argument("--thinking", type=float, default=0, help="seconds between two requests")
    options.add_argument("--json", type=Path, help="where the figures go as well")
    chosen = options.parse_args()
    passed = {name: os.environ[name] for name in ("GUNICORN_CMD_ARGS",) if name in os.environ}
    with (
        TemporaryDirectory(prefix="load-") as folder,
        furnished(Path(folder) / "data", SETS, 1, settings=passed) as scene,
    ):
        crowd = [Person(scene, seed, chosen.thinking) for seed in range(chosen.people)]
        found = measure(scene, crowd, chosen.requests, chosen.minutes * 60)
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=2) + "\n")
    print(table(found))
    return int(bool(found["errors"]))


def measure(scene: Scene, crowd: list[Person], requests: int, seconds: float) -> dict[str, Any]:
    # So that there is something to download.
    scene.compile(2)
    scene.records.wait_until_quiet()
    # What is loaded on first use is no growth.
    work_together(crowd, len(crowd) * 4, time.monotonic() + 60, Answers())
    with Compiling(scene) as compiling:
        answers, began = Answers(), time.monotonic()
        watch = Watch(scene, answers)
        work_together(crowd, requests, began + seconds, answers)
        took = time.monotonic() - began
        watch.end()
    scene.records.wait_until_quiet()
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": report.machine(),
        "load_average": [round(each, 1) for each in os.getloadavg()],
        "people": len(crowd),
        "thinking": crowd[0].thinking,
        "requests": answers.count,
        "seconds": round(took, 1),
        "requests_per_second": round(answers.count / took, 1),
        "hours_worth": round(answers.count / AN_HOUR, 2),
        "compiled": compiling.count,
        "errors": dict(answers.errors),
        "milliseconds": {what: _spread(times) for what, times in sorted(answers.seconds.items())},
        "memory_mb": watch.seen,
        "mb_per_hours_worth": slopes(watch.seen),
        "broken": scene.invariants.broken() + compiling.missing(),
    }


class Compiling:
    """Two backups are compiled all the time, everything in them prepared anew."""

    def __init__(self, scene: Scene) -> None:
        self.asked = self.count = 0
        self._scene = scene
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def missing(self) -> list[str]:
        """One sentence where backups that were asked for did not come."""
        lost = self.asked - self.count
        return [f"{lost} of {self.asked} backups were not compiled"] if lost else []

    def _run(self) -> None:
        while not self._over.is_set():
            self._scene.forget_prepared()
            asked = [self._scene.compile(4) for _ in range(2)]
            self._scene.records.wait_until_quiet(600)
            rows = self._scene.records.all("SELECT id FROM backup WHERE status = 'done'")
            self.asked += len(asked)
            self.count += len({row["id"] for row in rows}.intersection(asked))


class Watch:
    """Looks at the memory of all processes now and then."""

    def __init__(self, scene: Scene, answers: Answers) -> None:
        self.seen: list[dict[str, float]] = []
        self._scene, self._answers = scene, answers
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join()
        self._look()

    def _run(self) -> None:
        self._look()
        while not self._over.wait(20):
            self._look()

    def _look(self) -> None:
        self.seen.append({"requests": self._answers.count, **memory(self._scene.house)})


def slopes(seen: list[dict[str, float]]) -> dict[str, float]:
    """Megabytes that each process grows by in an hour's worth of requests, from a line through the
    second half of what was seen: the first half warms up. Empty where that is too short to tell."""
    half = seen[len(seen) // 2 :]
    done = [each["requests"] for each in half]
    if done[-1] - done[0] < AN_HOUR / 10:
        return {}
    names = [name for name in half[-1] if name != "requests"]
    return {
        name: round(linear_regression(done, [at.get(name, 0) for at in half]).slope * AN_HOUR, 1)
        for name in names
    }


def _spread(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    at = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    spread = {name: ordered[int((len(ordered) - 1) * part)] for name, part in at.items()}
    return {"count": len(ordered), **{k: round(v * 1000) for k, v in spread.items()}}


def table(found: dict[str, Any]) -> str:
    lines = [
        f"{found['date']}, {found['machine']}, load {found['load_average'][-1]}: "
        f"{found['people']} people who think {found['thinking']:g} s, "
        f"{found['requests']:,} requests in {found['seconds']:.0f} s "
        f"({found['hours_worth']} hours' worth), {found['requests_per_second']} requests/s, "
        f"{found['compiled']} backups meanwhile, "
        f"{sum(found['errors'].values())} errors",
        f"{'':22}{'count':>8}{'p50 ms':>8}{'p95 ms':>8}{'p99 ms':>8}",
    ]
    for what, spread in found["milliseconds"].items():
        lines.append(f"{what:22}" + "".join(f"{spread[k]:8}" for k in spread))
    lines += [f"    ERROR {count} x {what}" for what, count in found["errors"].items()]
    lines += [f"    BROKEN {said}" for said in found["broken"]]
    seen = found["memory_mb"]
    marks = [seen[0], seen[len(seen) // 4], seen[len(seen) // 2], seen[-1]]
    grown = found["mb_per_hours_worth"]
    counts = "".join(f"{mark['requests']:>8,.0f}" for mark in marks)
    lines.append(f"{'memory in MB after':22}{counts}  slope per hour's worth, second half")
    for name in [each for each in seen[-1] if each != "requests"]:
        sizes = "".join(f"{mark.get(name, 0):8.0f}" for mark in marks)
        slope = f"{grown[name]:+8.1f}" if name in grown else ""
        lines.append(f"{name:22}{sizes}{slope}")
    return "\n".join(lines)


if __name__ == "__main__":
    os.environ.setdefault("TZ", "UTC")
    sys.exit(main())
