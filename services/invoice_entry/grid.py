"""The form of an invoice as its page shows it: fields as typed, figures as they would be."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from billing import Entry, Sheet, SheetLine, format_cents, format_units, ratio_percent
from billing.checks import remarks
from services.invoice_entry.drafts import Draft, Outcome, name_of
from services.invoice_entry.fields import FIELDS, Field, texts
from services.invoice_entry.state import EntryLine, EntryState

_Figure = Callable[[SheetLine], int]
#: Figures of a line and of every sum of lines, in cents, by the name that the page gives them.
_FIGURES: dict[str, _Figure] = {
    "scheduled": lambda row: row.scheduled_value,
    "previous": lambda row: row.work_completed_from_previous_application,
    "stored": lambda row: row.materials_previously_stored + row.stored_installed,
    "completed": lambda row: row.total_completed_and_stored_to_date,
    "balance": lambda row: row.balance_to_finish,
    "held": lambda row: row.total_retainage,
}
#: What the fields of money add up to.
_SUMS: dict[str, _Figure] = {
    "work": lambda row: row.work_completed_this_period - row.stored_installed,
    "installed": lambda row: row.stored_installed,
    "new": lambda row: row.new_materials_stored,
    "wr": lambda row: row.work_retainage_this_period,
    "wrel": lambda row: row.work_retainage_released,
    "sr": lambda row: row.stored_retainage_held + row.stored_retainage_released,
    "srel": lambda row: row.stored_retainage_released,
}
#: Figures that change while somebody types.
MOVING = ("completed", "balance", "held")


@dataclass(frozen=True, slots=True)
class Cell:
    """A field as it stands in the form."""

    text: str
    is_typed: bool
    has_problem: bool


@dataclass(frozen=True, slots=True)
class Row:
    line: EntryLine
    cells: Mapping[str, Cell]
    figures: Mapping[str, int]

    @property
    def price(self) -> str:
        """What a unit costs: 12.50 / m2."""
        price = self.line.standing.unit_price
        return "" if price is None else f"{format_units(price, 2)} / {self.line.unit or 'unit'}"


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of the original contract (no number) or of one change order."""

    number: str
    title: str
    rows: Sequence[Row]
    totals: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Grid:
    fields: Sequence[Field]
    groups: Sequence[Group]
    totals: Mapping[str, str]
    sheet: Sheet
    #: What an attentive reader would question, in sentences.
    doubts: Sequence[str]

    @property
    def rows(self) -> Iterator[Row]:
        return (row for group in self.groups for row in group.rows)

    @property
    def labels(self) -> dict[str, str]:
        """What a field is called where its heading is too short."""
        return {field.name: field.label for field in self.fields}

    def has(self, name: str) -> bool:
        return any(field.name == name for field in self.fields)


def of_draft(state: EntryState, draft: Draft, outcome: Outcome, fields: Sequence[Field]) -> Grid:
    """The whole grid. `fields` are those that its reader has."""
    if all(line.standing.unit_price is None for line in state.lines):
        fields = [field for field in fields if field.name != "quantity"]
    now, before = outcome.rows, {row.key: row for row in state.sheet.lines}
    sheets = {line.key: now.get(line.key, before[line.key]) for line in state.lines}
    titles = {order.number: order.title for order in state.contract.change_orders}
    groups = [
        Group(
            number,
            titles.get(number, ""),
            [_row(line, draft, outcome, sheets[line.key], fields) for line in lines],
            _totals([sheets[line.key] for line in lines]),
        )
        for number, lines in (
            (key, list(found)) for key, found in groupby(state.lines, key=lambda line: line.key[0])
        )
    ]
    return Grid(
        fields, groups, _totals(list(sheets.values())), outcome.sheet, _doubts(state, outcome)
    )


def fields_for(*, may_set: bool, may_release: bool) -> list[Field]:
    """Standard users set no retainage (docs/domain.md 14)."""
    return [
        field
        for field in FIELDS
        if (may_set or not field.sets_retainage) and (may_release or not field.releases)
    ]


def _row(
    line: EntryLine, draft: Draft, outcome: Outcome, sheet: SheetLine, fields: Sequence[Field]
) -> Row:
    entry: Entry = outcome.entries.get(line.key) or line.standing.unlisted
    shown = texts(line.standing, entry, outcome.quantities.get(line.id))
    cells = {}
    for field in fields:
        name = name_of(field.name, line.id)
        raw = draft.raw.get(name)
        cells[field.name] = Cell(
            shown[field.name] if raw is None else raw, raw is not None, name in draft.problems
        )
    return Row(line, cells, {name: read(sheet) for name, read in _FIGURES.items()})


def _totals(rows: Sequence[SheetLine]) -> dict[str, str]:
    sums = {name: sum(map(read, rows)) for name, read in (_FIGURES | _SUMS).items()}
    found = {name: format_cents(cents) for name, cents in sums.items()}
    return found | {"percent": f"{ratio_percent(sums['completed'], sums['scheduled'])}%"}


def _doubts(state: EntryState, outcome: Outcome) -> list[str]:
    names = {line.key: line.name for line in state.lines}
    found: dict[str, list[str]] = {}
    for remark in remarks(outcome.sheet, state.contract):
        key = (remark.change_order, remark.item)
        found.setdefault(remark.doubt.value, []).append(names.get(key, f"Item {remark.item}"))
    return [
        f"{_SAID[doubt]}: {_listed(lines)}." for doubt, lines in found.items() if doubt in _SAID
    ]


_SAID = {
    "over_billed": "More is completed and stored than is scheduled",
    "below_zero": "More is released or installed than there was",
}


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more
