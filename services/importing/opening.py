"""From what somebody hands in to a source: a folder, a workbook, or a ZIP of either."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from services.importing.csv_folder import CsvFolder
from services.importing.places import is_litter
from services.importing.problems import ImportRefused, Problem
from services.importing.records import NAMES
from services.importing.sources import Source
from services.importing.unpacking import unpacked

EXPECTED = "expected a project folder, a workbook (.xlsx) or a ZIP of either"


@contextmanager
def opened(path: Path, files: Path | None = None) -> Iterator[Source]:
    """The source that `path` is; `files` is a ZIP of the folders that belong to a workbook.

    Raises `ImportRefused` with all that keeps it from being opened.
    """
    kind = path.suffix.lower()
    with ExitStack() as stack:
        if path.is_dir():
            yield in_folder(path)
        elif not path.exists():
            raise ImportRefused([Problem(str(path), f"does not exist; {EXPECTED}.")])
        elif kind == ".zip":
            yield in_folder(stack.enter_context(unpacked(path)))
        elif kind == ".xlsx":
            beside = stack.enter_context(unpacked(files)) if files else path.parent
            yield _workbook(path, beside, is_own_folder=files is not None)
        else:
            raise ImportRefused([Problem(path.name, f"this is none; {EXPECTED}.")])


def in_folder(folder: Path) -> Source:
    """CSV files, unless there is none and one workbook stands for them."""
    tables = [name for name in NAMES if name not in {"attachments", "signed"}]
    books = sorted(p for p in folder.glob("*.[xX][lL][sS][xX]") if not is_litter(p.name))
    if not books or any((folder / name).exists() for name in tables):
        return CsvFolder(folder, NAMES)
    if len(books) > 1:
        found = ", ".join(book.name for book in books)
        raise ImportRefused([Problem(found, "one workbook is expected, not several.")])
    return _workbook(books[0], folder, is_own_folder=True)


def _workbook(path: Path, beside: Path, *, is_own_folder: bool) -> Source:
    # Imported here: a worker keeps what it imports, in every job, and few jobs read workbooks.
    from services.importing.workbook import ProjectWorkbook  # noqa: PLC0415

    return ProjectWorkbook(path, beside, NAMES, is_own_folder=is_own_folder)
