"""The same documents merged by other tools, without our stamps and bookmarks; and plain copying.

Clocks start after imports and stop when the bytes are on disk.
"""

import os
import resource
import subprocess
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import pikepdf as pikepdf_library
import pypdf as pypdf_library

from bench.place import Clock, Measured, Where, forget

_PIECE = 8 << 20


def copy(where: Where) -> Measured:
    """The bytes of the set, file after file into one: what any merging has to do at least."""
    sources = _sources(where)
    return _timed(lambda: _copy(sources, where.scratch), where)


def qpdf(where: Where) -> Measured:
    """The qpdf command."""
    sources = _sources(where)
    return _timed(lambda: _by_qpdf(sources, where.scratch), where)


def pikepdf(where: Where) -> Measured:
    """The pikepdf library."""
    sources = _sources(where)
    return _timed(lambda: _by_pikepdf(sources, where.scratch), where)


def pypdf(where: Where) -> Measured:
    """The pypdf library."""
    sources = _sources(where)
    return _timed(lambda: _by_pypdf(sources, where.scratch), where)


def _sources(where: Where) -> list[Path]:
    corpus = where.load()
    return [corpus.path(file) for file in corpus.files]


def _timed(merge: Callable[[], None], where: Where) -> Measured:
    _allow_many_files()
    forget(where.scratch)
    clock = Clock()
    merge()
    _sync(where.scratch)
    return clock.wall(), {"cpu": clock.cpu()}


def _allow_many_files() -> None:
    """Some tools keep every source open; macOS allows 256 unless asked."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 20_000 if hard == resource.RLIM_INFINITY else min(hard, 20_000)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _copy(sources: Sequence[Path], dest: Path) -> None:
    buffer = memoryview(bytearray(_PIECE))
    with dest.open("wb", buffering=0) as writer:
        for source in sources:
            with source.open("rb", buffering=0) as reader:
                while count := reader.readinto(buffer):
                    writer.write(buffer[:count])


def _by_qpdf(sources: Sequence[Path], dest: Path) -> None:
    """`qpdf --empty --pages … -- dest`. Raises CalledProcessError; code 3 means warnings only."""
    command = ["qpdf", "--empty", "--pages", *map(str, sources), "--", str(dest)]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode not in {0, 3}:
        done.check_returncode()


def _by_pikepdf(sources: Sequence[Path], dest: Path) -> None:
    """Append the pages of every source; streams are copied as they are, from sources still open."""
    with pikepdf_library.Pdf.new() as merged, ExitStack() as stack:
        for source in sources:
            merged.pages.extend(stack.enter_context(pikepdf_library.open(source)).pages)
        merged.save(dest)


def _by_pypdf(sources: Sequence[Path], dest: Path) -> None:
    """Append every source to a writer."""
    with pypdf_library.PdfWriter() as merged:
        for source in sources:
            merged.append(source)
        merged.write(dest)


def _sync(path: Path) -> None:
    """Wait until the bytes of `path` are on disk, as the linker does."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
