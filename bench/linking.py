"""Tasks of the product itself.

Clocks start after imports and stop when the bytes are on disk.
"""

import importlib
from collections.abc import Sequence
from pathlib import Path

from bench import product
from bench.place import Measured, Where, forget
from bench.sets import SetFile


def link(where: Where) -> Measured:
    """Link the whole set with stamps and bookmarks, then verify it."""
    done = _assemble(where, where.load().files, where.scratch)
    return done.link_seconds, {
        "cpu": done.link_cpu_seconds,
        "peak_mb": done.link_peak_mb,
        "verify": done.verify_seconds,
        "pages": done.pages,
        "bytes": done.bytes,
    }


def link_quarter(where: Where) -> Measured:
    """Link the first files, up to a quarter of the pages."""
    corpus = where.load()
    files: list[SetFile] = []
    pages = 0
    for file in corpus.files:
        if pages * 4 >= corpus.pages:
            break
        files.append(file)
        pages += file.pages
    done = _assemble(where, files, where.scratch)
    return done.link_seconds, {"cpu": done.link_cpu_seconds, "pages": done.pages}


def job(where: Where) -> Measured:
    """The whole `assemble`, everything prepared, in a process with the application imported."""
    importlib.import_module("worker")
    done = _assemble(where, where.load().files, where.scratch)
    return done.link_seconds + done.verify_seconds, {}


def _assemble(where: Where, files: Sequence[SetFile], out: Path) -> product.Assembled:
    forget(out)
    return product.assembled(where.load(), files, where.prepared, out)
