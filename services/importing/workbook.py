"""A workbook (.xlsx) with a sheet for each table; files lie in a folder beside it."""

import re
import warnings
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from services.importing import names
from services.importing.places import Refused, names_inside
from services.importing.problems import ImportRefused, Problem, Report
from services.importing.sources import PROJECT_FILE, Broken, Facts, Rows, Unreadable
from services.importing.workbook_cells import cell_text
from services.importing.zip_checks import DAMAGE, WORKBOOK_LIMITS, check_archive

#: Cells that are looked at, empty ones between others included.
MOST_CELLS = 20_000_000
#: A row number beyond what any spreadsheet program writes.
_LAST_ROW = 1_048_576
_FORMULA = re.compile(rb"<(?:\w{1,20}:)?f[\s/>]")
_LONGEST_TAG = 24
_PIECE = 1 << 20
_DOCUMENTS = ("attachments", "signed")

#: What openpyxl raises for a damaged file: it trusts what is written there.
_DAMAGED = (
    *DAMAGE, AttributeError, IndexError, InvalidFileException, KeyError, OSError, ParseError,
    SyntaxError, TypeError, ValueError,
)  # fmt: skip


@dataclass(slots=True)
class ProjectWorkbook:
    """The sheets of one .xlsx. Sheets are called like the tables; case and spaces do not count."""

    path: Path
    root: Path
    known: Collection[str]
    #: Whether `root` is the project's own, so that every name in it means something.
    is_own_folder: bool
    titles: dict[str, str] = field(default_factory=dict)
    #: Only then everything is read twice.
    has_formulas: bool = True
    #: Cells that may still be read.
    budget: int = MOST_CELLS

    def __post_init__(self) -> None:
        check_archive(self.path, WORKBOOK_LIMITS)
        try:
            self.has_formulas = _has_formulas(self.path)
            with _opened(self.path) as book:
                self.titles = {_stem(title): title for title in book.sheetnames}
        except _DAMAGED as e:
            raise ImportRefused([Problem(self.path.name, _UNREADABLE)]) from e

    def shown(self, file: str) -> str:
        is_table = file in self.known and file not in _DOCUMENTS
        return f"sheet {_stem_of(file)}" if is_table else file

    def judge_names(self, report: Report) -> None:
        stems = [_stem_of(file) for file in self.known if file not in _DOCUMENTS]
        for stem, title in self.titles.items():
            names.judge(stem, f"sheet {title}", stems, report)
        try:
            beside = names_inside(self.root, self.root)
        except Refused as e:
            raise ImportRefused([Problem(str(self.root), str(e))]) from e
        # A workbook on its own may lie among files that have nothing to do with it.
        quiet = report if self.is_own_folder else Report(shown=report.shown)
        for name in beside:
            if self.root / name != self.path:
                names.judge(name, name, _DOCUMENTS, quiet)
        if quiet is not report:
            report.problems += quiet.problems

    def facts(self, report: Report) -> Facts | None:
        """Two columns, key and value; a heading above them may be there."""
        try:
            rows = self.rows(PROJECT_FILE)
        except Unreadable as e:
            report.add(PROJECT_FILE, str(e), e.row)
            return None
        values: dict[str, object] = {}
        places: dict[str, int] = {}
        for number, cells in rows:
            key, value, *more = [*cells, "", ""]
            if (number == 1 and (key, value) == ("key", "value")) or not any(cells):
                continue
            if extra := next(filter(None, more), ""):
                report.add(PROJECT_FILE, f"“{extra}” stands beyond the second column.", number)
            if isinstance(value, Broken):
                report.add(PROJECT_FILE, value, number, key)
            elif key in values:
                report.add(PROJECT_FILE, f"the key is there twice; first in row {places[key]}.",
                           number, key)  # fmt: skip
            values[key] = "?" if isinstance(value, Broken) else value
            places[key] = number
        return Facts(values, places)

    def has(self, file: str) -> bool:
        return _stem_of(file) in self.titles

    def rows(self, file: str) -> Rows:
        title = self.titles.get(_stem_of(file))
        if title is None:
            raise Unreadable("the sheet is missing.")
        try:
            with _opened(self.path) as values:
                if not self.has_formulas:
                    return list(self._rows(values[title], None))
                with _opened(self.path, formulas=True) as formulas:
                    return list(self._rows(values[title], formulas[title]))
        except _DAMAGED as e:
            raise Unreadable(_UNREADABLE) from e

    def _rows(self, values: Any, formulas: Any) -> Iterator[tuple[int, list[str]]]:
        """Both readings of a sheet side by side: only the second tells where a formula stands."""
        # What the file says of its own size may be wrong.
        values.reset_dimensions()
        written_rows = iter(())
        if formulas is not None:
            formulas.reset_dimensions()
            written_rows = formulas.iter_rows()
        pairs = zip_longest(values.iter_rows(), written_rows, fillvalue=())
        for number, (shown, written) in enumerate(pairs, 1):
            self.budget -= len(shown) + 1
            if self.budget < 0 or number > _LAST_ROW:
                raise Unreadable(f"the workbook has more than {MOST_CELLS:,} cells.", number)
            if any(cell.value is not None for cell in (*shown, *written)):
                cells = zip_longest(shown, written)
                yield number, [cell_text(value, formula) for value, formula in cells]


_UNREADABLE = (
    "the workbook cannot be read; open it in a spreadsheet program and save it again as .xlsx."
)


@contextmanager
def _opened(path: Path, *, formulas: bool = False) -> Iterator[Workbook]:
    with warnings.catch_warnings():
        # It warns of what it does not draw: conditional formats, drop-down lists.
        warnings.simplefilter("ignore")
        # Opened here, since openpyxl leaves a file that it cannot read open.
        with path.open("rb") as file:
            yield load_workbook(file, read_only=True, data_only=not formulas, keep_links=False)


def _has_formulas(path: Path) -> bool:
    """Whether any part may have one, found without parsing."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith(".xml"):
                with archive.open(name) as sheet:
                    end = b""
                    while piece := sheet.read(_PIECE):
                        if _FORMULA.search(end + piece):
                            return True
                        end = piece[-_LONGEST_TAG:]
    return False


def _stem_of(file: str) -> str:
    return file.partition(".")[0]


def _stem(title: str) -> str:
    return re.sub(r"[\s_]+", "_", title.strip().lower())
