"""`python -m bench [--small] [--runs N]`: measure, print the table, write `bench/last.json`."""

import argparse
import shutil
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import report
from bench.blueprint import SIZES
from bench.child import Outcome, run
from bench.corpus import ensure
from bench.place import TaskFailed, Where
from bench.sets import SETS

#: A round. Every other one goes backwards, so that nothing gains by what runs before it.
_ROUND = ("link", "copy", "link_quarter", "job", "qpdf", "pikepdf", "pypdf", "intake")


def main() -> int:
    """Exit code 1 when something could not be measured; a missed bar is no error."""
    options = _options()
    _say(f"the {options.set} set …")
    corpus = ensure(options.set, options.sets)
    try:
        # A folder of its own, so that two runs at a time only slow each other down.
        with TemporaryDirectory(prefix="run-", dir=options.sets) as folder:
            where = Where(corpus.folder, Path(folder) / "prepared", Path(folder) / "out")
            found = report.figures(corpus, _measure(where, options.runs))
    except TaskFailed as failure:
        print(f"Not measured: {failure}", file=sys.stderr)
        return 1
    report.write(found, options.json)
    print(report.table(found))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--set", choices=tuple(SIZES), default="medium", help="files to measure on")
    parser.add_argument("--small", dest="set", action="store_const", const="small")
    parser.add_argument("--runs", type=int, default=5, help="rounds; medians are shown")
    parser.add_argument("--json", type=Path, default=report.LAST, help="where the figures go")
    parser.add_argument("--sets", type=Path, default=SETS, help="where sets are kept")
    return parser.parse_args()


def _measure(where: Where, runs: int) -> dict[str, list[Outcome]]:
    """The outcomes of every task. The cold compile, once, also prepares and reads everything."""
    where.out.mkdir()
    where.receive()
    tasks = [task for task in _ROUND if task != "qpdf" or shutil.which("qpdf")]
    done: dict[str, list[Outcome]] = {"cold": [_one("cold", where)]}
    for number in range(1, runs + 1):
        for task in tasks if number % 2 else reversed(tasks):
            done.setdefault(task, []).append(_one(task, where, f"run {number} of {runs}: "))
    return done


def _one(task: str, where: Where, prefix: str = "") -> Outcome:
    began = time.monotonic()
    outcome = run(task, where)
    _say(f"{prefix}{task} {outcome.seconds:.3f} s ({time.monotonic() - began:.1f} s in all)")
    return outcome


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
