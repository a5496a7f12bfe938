"""Intake of single files, beside opening and saving them."""

import time
from pathlib import Path
from statistics import median

import pikepdf

from bench import product
from bench.place import Measured, Where

#: Enough for a steady median.
_MOST = 80


def intake(where: Where) -> Measured:
    """Intake of attachments from all over the set, each beside one pikepdf open and save of it.

    Figures: the median of the quotients, and the median seconds of pikepdf.
    """
    corpus = where.load()
    attachments = [file for file in corpus.files if file.kind != "invoice"]
    ours, theirs = [], []
    for file in attachments[:: max(3, len(attachments) // _MOST)]:
        path = where.received(file)
        theirs.append(_saving(path, where.scratch))
        ours.append(_taking_in(path, where.scratch, file.pages))
    quotients = [one / other for one, other in zip(ours, theirs, strict=True)]
    return median(ours), {"over_pikepdf": median(quotients), "pikepdf": median(theirs)}


def _saving(path: Path, dest: Path) -> float:
    dest.unlink(missing_ok=True)
    began = time.perf_counter()
    with pikepdf.open(path) as pdf:
        pdf.save(dest)
    return time.perf_counter() - began


def _taking_in(path: Path, dest: Path, pages: int) -> float:
    dest.unlink(missing_ok=True)
    began = time.perf_counter()
    product.intake(path, dest, pages)
    return time.perf_counter() - began
