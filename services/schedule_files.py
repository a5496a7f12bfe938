"""The schedule of values of one contract from a CSV file or a workbook (.xlsx)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from billing import extended, format_cents, format_units
from services.errors import AppError
from services.importing.cells import money, text, units
from services.importing.columns import Record, optional, required
from services.importing.csv_folder import csv_rows, decoded
from services.importing.problems import ImportRefused, Problem, Report
from services.importing.sources import Facts, Rows, Unreadable
from services.importing.tables import Table, read_table
from services.importing.workbook import ProjectWorkbook
from services.schedule_grid import MOST_LINES, Grid, GridRow

#: What sheets call the columns, beside their names; the first two are those of our own pages.
_ALSO = {
    "description_of_work": "description",
    "item_#": "item",
    "#": "item",
    "no.": "item",
    "item_no": "item",
    "item_no.": "item",
    "item_number": "item",
    "amount": "scheduled_value",
    "cost_code": "budget_code",
}
_SUM = re.compile(r"((grand|sub|contract|project)[ -]?)?totals?:?", re.IGNORECASE)
#: Bytes; thousands of lines take a few hundred thousand.
LARGEST_FILE = 20_000_000


class FileRefused(AppError):
    """The file was not taken; nothing was changed. `problems` say where and why."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        what = "mistake" if len(problems) == 1 else "mistakes"
        super().__init__(f"Nothing was changed: the file has {len(problems):,} {what}.")


@dataclass(frozen=True, kw_only=True)
class _Line(Record):
    file = "schedule_of_values"
    is_required = True

    item: str = required(text(60))
    description: str = required(text(1000, lines=True))
    scheduled_value: int | None = optional(money)
    budget_code: str = optional(text(100), "")
    unit: str = optional(text(20), "")
    quantity: int | None = optional(units)
    unit_price: int | None = optional(units)


@dataclass(frozen=True, slots=True)
class _File:
    """One table as a source."""

    name: str
    found: Rows
    root: Path = Path()

    def shown(self, file: str) -> str:  # noqa: ARG002 - there is but one
        return self.name

    def judge_names(self, report: Report) -> None: ...

    def facts(self, report: Report) -> Facts | None: ...

    def has(self, file: str) -> bool:
        return bool(file)

    def rows(self, file: str) -> Rows:  # noqa: ARG002
        return self.found


def apply(path: Path, name: str, grid: Grid) -> None:
    """Put the lines of a file into the grid: an item that is there is changed, others are added.

    `name` is what the file was called; a row of totals at its end is no line. Raises `FileRefused`
    with every mistake.
    """
    lines = _lines(path, name, is_unit=grid.is_unit)
    rows = {row.cells["item"]: row for row in grid.rows}
    if len(rows.keys() | {line.item for line in lines}) > MOST_LINES:
        raise FileRefused([Problem(name, f"a schedule has at most {MOST_LINES:,} lines here.")])
    for place, line in enumerate(lines, 1):
        row = rows.get(line.item)
        if row is None:
            row = GridRow(f"f{place}", {})
            grid.rows.append(row)
        row.cells |= _cells(line, is_unit=grid.is_unit)
        row.values = _values(line, is_unit=grid.is_unit)


def _lines(path: Path, name: str, *, is_unit: bool) -> list[_Line]:
    report = Report(shown=lambda _: name)
    try:
        table = read_table(_File(name, _without_total(_headed(_rows(path, name)))), _Line, report)
    except Unreadable as e:
        raise FileRefused([Problem(name, str(e), e.row)]) from e
    except ImportRefused as e:
        raise FileRefused(list(e.problems)) from e
    _check(table, report, is_unit=is_unit)
    if not report.problems and not table.rows:
        report.add("", "there is no line in it.")
    if report.problems:
        raise FileRefused(sorted(report.problems, key=lambda problem: problem.row or 0))
    return table.rows


def _rows(path: Path, name: str) -> Rows:
    if path.stat().st_size > LARGEST_FILE:
        raise Unreadable(f"the file is larger than {LARGEST_FILE // 1_000_000} MB.")
    if name.lower().endswith(".xlsx"):
        book = ProjectWorkbook(path, path.parent, (), is_own_folder=False)
        book.titles = dict.fromkeys([_Line.file], next(iter(book.titles.values())))
        return book.rows(_Line.file)
    if name.lower().endswith(".csv"):
        return list(csv_rows(decoded(path.read_bytes())))
    raise Unreadable("expected a CSV file or a workbook (.xlsx).")


def _headed(rows: Rows) -> Rows:
    """With headings as people write them: “Scheduled Value” for scheduled_value."""
    if not rows:
        return rows
    (number, head), *rest = rows
    return [(number, [_name(cell) for cell in head]), *rest]


def _name(cell: str) -> str:
    # What a cell cannot be read for is told by its own class.
    if type(cell) is not str:
        return cell
    name = "_".join(cell.lower().split())
    return _ALSO.get(name, name)


def _without_total(rows: Rows) -> Rows:
    """Without a last row whose only words are “Total” or the like, and which names no item."""
    if len(rows) < 3:
        return rows
    head, last = rows[0][1], rows[-1][1]
    cells = dict(zip(head, last, strict=False))
    words = [cells[column] for column in ("item", "description") if cells.get(column)]
    is_sum = bool(words) and all(type(cell) is str and _SUM.fullmatch(cell) for cell in words)
    return rows[:-1] if is_sum else rows


def _check(table: Table[_Line], report: Report, *, is_unit: bool) -> None:
    first: dict[str, int] = {}
    for row in table.rows:
        for column, message in _wrong(row, is_unit=is_unit):
            report.add("", message, row.row, column)
        if row.has("item") and first.setdefault(row.item, row.row) != row.row:
            message = f"item {row.item} is listed twice; first in row {first[row.item]}."
            report.add("", message, row.row, "item")


def _wrong(row: _Line, *, is_unit: bool) -> Iterator[tuple[str, str]]:
    if not is_unit:
        if row.has("scheduled_value") and row.scheduled_value is None:
            yield "scheduled_value", "the cell is empty."
        for column in ("quantity", "unit_price"):
            if getattr(row, column) is not None:
                yield column, "this contract is billed by amounts."
        return
    for column in ("quantity", "unit_price"):
        if row.has(column) and getattr(row, column) is None:
            yield column, "the cell is empty; this contract is billed by units."
    if row.quantity is not None and row.unit_price is not None:
        value = extended(row.quantity, row.unit_price)
        if row.scheduled_value not in {None, value}:
            yield "scheduled_value", f"quantity times unit price is {format_cents(value)}."


def _cells(line: _Line, *, is_unit: bool) -> dict[str, str]:
    cells = {"item": line.item, "description": line.description, "budget_code": line.budget_code}
    if not is_unit:
        return cells | {"scheduled_value": format_cents(line.scheduled_value or 0)}
    return cells | {
        "quantity": format_units(line.quantity or 0),
        "unit": line.unit,
        "unit_price": format_units(line.unit_price or 0, 2),
    }


def _values(line: _Line, *, is_unit: bool) -> dict[str, object]:
    names = ["item", "description", "budget_code"]
    names += ["quantity", "unit", "unit_price"] if is_unit else ["scheduled_value"]
    return {name: getattr(line, name) for name in names}
