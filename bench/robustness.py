"""Run every file below a folder through intake, link, verify and `qpdf --check`.

    python bench/robustness.py PATH [--plain] [--json FILE] [--memory MEGABYTES]

Prints what was merged and what was refused, and four counts that must be 0: crashed, hung (over 20
seconds), wrong page counts, and outputs that `qpdf --check` rejects. Exit code 1 when one is not.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from binder.assemble import assemble  # noqa: E402
from binder.errors import BinderError  # noqa: E402
from binder.facts import FileFacts  # noqa: E402
from binder.intake import make_fragment  # noqa: E402
from binder.limits import Limits  # noqa: E402
from binder.plan import Contract, Document, EntryKind, Invoice, Plan  # noqa: E402
from binder.recipe import Recipe  # noqa: E402

HANG = 20.0
#: Stamps, and an index to which every page leads back.
STAMPED = Recipe(cover=False, tie_out=False, receipt=False)
#: `qpdf --check`: 0 is clean, 3 is clean with warnings, 2 is broken.
CLEAN = {0, 3}


@dataclass
class Result:
    """What became of one file."""

    path: Path
    outcome: str
    detail: str = ""
    seconds: float = 0.0
    pages: int = 0


@dataclass
class Counts:
    """The counts that `--json` writes."""

    files: int = 0
    merged: int = 0
    refused: int = 0
    crashed: int = 0
    hung: int = 0
    wrong_pages: int = 0
    rejected_by_qpdf: int = 0
    #: The largest child, in megabytes of resident memory.
    peak_child_mb: int = 0
    problems: dict[str, int] = field(default_factory=dict)


def main() -> int:
    """Run; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--plain", action="store_true", help="a plain merge: no stamps, no links")
    parser.add_argument("--json", type=Path, dest="json_file")
    parser.add_argument("--memory", type=int, default=1500, help="megabytes for a child")
    arguments = parser.parse_args()
    recipe = Recipe.plain() if arguments.plain else STAMPED
    results = []
    limits = Limits(memory=arguments.memory << 20)
    with TemporaryDirectory(prefix="robustness-") as folder:
        for path in files_below(arguments.path):
            results.append(run(path, Path(folder), limits, recipe))
            report(results[-1])
    counts = count(results)
    print_table(counts)
    if arguments.json_file:
        arguments.json_file.write_text(json.dumps(vars(counts), indent=2) + "\n")
    return int(any((counts.crashed, counts.hung, counts.wrong_pages, counts.rejected_by_qpdf)))


def files_below(path: Path) -> Iterator[Path]:
    """Every file, once for equal bytes, in a steady order."""
    seen = set()
    for found in [path] if path.is_file() else sorted(path.rglob("*")):
        if found.is_file():
            digest = sha256(found.read_bytes()).digest()
            if digest not in seen:
                seen.add(digest)
                yield found


def run(path: Path, work: Path, limits: Limits, recipe: Recipe) -> Result:
    """One file through all stages."""
    started = time.monotonic()
    out = work / "out.pdf"
    answer = stages(path, work, limits, recipe)
    seconds = time.monotonic() - started
    result = answer if isinstance(answer, Result) else compare(path, out, *answer)
    result.seconds = seconds
    if seconds > HANG:
        result.outcome = "hung"
    return result


def stages(
    path: Path, work: Path, limits: Limits, recipe: Recipe
) -> Result | tuple[FileFacts, int]:
    """What went wrong, or the facts of a file that was linked into `work` and verified, and the
    pages of ours there."""
    fragment, out = work / "fragment.pdf", work / "out.pdf"
    for stale in (fragment, out):
        stale.unlink(missing_ok=True)
    try:
        facts = make_fragment(path, path.name, fragment, limits=limits)
    except Exception as error:  # noqa: BLE001 - whatever comes out is a crash of ours
        return Result(path, "crashed", repr(error))
    if facts.problem is not None:
        return Result(path, "refused" if facts.sentence else "crashed", facts.problem.value)
    try:
        manifest = assemble(
            plan_of(path, facts, fragment, recipe),
            out,
            work=work,
            progress=lambda _: None,
            cancelled=lambda: False,
        )
    except BinderError as error:
        return Result(path, "wrong_pages", str(error))
    except Exception as error:  # noqa: BLE001
        return Result(path, "crashed", repr(error))
    return facts, sum(piece.pages for piece in manifest.furniture)


def plan_of(path: Path, facts: FileFacts, fragment: Path, recipe: Recipe) -> Plan:
    """The file twice: what is shared and what must stay apart both show."""
    contract = Contract("SC-001", "Robustness", "Acme")
    invoice = Invoice(contract, 1, "1", "", "Approved", "", 0, 0, 0)
    digest = sha256(path.read_bytes()).hexdigest()
    kind = EntryKind.ATTACHMENT
    document = Document(invoice, kind, path.name, path, digest, facts.pages, fragment)
    at = datetime(2026, 8, 31, 14, 5, 9, tzinfo=UTC)
    documents = (document, document)
    return Plan("Robustness", "Robustness", "1", 1, "bench", at, documents, recipe=recipe)


def compare(path: Path, out: Path, facts: FileFacts, own: int) -> Result:
    """Against readers that had no part in it."""
    check = subprocess.run(["qpdf", "--check", out], capture_output=True, check=False)
    if check.returncode not in CLEAN:
        words = check.stderr[:300].decode(errors="replace").strip()
        return Result(path, "rejected_by_qpdf", words, pages=facts.pages)
    made, expected = page_count(out), {page_count(path), mutool_count(path)} - {None}
    if made != 2 * facts.pages + own:
        return Result(
            path, "wrong_pages", f"{made} in the output, {facts.pages} twice and {own} expected"
        )
    is_pdf = facts.media_type == "application/pdf"
    if is_pdf and expected and facts.pages not in expected:
        detail = f"{facts.pages}, but other readers say {sorted(expected)}"
        return Result(path, "wrong_pages", detail)
    return Result(path, "merged", "repaired" if facts.repaired else "", pages=facts.pages)


def page_count(path: Path) -> int | None:
    """What poppler counts."""
    return _number_after("Pages:", ["pdfinfo", str(path)])


def mutool_count(path: Path) -> int | None:
    """What mupdf counts."""
    return _number_after("Pages:", ["mutool", "info", str(path)])


def _number_after(word: str, command: list[str]) -> int | None:
    try:
        done = subprocess.run(command, capture_output=True, timeout=HANG, check=False)
    except subprocess.TimeoutExpired:
        return None
    for line in done.stdout.decode(errors="replace").splitlines():
        if line.startswith(word) and line.removeprefix(word).strip().isdigit():
            return int(line.removeprefix(word)) or None
    return None


def report(result: Result) -> None:
    """One line for all that is not simply merged."""
    if result.outcome != "merged":
        print(f"{result.outcome:16} {result.seconds:6.2f} s  {result.path}  {result.detail}")


def count(results: list[Result]) -> Counts:
    """The sums."""
    outcomes = Counter(result.outcome for result in results)
    named: dict[str, Any] = {key: outcomes[key] for key in vars(Counts()) if key in outcomes}
    kilobytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return Counts(
        **named,
        files=len(results),
        peak_child_mb=kilobytes // (1024 if sys.platform == "linux" else 1 << 20),
        problems=dict(Counter(r.detail for r in results if r.outcome == "refused")),
    )


def print_table(counts: Counts) -> None:
    """The counts, one a line."""
    print()
    for key, value in vars(counts).items():
        print(f"{key:18} {value}")


if __name__ == "__main__":
    os.environ.setdefault("TZ", "UTC")
    sys.exit(main())
