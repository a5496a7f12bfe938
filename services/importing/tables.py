"""A table as records: header and cells; each mistake is told with its row."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from services.importing.cells import BadCell, quoted, shortened
from services.importing.columns import Cell, Record
from services.importing.problems import Report
from services.importing.sources import Broken, Source, Unreadable

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Table(Generic[R]):
    """The rows of one file, those with bad cells too, in the order of the file."""

    rows: list[R]
    #: False when the file could not be read: then nobody can say what it lacks.
    is_read: bool = True


def read_table(source: Source, kind: type[R], report: Report) -> Table[R]:
    """Read the table `kind` of `source`; what is wrong goes to `report`."""
    if not kind.is_required and not source.has(kind.file):
        return Table([])
    reader = _Reader(kind.file, columns_of(kind), report)
    try:
        rows = source.rows(kind.file)
        # A workbook leaves out empty rows, and its first one may be such.
        is_headed = bool(rows) and rows[0][0] == 1
        header = reader.header(rows[0][1] if is_headed else [])
    except Unreadable as e:
        report.add(kind.file, str(e), e.row)
        return Table([], is_read=False)
    records = [
        kind(row=number, **reader.values(header, number, row))
        for number, row in rows[1:]
        if any(row)
    ]
    return Table(records, is_read=reader.required <= set(header))


def columns_of(kind: type[Record]) -> dict[str, Cell]:
    """The columns of a table and how they are read."""
    fields = dataclasses.fields(kind)
    return {f.name: f.metadata["cell"] for f in fields if "cell" in f.metadata}


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns the rows of one file into values, column by column."""

    file: str
    cells: dict[str, Cell]
    report: Report

    @property
    def required(self) -> set[str]:
        return {name for name, cell in self.cells.items() if cell.column_is_required}

    def header(self, header: list[str]) -> list[str]:
        """The names of the columns; problems with them are reported once, for row 1."""
        while header and not header[-1]:
            header.pop()
        columns = ", ".join(self.cells)
        if broken := next((cell for cell in header if isinstance(cell, Broken)), None):
            raise Unreadable(broken, 1)
        if not header:
            raise Unreadable(f"the first row is empty; expected the columns {columns}.")
        if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
            raise Unreadable("the columns are not separated by commas.", 1)
        for name in dict.fromkeys(header):
            if name not in self.cells:
                message = f"there is no such column; the columns are {columns}."
                self.report.add(self.file, message, 1, shortened(name) or "without a name")
            elif header.count(name) > 1:
                self.report.add(self.file, "the column is there twice.", 1, name)
        for name in self.cells:
            if name in self.required and name not in header:
                self.report.add(self.file, "the column is missing.", 1, name)
        return header

    def values(self, header: list[str], number: int, row: list[str]) -> dict[str, Any]:
        """What the cells of a row mean, by column, with the names of the `bad` ones."""
        given = dict(zip(header, row, strict=False))
        if extra := next(filter(None, row[len(header) :]), ""):
            self.report.add(self.file, f"{quoted(extra)} stands beyond the last column.", number)
        values: dict[str, Any] = {}
        bad = set()
        for name, cell in self.cells.items():
            try:
                values[name] = _value(cell, given.get(name, ""))
            except BadCell as e:
                values[name] = None
                bad.add(name)
                # A column that is missing was reported for the header.
                if name in header:
                    self.report.add(self.file, str(e), number, name)
        return values | {"bad": frozenset(bad)}


def _value(cell: Cell, text: str) -> object:
    if isinstance(text, Broken):
        raise BadCell(text)
    if text:
        return cell.parse(text)
    if cell.cell_is_required:
        raise BadCell("the cell is empty.")
    return cell.default
