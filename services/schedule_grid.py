"""The lines of a contract or change order as a grid that people type into.

A row is what stands in the form: text, mistakes included. `read` understands as much of it as
there is and says what it does not; nothing typed is lost on the way.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from billing import MAX_CENTS, extended, format_cents, format_units
from models import SovLine
from services.errors import AppError
from services.forms import sentence, text
from services.importing.cells import BadCell, money, units

#: What one form holds and one page shows without lag.
MOST_LINES = 2_000
#: Rows that a press of the button adds.
SOME_ROWS = 10

_POSITION = re.compile(r"\d{1,6}(\.\d{1,4})?", re.ASCII)
_KEY = re.compile(r"[a-z]?\d{1,12}", re.ASCII)
COMMON = ("item", "description", "budget_code")
AMOUNT_COLUMNS = (*COMMON, "scheduled_value")
UNIT_COLUMNS = (*COMMON, "quantity", "unit", "unit_price")
LABELS = {
    "item": "Item",
    "description": "Description of work",
    "budget_code": "Budget code",
    "scheduled_value": "Scheduled value",
    "quantity": "Quantity",
    "unit": "Unit",
    "unit_price": "Unit price",
}
_PARSERS: Mapping[str, Callable[[str], Any]] = {
    "item": text(60),
    "description": text(1000, lines=True),
    "budget_code": text(100),
    "scheduled_value": money,
    "quantity": units,
    "unit": text(20),
    "unit_price": units,
}
_NONE: frozenset[int] = frozenset()
_MAY_BE_EMPTY = {"budget_code", "unit"}


class IncompleteGrid(AppError):
    """The form does not hold what its page had."""


def columns(*, is_unit: bool) -> tuple[str, ...]:
    return UNIT_COLUMNS if is_unit else AMOUNT_COLUMNS


@dataclass(slots=True)
class GridRow:
    """One row of the form."""

    key: str
    #: The texts by column.
    cells: dict[str, str]
    position: str = ""
    is_removed: bool = False
    #: Billed by an invoice: it stays.
    is_billed: bool = False
    #: The texts when the form was opened, for a line that is stored.
    was: dict[str, str] | None = None
    #: What the cells mean, where they mean something.
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    #: What somebody else saved meanwhile, by column.
    theirs: dict[str, str] = field(default_factory=dict)
    #: What happened to the whole row meanwhile.
    note: str = ""

    @property
    def line_id(self) -> int | None:
        return int(self.key) if self.key.isdecimal() else None

    @property
    def is_blank(self) -> bool:
        return self.line_id is None and not any(self.cells.values())

    @property
    def amount(self) -> int | None:
        """In cents; None while the cells do not say."""
        if "scheduled_value" in self.values:
            value: int = self.values["scheduled_value"]
            return value
        if "quantity" in self.values and "unit_price" in self.values:
            return extended(self.values["quantity"], self.values["unit_price"])
        return None

    @property
    def was_json(self) -> str:
        return json.dumps(self.was, ensure_ascii=False) if self.was is not None else ""


@dataclass(slots=True)
class Grid:
    rows: list[GridRow]
    is_unit: bool

    @property
    def columns(self) -> tuple[str, ...]:
        return columns(is_unit=self.is_unit)

    @property
    def blank(self) -> GridRow:
        """What the page makes further rows of."""
        return _blank("x0", self.is_unit)

    @property
    def kept(self) -> list[GridRow]:
        """The rows that will be lines, in their order."""
        return [row for row in self.rows if not row.is_removed and not row.is_blank]

    @property
    def total(self) -> int:
        """In cents, of what can be read so far."""
        return sum(row.amount or 0 for row in self.kept)

    @property
    def mistakes(self) -> int:
        return sum(len(row.errors) for row in self.rows)

    def add_blank(self, count: int) -> None:
        taken = {row.key for row in self.rows}
        fresh = (key for n in range(1, MOST_LINES * 3) if (key := f"n{n}") not in taken)
        self.rows += [_blank(next(fresh), self.is_unit) for _ in range(count)]


def of_lines(lines: Iterable[SovLine], *, is_unit: bool, billed: AbstractSet[int] = _NONE) -> Grid:
    """The grid as it is opened."""
    rows = [_row(line, place, is_unit, billed) for place, line in enumerate(lines, 1)]
    return Grid(rows, is_unit)


def texts(line: SovLine, *, is_unit: bool) -> dict[str, str]:
    """A stored line as its cells have it."""
    found = {"item": line.item, "description": line.description, "budget_code": line.budget_code}
    if not is_unit:
        return found | {"scheduled_value": format_cents(line.scheduled_value)}
    return found | {
        "quantity": "" if line.quantity is None else format_units(line.quantity),
        "unit": line.unit,
        "unit_price": "" if line.unit_price is None else format_units(line.unit_price, 2),
    }


def read(form: MultiDict[str, str], *, is_unit: bool, billed: AbstractSet[int] = _NONE) -> Grid:
    """The grid of a posted form, in the order that the positions give. Raises `IncompleteGrid`."""
    keys = form.getlist("row")
    if len(keys) > MOST_LINES:
        raise IncompleteGrid(f"A schedule has at most {MOST_LINES:,} lines here.")
    if len(set(keys)) != len(keys) or not all(_KEY.fullmatch(key) for key in keys):
        raise IncompleteGrid("The form does not fit its page. Load the page again.")
    removed = set(form.getlist("remove"))
    names = columns(is_unit=is_unit)
    rows = [
        GridRow(
            key,
            {name: form.get(f"{name}-{key}", "").strip() for name in names},
            position=form.get(f"position-{key}", "").strip(),
            is_removed=key in removed,
            was=_was(form.get(f"was-{key}", ""), names),
        )
        for key in keys
    ]
    for row in rows:
        row.is_billed = row.line_id in billed
        if not row.is_removed and not row.is_blank:
            _understand(row, names)
    grid = Grid(_in_order(rows), is_unit)
    _refuse_twice(grid)
    _refuse_too_much(grid)
    return grid


def _row(line: SovLine, place: int, is_unit: bool, billed: AbstractSet[int]) -> GridRow:
    cells = texts(line, is_unit=is_unit)
    row = GridRow(str(line.id), cells, str(place), is_billed=line.id in billed, was=dict(cells))
    _understand(row, columns(is_unit=is_unit))
    return row


def _blank(key: str, is_unit: bool) -> GridRow:
    return GridRow(key, dict.fromkeys(columns(is_unit=is_unit), ""))


def _was(given: str, names: Sequence[str]) -> dict[str, str] | None:
    try:
        found = json.loads(given) if given else None
    except (ValueError, RecursionError):
        return None
    return {name: str(found.get(name, "")) for name in names} if isinstance(found, dict) else None


def _understand(row: GridRow, names: Sequence[str]) -> None:
    for name in names:
        cell = row.cells[name]
        if not cell:
            if name not in _MAY_BE_EMPTY:
                row.errors[name] = "This is needed."
            else:
                row.values[name] = ""
            continue
        try:
            row.values[name] = _PARSERS[name](cell)
        except BadCell as e:
            row.errors[name] = sentence(str(e))
    if "quantity" in names and row.amount is not None and abs(row.amount) > MAX_CENTS:
        row.errors["quantity"] = "Quantity times unit price is too large an amount."
    if row.position and not _POSITION.fullmatch(row.position):
        row.errors["position"] = "A place is a number such as 3 or 2.5."


def _in_order(rows: list[GridRow]) -> list[GridRow]:
    """By the positions that are typed; a row without one follows the row before it."""
    places: dict[str, tuple[Decimal, int]] = {}
    last = Decimal(0)
    for index, row in enumerate(rows):
        if _POSITION.fullmatch(row.position):
            last = Decimal(row.position)
        places[row.key] = (last, index)
    return sorted(rows, key=lambda row: places[row.key])


def _refuse_twice(grid: Grid) -> None:
    items = Counter(row.values.get("item") for row in grid.kept)
    for row in grid.kept:
        item = row.values.get("item")
        if item and items[item] > 1:
            row.errors["item"] = f"Item {item} is there {items[item]} times."


def _refuse_too_much(grid: Grid) -> None:
    total = 0
    for row in grid.kept:
        total += abs(row.amount or 0)
        if total > MAX_CENTS:
            name = "quantity" if grid.is_unit else "scheduled_value"
            row.errors[name] = f"The amounts add up to more than {format_cents(MAX_CENTS)}."
            return
