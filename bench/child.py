"""One measured task in a fresh interpreter, so that its memory is its own.

`python -m bench.child TASK JSON` prints the outcome as JSON.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path

from bench.place import Measured, TaskFailed, Where, children_peak_mb, peak_mb

_ROOT = Path(__file__).parents[1]

#: The module of each task; the function has its name.
TASKS = {
    "cold": "cold",
    "link": "linking",
    "copy": "rivals",
    "link_quarter": "linking",
    "job": "linking",
    "qpdf": "rivals",
    "pikepdf": "rivals",
    "pypdf": "rivals",
    "intake": "intake",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a task cost. Memory in MB (10**6 bytes), resident at its peak, interpreter included."""

    seconds: float
    peak_mb: float
    #: The same of the largest process that the task started and awaited; 0 without any.
    child_peak_mb: float
    #: Further figures by name, such as seconds of single steps.
    figures: dict[str, float]


def run(task: str, where: Where) -> Outcome:
    """Run `task` in a fresh interpreter. Raises TaskFailed with the last line that it wrote."""
    paths = json.dumps({name: str(path) for name, path in asdict(where).items()})
    done = subprocess.run(
        [sys.executable, "-m", "bench.child", task, paths],
        cwd=_ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise TaskFailed(f"{task}: {last}")
    return Outcome(**json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Run the task named on the command line and print its outcome as JSON."""
    task, paths = sys.argv[1:3]
    where = Where(**{name: Path(path) for name, path in json.loads(paths).items()})
    # Loaded here, so that no task carries what only another one needs.
    measure: Callable[[Where], Measured] = getattr(import_module(f"bench.{TASKS[task]}"), task)
    seconds, figures = measure(where)
    print(json.dumps(asdict(Outcome(seconds, peak_mb(), children_peak_mb(), figures))))


if __name__ == "__main__":
    main()
