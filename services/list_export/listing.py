"""The whole list as one view of the tab shows it: same filters, grouping and order, no pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models import Project, User
from services import invoice_rows, unbilled
from services.formats import counted, spoken
from services.invoice_filters import NAMES, Filters
from services.invoice_list import Totals, title_of
from services.invoice_order import GroupBy, Order
from services.invoice_rows import Row
from services.unbilled import Unbilled


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    totals: Totals
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Listing:
    """What goes into the file."""

    project: Project
    #: Aware, in the project's time zone.
    made: datetime
    by: GroupBy
    groups: Sequence[Group]
    totals: Totals
    #: Contracts without an invoice in the open period, after the invoices.
    unbilled: Sequence[Unbilled]
    #: What was filtered for, in words; empty for the whole list.
    filtered: str

    @property
    def rows(self) -> list[Row | Unbilled]:
        return [*(row for group in self.groups for row in group.rows), *self.unbilled]

    @property
    def summary(self) -> str:
        """How much is in it."""
        contracts = len({row.contract.id for row in self.rows})
        return f"{counted(self.totals.count, 'invoice')} of {counted(contracts, 'contract')}"


def gather(
    project: Project, filters: Filters, order: Order, viewer: User | None, now: datetime
) -> Listing:
    """The list as `viewer` sees it. Four statements, however many invoices there are."""
    loaded = invoice_rows.load_all(project.id, viewer)
    waiting = unbilled.rows(loaded)
    rows = filters.matching(loaded.rows)
    return Listing(
        project=project,
        made=now.astimezone(project.zone),
        by=order.group,
        groups=[
            Group(title_of(found[0], order.group), Totals.of(found), found)
            for found in order.groups(rows)
        ],
        totals=Totals.of(rows),
        unbilled=unbilled.shown(filters.matching(waiting))
        if unbilled.are_shown(filters, order)
        else [],
        filtered=_in_words(filters, [*loaded.rows, *waiting]),
    )


def _in_words(filters: Filters, rows: Sequence[Row | Unbilled]) -> str:
    parts = [f"“{filters.text}”"] if filters.text else []
    for name in NAMES:
        titles = {row.value_of(name): title_of(row, name) for row in rows}
        chosen = [titles.get(value, spoken(value)) for value in sorted(filters.of(name))]
        if chosen:
            parts.append(" or ".join(chosen))
    return "; ".join(parts)
