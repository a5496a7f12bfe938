"""A CSV file as records: encoding, quoting, header, cells; each mistake is told with its row."""

import csv
import dataclasses
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from services.importing.cells import BadCell, quoted
from services.importing.places import Refused, file_inside
from services.importing.problems import Report
from services.importing.records import Cell, Record

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Table(Generic[R]):
    """The rows of one file, those with bad cells too, in the order of the file."""

    rows: list[R]
    #: False when the file could not be read: then nobody can say what it lacks.
    is_read: bool = True


class _Unreadable(Exception):
    """The file is no table; the message says why, `row` where."""

    def __init__(self, message: str, row: int | None = None) -> None:
        super().__init__(message)
        self.row = row


def read_table(root: Path, kind: type[R], report: Report) -> Table[R]:
    """Read the table `kind` of the project folder `root`; what is wrong goes to `report`."""
    path = root / kind.file
    if not kind.is_required and not path.exists() and not path.is_symlink():
        return Table([])
    reader = _Reader(kind.file, _cells(kind), report)
    try:
        rows = list(_rows(_text(root, path)))
        header = reader.header(rows[0][1] if rows else [])
    except _Unreadable as e:
        report.add(kind.file, str(e), e.row)
        return Table([], is_read=False)
    records = [
        kind(row=number, **reader.values(header, number, row))
        for number, row in rows[1:]
        if any(row)
    ]
    return Table(records, is_read=reader.required <= set(header))


def _cells(kind: type[Record]) -> dict[str, Cell]:
    """The columns of a table and how they are read."""
    fields = dataclasses.fields(kind)
    return {f.name: f.metadata["cell"] for f in fields if "cell" in f.metadata}


def _text(root: Path, path: Path) -> str:
    try:
        content = file_inside(root, path).read_bytes()
    except Refused as e:
        raise _Unreadable(str(e)) from e
    except OSError as e:
        raise _Unreadable(f"the file cannot be read: {e.strerror}.") from e
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _Unreadable("the file is UTF-16; save it as CSV in UTF-8.")
    if b"\0" in content:
        raise _Unreadable("there is a zero byte, which no text has.", _line(content, b"\0"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        row = content.count(b"\n", 0, e.start) + 1
        raise _Unreadable("the text is not UTF-8; save the file as CSV in UTF-8.", row) from e


def _line(content: bytes, what: bytes) -> int:
    return content.count(b"\n", 0, content.index(what)) + 1


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with their numbers. A cell of several lines is one row, as in a spreadsheet."""
    # Ours may hold more than Python's 128 KiB: a forgotten quote must not look like a long cell.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    number = 0
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), 1):
            yield number, [cell.strip() for cell in row]
    except csv.Error as e:
        message = "the quotes do not match; write a quote inside a quoted cell twice."
        raise _Unreadable(message, number + 1) from e


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
        if not header:
            raise _Unreadable(f"the first row is empty; expected the columns {columns}.")
        if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
            raise _Unreadable("the columns are not separated by commas.", 1)
        for name in dict.fromkeys(header):
            if name not in self.cells:
                message = f"there is no such column; the columns are {columns}."
                self.report.add(self.file, message, 1, name or "without a name")
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
    if text:
        return cell.parse(text)
    if cell.cell_is_required:
        raise BadCell("the cell is empty.")
    return cell.default
