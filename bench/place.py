"""What every measured task shares: its folders, its figures, a quiet start and a look at memory."""

import os
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.sets import Corpus, SetFile

#: Seconds, and further figures by name; `cpu` is seconds of processors.
Measured = tuple[float, dict[str, float]]


class TaskFailed(Exception):
    """A measured task ended without an answer; the sentence says which and why."""


@dataclass(frozen=True, slots=True)
class Where:
    """The folders that a task works with: the set, its prepared fragments, and one for output."""

    corpus: Path
    prepared: Path
    out: Path

    @property
    def scratch(self) -> Path:
        """A file that a task writes and that the next one replaces."""
        return self.out / "scratch.pdf"

    def received(self, file: SetFile) -> Path:
        """The file where the product keeps what it receives: by its digest, as `receive` laid it.

        A child that takes files in is locked into their common folder and serves many of them.
        """
        return self.out.parent / "files" / file.sha256[:2] / file.sha256

    def receive(self) -> None:
        """Lay all files of the set where `received` says, without copying them."""
        for file in (corpus := self.load()).files:
            path = self.received(file)
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                path.hardlink_to(corpus.path(file))

    def load(self) -> Corpus:
        """The set. Raises TaskFailed where it is not whole."""
        corpus = Corpus.load(self.corpus)
        if corpus is None:
            raise TaskFailed(f"the set in {self.corpus} is not whole")
        return corpus


class Clock:
    """Runs from its making. Processor time tells what a task costs on a machine that is busy."""

    def __init__(self) -> None:
        self._cpu = _cpu_seconds()
        self._wall = time.perf_counter()

    def wall(self) -> float:
        """Seconds passed."""
        return time.perf_counter() - self._wall

    def cpu(self) -> float:
        """Seconds of processors used by this process, its threads, and the children it awaited."""
        return _cpu_seconds() - self._cpu


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def forget(path: Path) -> None:
    """Remove a file of a former task and let the disk come to rest before the clock starts."""
    path.unlink(missing_ok=True)
    os.sync()


def peak_mb() -> float:
    """Peak resident memory of this process in MB (10**6 bytes), interpreter included."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not ru_maxrss: Linux hands the parent's peak down to a child.
        lines = status.read_text(encoding="ascii").splitlines()
        found = next(line for line in lines if line.startswith("VmHWM"))
        return int(found.split()[1]) * 1024 / 1e6
    return _megabytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def children_peak_mb() -> float:
    """The same of the largest process that this one started and awaited; 0 without any."""
    return _megabytes(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


def _megabytes(maximum: int) -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return maximum * unit / 1e6
