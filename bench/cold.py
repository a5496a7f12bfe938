"""A compile with nothing prepared: two workers take in every file, then the backup is linked."""

import importlib
import multiprocessing
import shutil
import time
from collections import defaultdict
from dataclasses import dataclass

from bench import product
from bench.place import Measured, Where, forget
from bench.sets import SetFile

WORKERS = 2


@dataclass(frozen=True, slots=True)
class _Taken:
    """Intake of one file: its kind and how long it took."""

    kind: str
    seconds: float


@dataclass(frozen=True, slots=True)
class _Intake:
    where: Where

    def __call__(self, file: SetFile) -> _Taken:
        began = time.perf_counter()
        product.prepare(self.where.received(file), file, self.where.prepared)
        return _Taken(file.kind, time.perf_counter() - began)


def cold(where: Where) -> Measured:
    """From nothing prepared to the verified backup. Leaves the fragments for the other tasks.

    Figures: seconds of intake, link and verify; `intake:KIND`, seconds that both workers together
    spent on that kind of file.
    """
    importlib.import_module("worker")
    corpus = where.load()
    shutil.rmtree(where.prepared, ignore_errors=True)
    where.prepared.mkdir(parents=True)
    forget(where.scratch)
    began = time.perf_counter()
    # Forked with the application imported, as RQ forks a process for each job.
    with multiprocessing.get_context("fork").Pool(WORKERS) as pool:
        taken = list(pool.imap_unordered(_Intake(where), corpus.files))
    intake = time.perf_counter() - began
    done = product.assembled(corpus, corpus.files, where.prepared, where.scratch)
    figures = {"intake": intake, "link": done.link_seconds, "verify": done.verify_seconds}
    spent: defaultdict[str, float] = defaultdict(float)
    for one in taken:
        spent[f"intake:{one.kind}"] += one.seconds
    figures |= spent
    return time.perf_counter() - began, figures
