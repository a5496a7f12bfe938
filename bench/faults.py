"""Break a real installation in every way that we know, and look whether it keeps its promises.

    python bench/faults.py [--only NAME]... [--moments N] [--minutes N] [--seed N] [--json FILE]

Prints a table; exit code 1 where something did not hold. Linux; disks need root, else they are
skipped, and the table says so.
"""

import argparse
import logging
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.breaking import report  # noqa: E402
from bench.breaking.all import FAULTS, Options  # noqa: E402
from bench.breaking.scene import make_template  # noqa: E402
from bench.sets import SETS  # noqa: E402


def main() -> int:
    options = argparse.ArgumentParser(prog="bench/faults.py", description=__doc__)
    options.add_argument("--only", action="append", choices=tuple(FAULTS), help="instead of all")
    options.add_argument("--moments", type=int, default=100, help="at which something is killed")
    options.add_argument("--minutes", type=float, default=60, help="the killing ends after them")
    options.add_argument("--seed", type=int, default=20260831)
    options.add_argument("--json", type=Path, help="where the findings go as well")
    chosen = options.parse_args()
    _say_how_far()
    with TemporaryDirectory(prefix="faults-") as folder:
        template = Path(folder) / "data"
        make_template(template, SETS)
        given = Options(chosen.moments, chosen.minutes, chosen.seed, template)
        found = []
        for name in chosen.only or FAULTS:
            found.append(FAULTS[name].try_out(given))
            print(report.lines_of(found[-1]), file=sys.stderr, flush=True)
    if chosen.json:
        report.write(found, chosen.json)
    print(report.table(found))
    return int(any(each.broken for each in found))


def _say_how_far() -> None:
    said = logging.StreamHandler()
    said.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    log = logging.getLogger("bench")
    log.addHandler(said)
    log.setLevel(logging.INFO)
    # The product's own log is no part of it.
    log.propagate = False


if __name__ == "__main__":
    os.environ.setdefault("TZ", "UTC")
    sys.exit(main())
