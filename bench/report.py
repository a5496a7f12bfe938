"""The table that is printed and `last.json`: each bar, what was measured, whether it is met."""

import json
import operator
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.child import Outcome
from bench.sets import Corpus

LAST = Path(__file__).parent / "last.json"


@dataclass(frozen=True, slots=True)
class Bar:
    """What a figure has to reach on the medium set."""

    key: str
    what: str
    sign: str
    limit: float

    def met(self, figure: float) -> bool:
        """Whether `figure` reaches the bar."""
        compare: Callable[[float, float], bool] = operator.le if self.sign == "≤" else operator.ge
        return compare(figure, self.limit)


BARS = (
    Bar("link_over_copy", "link ÷ raw copy + fsync of the same bytes", "≤", 1.8),
    Bar("qpdf_over_link", "qpdf --empty --pages ÷ link", "≥", 6),
    Bar("pikepdf_over_link", "pikepdf, no recompression ÷ link", "≥", 4),
    Bar("pypdf_over_link", "pypdf append ÷ link", "≥", 12),
    Bar("link_peak_mb", "peak memory of link, MB", "≤", 80),
    Bar("job_peak_mb", "peak memory of the whole job, MB", "≤", 250),
    Bar("scale_4x", "link of 4 × the pages ÷ of 1 ×", "≤", 4.4),
    Bar("verify_over_link", "verify ÷ link", "≤", 1.0),
    Bar("intake_over_pikepdf", "intake of an attachment ÷ pikepdf open + save", "≤", 3),
)

NOTES = """\
Medians of the runs; quotients are quotients of medians. Clocks start after interpreter and imports
and stop after fsync, for every tool; qpdf is a command: its start (milliseconds) is in its time.
link: fragments were prepared before; stamps, bookmarks and pages of ours are included.
copy: all files of the set one after another into one file. 1 ×: the first quarter of the pages.
job: link and verify with the application imported; memory is that of its largest process, intake
included. cold: once, by two processes that take in every file, without the queue between them."""


def figures(corpus: Corpus, runs: dict[str, list[Outcome]]) -> dict[str, Any]:
    """All that goes into `last.json`. `qpdf_over_link` is None where qpdf is not installed."""
    seconds = {task: median(one.seconds for one in done) for task, done in runs.items()}
    link, cold = seconds["link"], runs["cold"][0]
    seconds["verify"] = _median(runs["link"], "verify")
    return {
        "link_over_copy": link / seconds["copy"],
        "qpdf_over_link": seconds["qpdf"] / link if "qpdf" in seconds else None,
        "pikepdf_over_link": seconds["pikepdf"] / link,
        "pypdf_over_link": seconds["pypdf"] / link,
        "link_peak_mb": _median(runs["link"], "peak_mb"),
        "job_peak_mb": max(_memory(one) for one in (*runs["job"], cold)),
        "scale_4x": link / seconds["link_quarter"],
        "verify_over_link": seconds["verify"] / link,
        "intake_over_pikepdf": _median(runs["intake"], "over_pikepdf"),
        "pages": corpus.pages,
        "bytes": corpus.bytes,
        "set": corpus.folder.name,
        "files": len(corpus.files),
        "backup_bytes": int(_median(runs["link"], "bytes")),
        "runs": len(runs["link"]),
        "seconds": seconds,
        "cpu_seconds": {
            task: _median(done, "cpu") for task, done in runs.items() if "cpu" in done[0].figures
        },
        "peak_mb": _peaks(runs),
        "cold": {"seconds": cold.seconds, **cold.figures},
        "machine": _machine(),
    }


def _median(done: list[Outcome], name: str) -> float:
    return median(one.figures[name] for one in done)


def _peaks(runs: dict[str, list[Outcome]]) -> dict[str, float]:
    """Highest of all runs; `link` and `verify` are one process, looked at twice."""
    peaks = {task: max(_memory(one) for one in done) for task, done in runs.items()}
    linked = max(one.figures["peak_mb"] for one in runs["link"])
    return peaks | {"link": linked, "verify": peaks["link"]}


def _memory(one: Outcome) -> float:
    return max(one.peak_mb, one.child_peak_mb)


def _machine() -> dict[str, Any]:
    return {
        "processors": os.cpu_count(),
        "load_at_end": [round(load, 2) for load in os.getloadavg()],
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def write(found: dict[str, Any], path: Path = LAST) -> None:
    """Write `found` as JSON, figures rounded to four places."""
    text = json.dumps(found, indent=1, default=str)
    rounded = json.loads(text, parse_float=lambda number: round(float(number), 4))
    path.write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")


def table(found: dict[str, Any]) -> str:
    """The bars, seconds and memory of each task, and what a cold compile spends its time on."""
    return "\n\n".join((_title(found), bars(found), _tasks(found), _cold(found["cold"]), NOTES))


def _title(found: dict[str, Any]) -> str:
    load = ", ".join(f"{one:g}" for one in found["machine"]["load_at_end"])
    return (
        f"{found['set']} set: {found['files']:,} files, {found['pages']:,} pages, "
        f"{found['bytes'] / 1e6:,.0f} MB; runs: {found['runs']}; "
        f"{found['machine']['processors']} processors, load {load}"
    )


def bars(found: dict[str, Any]) -> str:
    """Each bar, the figure of `found` beside it, and whether it is met."""
    heads = "" if found["set"] == "medium" else "  (bars are meant for the medium set)"
    rows = [f"{'':48}{'bar':>8}{'measured':>12}{heads}"]
    for bar in BARS:
        figure = found[bar.key]
        limit = f"{bar.sign} {bar.limit:g}"
        if figure is None:
            rows.append(f"{bar.what:48}{limit:>8}{'–':>12}  qpdf is not installed")
        else:
            verdict = "met" if bar.met(figure) else "MISSED"
            rows.append(f"{bar.what:48}{limit:>8}{figure:>12.2f}  {verdict}")
    return "\n".join(rows)


def _tasks(found: dict[str, Any]) -> str:
    rows = [f"{'median':20}{'seconds':>10}{'CPU s':>10}{'peak MB':>10}"]
    for task, seconds in found["seconds"].items():
        cpu, memory = found["cpu_seconds"].get(task), found["peak_mb"].get(task)
        in_words = ("" if cpu is None else f"{cpu:.3f}", "" if memory is None else f"{memory:.0f}")
        rows.append(f"{task:20}{seconds:>10.3f}{in_words[0]:>10}{in_words[1]:>10}")
    return "\n".join(rows)


def _cold(cold: dict[str, float]) -> str:
    """“cold compile: 12.3 s: intake 11.0 s (89 %: scan 60 %, …), link 0.9 s, verify 0.4 s”."""
    kinds = {key.partition(":")[2]: value for key, value in cold.items() if ":" in key}
    spent = sum(kinds.values())
    shares = ", ".join(
        f"{kind} {100 * value / spent:.0f} %"
        for kind, value in sorted(kinds.items(), key=lambda pair: -pair[1])
    )
    steps = ", ".join(f"{step} {cold[step]:.1f} s" for step in ("intake", "link", "verify"))
    most = max(("intake", "link", "verify"), key=cold.__getitem__)
    share = 100 * cold[most] / cold["seconds"]
    return (
        f"cold compile, two workers: {cold['seconds']:.1f} s: {steps}. "
        f"{most} dominates ({share:.0f} %); of intake: {shares}."
    )
