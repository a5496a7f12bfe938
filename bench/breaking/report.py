"""The findings as a table, and as JSON."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.breaking.all import Finding


def machine() -> str:
    """“2 cores, 24 GB, Linux”."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}"


def table(found: Sequence["Finding"]) -> str:
    lines = [f"{datetime.now(UTC):%Y-%m-%d}, {machine()}", ""]
    lines.append(f"{'fault':14} {'times':>5} {'seconds':>8}  outcome")
    lines += [lines_of(each) for each in found]
    return "\n".join(lines)


def lines_of(each: "Finding") -> str:
    outcome = f"{len(each.broken)} broken" if each.broken else "all holds"
    if each.skipped:
        outcome = f"skipped ({each.skipped})"
    lines = [f"{each.name:14} {each.times:5} {each.seconds:8.0f}  {outcome}: {each.what}"]
    lines += [f"    BROKEN {said}" for said in each.broken]
    lines += [f"    {count:5} {what}" for what, count in sorted(each.detail.items())]
    return "\n".join(lines)


def write(found: Sequence["Finding"], path: Path) -> None:
    told = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "faults": [asdict(each) for each in found],
    }
    path.write_text(json.dumps(told, indent=2) + "\n")
