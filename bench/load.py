"""Fifty browsers at once on a real installation, while two backups are compiled all the time.

    python bench/load.py [--people N] [--requests N] [--minutes N] [--json FILE]

Prints requests per second, the time of answers, errors (exit code 1 where there is any) and the
memory of each process. Linux. Fifty people who look at each page for five seconds make 36,000
requests in an hour; here they do not wait, so an hour's worth of work takes minutes.
"""

import argparse
import json
import os
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.breaking import report  # noqa: E402
from bench.breaking.crowd import THINKING, Answers, Person, memory, work_together  # noqa: E402
from bench.breaking.scene import Scene, furnished  # noqa: E402
from bench.sets import SETS  # noqa: E402


def main() -> int:
    options = argparse.ArgumentParser(prog="bench/load.py", description=__doc__)
    options.add_argument("--people", type=int, default=50)
    options.add_argument("--requests", type=int, default=36_000)
    options.add_argument("--minutes", type=float, default=30, help="not longer than this")
    options.add_argument("--json", type=Path, help="where the figures go as well")
    chosen = options.parse_args()
    with (
        TemporaryDirectory(prefix="load-") as folder,
        furnished(Path(folder) / "data", SETS, 1) as scene,
    ):
        found = measure(scene, chosen.people, chosen.requests, chosen.minutes * 60)
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=2) + "\n")
    print(table(found))
    return int(bool(found["errors"]))


def measure(scene: Scene, people: int, requests: int, seconds: float) -> dict[str, Any]:
    # So that there is something to download.
    scene.compile(2)
    scene.records.wait_until_quiet()
    crowd = [Person(scene, scene.house.url, seed) for seed in range(people)]
    # What is loaded on first use is no growth.
    work_together(crowd, people * 4, time.monotonic() + 60, Answers())
    with Compiling(scene) as compiling:
        answers, began = Answers(), time.monotonic()
        watch = Watch(scene, answers)
        work_together(crowd, requests, began + seconds, answers)
        took = time.monotonic() - began
        watch.end()
    scene.records.wait_until_quiet()
    return {
        "machine": report.machine(),
        "people": people,
        "requests": answers.count,
        "seconds": round(took, 1),
        "requests_per_second": round(answers.count / took, 1),
        "hours_worth": round(answers.count * THINKING / people / 3600, 2),
        "compiled": compiling.count,
        "errors": dict(answers.errors),
        "milliseconds": {what: _spread(times) for what, times in sorted(answers.seconds.items())},
        "memory_mb": watch.seen,
        "broken": scene.invariants.broken(),
    }


class Compiling:
    """Two backups are compiled all the time, everything in them prepared anew."""

    def __init__(self, scene: Scene) -> None:
        self.count = 0
        self._scene = scene
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            self._scene.forget_prepared()
            for _ in range(2):
                self._scene.compile(4)
            self._scene.records.wait_until_quiet(600)
            self.count += 2


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
        while not self._over.wait(30):
            self._look()

    def _look(self) -> None:
        self.seen.append({"requests": self._answers.count, **memory(self._scene.house)})


def _spread(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    at = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    spread = {name: ordered[int((len(ordered) - 1) * part)] for name, part in at.items()}
    return {"count": len(ordered), **{k: round(v * 1000) for k, v in spread.items()}}


def table(found: dict[str, Any]) -> str:
    lines = [
        f"{found['machine']}: {found['people']} people, {found['requests']:,} requests in "
        f"{found['seconds']:.0f} s ({found['hours_worth']} hours' worth), "
        f"{found['requests_per_second']} requests/s, {found['compiled']} backups meanwhile, "
        f"{sum(found['errors'].values())} errors",
        f"{'':22}{'count':>8}{'p50 ms':>8}{'p95 ms':>8}{'p99 ms':>8}",
    ]
    for what, spread in found["milliseconds"].items():
        lines.append(f"{what:22}" + "".join(f"{spread[k]:8}" for k in spread))
    lines += [f"    ERROR {count} x {what}" for what, count in found["errors"].items()]
    lines += [f"    BROKEN {said}" for said in found["broken"]]
    seen = found["memory_mb"]
    marks = [seen[0], seen[len(seen) // 4], seen[len(seen) // 2], seen[-1]]
    lines.append(f"{'memory in MB after':22}" + "".join(f"{m['requests']:>8,.0f}" for m in marks))
    for name in [each for each in seen[-1] if each != "requests"]:
        lines.append(f"{name:22}" + "".join(f"{mark.get(name, 0):8.0f}" for mark in marks))
    return "\n".join(lines)


if __name__ == "__main__":
    os.environ.setdefault("TZ", "UTC")
    sys.exit(main())
