"""Makes the sets of files that are measured: the same bytes every time."""

import multiprocessing
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from random import Random

from bench import paperwork, scans
from bench.blueprint import SIZES, FileSpec, Kind, Size, files
from bench.sets import SETS, Corpus, SetFile

_SOURCES = ("blueprint.py", "corpus.py", "paperwork.py", "scans.py", "sets.py", "words.py")
_LIBRARIES = ("img2pdf", "numpy", "pikepdf", "pillow", "reportlab")
#: Separates the seeds of pictures from those of files.
_PICTURE_SEED = 7_000_000


def ensure(name: str, root: Path = SETS, *, processes: int = 2) -> Corpus:
    """The set `name` (tiny, small, medium) below `root`, made where it is missing or outdated."""
    size = SIZES[name]
    found = Corpus.load(root / name)
    if found is not None and found.recipe == recipe(size):
        return found
    return _make(size, root / name, processes)


def recipe(size: Size) -> str:
    """A digest of the size, of the code that draws, and of the libraries it draws with."""
    digest = sha256(repr(size).encode())
    for source in _SOURCES:
        digest.update((Path(__file__).parent / source).read_bytes())
    digest.update(" ".join(f"{name} {version(name)}" for name in _LIBRARIES).encode())
    return digest.hexdigest()


def _make(size: Size, folder: Path, processes: int) -> Corpus:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    specs = files(size)
    for parent in {folder / spec.path.parent for spec in specs}:
        parent.mkdir(parents=True, exist_ok=True)
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(processes) as pool:
        pictures = pool.map(scans.picture, range(_PICTURE_SEED, _PICTURE_SEED + size.pictures), 1)
    with spawn.Pool(processes, _take_pictures, (pictures,)) as pool:
        written: Iterable[SetFile] = pool.imap(_Writer(folder), specs, 8)
        corpus = Corpus(folder, recipe(size), tuple(written))
    corpus.save()
    return corpus


_pictures: list[bytes] = []


def _take_pictures(pictures: list[bytes]) -> None:
    """Start of a writing process: the drawn scans, handed over once."""
    _pictures[:] = pictures


@dataclass(frozen=True, slots=True)
class _Writer:
    folder: Path

    def __call__(self, spec: FileSpec) -> SetFile:
        data = _draw(spec)
        (self.folder / spec.path).write_bytes(data)
        return SetFile(
            path=spec.path.as_posix(),
            kind=spec.kind.value,
            contract=spec.contract,
            position=spec.position,
            pages=spec.pages,
            bytes=len(data),
            sha256=sha256(data).hexdigest(),
        )


def _draw(spec: FileSpec) -> bytes:
    random = Random(spec.seed)
    match spec.kind:
        case Kind.INVOICE:
            return paperwork.invoice(random, spec.pages)
        case Kind.SCAN:
            return scans.scan(random, spec.pages, _pictures)
        case Kind.OFFICE:
            return paperwork.office(random, spec.pages)
        case Kind.FORM:
            return paperwork.form(random, spec.pages)
