"""`python -m bench.large [--gigabytes N]`: a real file over 4 GB, linked, verified, read by others.

Fragments of scans that nothing shares are repeated until the file is larger than 32 bits can
count. Prints seconds and peak memory; everything that it makes is deleted at the end.
"""

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import img2pdf
import numpy as np
import pikepdf
import pypdf
from PIL import Image

from bench.place import peak_mb
from binder.fragment import Fragment
from binder.linker import Linker, Part
from binder.make_fragment import make
from binder.metadata import Metadata
from binder.output import Output
from binder.verify import verify

_GIGABYTE = 1_000_000_000
#: Fragments that are repeated, pages of each, and pixels along an edge of a page: noise, which
#: compresses to about four megabytes.
_FRAGMENTS, _PAGES, _SIDE = 4, 4, 2400
_LAST_PAGES = 20


@dataclass(frozen=True, slots=True)
class Step:
    """What was done, and the seconds and peak memory (MB, interpreter included) it took."""

    what: str
    seconds: float
    peak_mb: float


def main() -> int:
    """Exit code 1 where there is no room, or where a reader refuses the file."""
    options = argparse.ArgumentParser(prog="python -m bench.large", description=__doc__)
    options.add_argument("--gigabytes", type=float, default=4.5)
    options.add_argument("--folder", type=Path, help="where there is room; else the system's")
    chosen = options.parse_args()
    with TemporaryDirectory(prefix="large-", dir=chosen.folder) as made:
        folder, wanted = Path(made), int(chosen.gigabytes * _GIGABYTE)
        if shutil.disk_usage(folder).free < 2 * wanted:
            print(f"{folder} has no room for {chosen.gigabytes} GB and as much again to spare.")
            return 1
        return _run(folder, wanted)


def _run(folder: Path, wanted: int) -> int:
    parts = _parts(folder, wanted)
    out, pages = folder / "large.pdf", sum(part.fragment.pages for part in parts)
    steps = [
        _timed("link", lambda: _link(parts, out)),
        _timed("verify", lambda: verify(out, parts)),
        _timed(f"pypdf, strict, last {_LAST_PAGES} pages", lambda: _read_end(out)),
        _timed(f"pikepdf, last {_LAST_PAGES} pages", lambda: _decode_end(out)),
    ]
    if shutil.which("qpdf"):
        # `qpdf --check` decodes every picture, which takes half an hour here.
        steps.append(_timed("qpdf --show-npages", lambda: _count(out, pages)))
    print(f"{out.stat().st_size:,} bytes, {pages:,} pages")
    for step in steps:
        print(f"{step.what:32} {step.seconds:8.1f} s {step.peak_mb:8.0f} MB")
    return 0


def _parts(folder: Path, wanted: int) -> list[Part]:
    """Fragments of scans until they weigh `wanted` bytes."""
    made = [_fragment(folder / f"{number}.pdf", number) for number in range(_FRAGMENTS)]
    count = -(-wanted // min(fragment.body_length for fragment in made))
    return [
        Part(fragment, ((0, f"Scan {number:,}"),), "SC-001 · p. {page} of {pages}")
        for number, fragment in enumerate(islice(cycle(made), count), 1)
    ]


def _fragment(path: Path, seed: int) -> Fragment:
    random = Random(seed)
    pictures = []
    for page in range(_PAGES):
        noise = Image.frombytes("L", (_SIDE, _SIDE), random.randbytes(_SIDE * _SIDE))
        pictures.append(path.with_suffix(f".{page}.jpg"))
        noise.save(pictures[-1], quality=80)
    path.write_bytes(img2pdf.convert([str(picture) for picture in pictures]))
    dest = path.with_suffix(".fragment.pdf")
    make(path, "application/pdf", dest)
    return _unshared(Fragment.open(dest))


def _unshared(fragment: Fragment) -> Fragment:
    """The same with a side table that knows no digests: the linker shares none of it."""
    with fragment.opened() as source:
        table = replace(source.table, shareable=np.zeros(0, np.uint32), digests=b"").to_bytes()
    end = fragment.path.stat().st_size
    changed = replace(fragment, table=end, table_length=len(table))
    with fragment.path.open("r+b") as file:
        file.write(changed.header())
        file.seek(end)
        file.write(table)
    return changed


def _link(parts: Sequence[Part], out: Path) -> None:
    at = datetime(2026, 8, 31, 14, 5, 9, tzinfo=UTC)
    metadata = Metadata("A large backup", "Drawpack", "bench", "en-US", at)
    with Output(out) as output:
        linker = Linker(output, sum(part.fragment.pages for part in parts))
        for part in parts:
            linker.add(part)
        linker.finish(metadata, bytes(16))


def _read_end(out: Path) -> None:
    """Raises where a page does not say its number."""
    # Of a path, pypdf reads the whole file into memory.
    with out.open("rb") as file:
        reader = pypdf.PdfReader(file, strict=True)
        total = len(reader.pages)
        for at in range(total - _LAST_PAGES, total):
            if f"p. {at + 1:,} of {total:,}" not in reader.pages[at].extract_text():
                raise ValueError(f"pypdf reads another page {at + 1:,}")


def _decode_end(out: Path) -> None:
    """Raises where the picture of a page cannot be decoded."""
    with pikepdf.open(out, attempt_recovery=False) as pdf:
        for page in pdf.pages[-_LAST_PAGES:]:
            for picture in page.get_images().values():
                pikepdf.PdfImage(picture).as_pil_image().load()


def _count(out: Path, pages: int) -> None:
    """Raises where qpdf counts another number of pages."""
    done = subprocess.run(["qpdf", "--show-npages", out], check=True, capture_output=True)
    if int(done.stdout) != pages:
        raise ValueError(f"qpdf counts {int(done.stdout):,} pages")


def _timed(what: str, work: Callable[[], object]) -> Step:
    # Linux then measures the peak anew: what made the scans is no part of it.
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    started = time.perf_counter()
    work()
    return Step(what, time.perf_counter() - started, peak_mb())


if __name__ == "__main__":
    sys.exit(main())
