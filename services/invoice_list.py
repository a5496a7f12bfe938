"""The Subcontractor tab: the invoices of a project, filtered, grouped, sorted, page by page."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from billing.payments import PaymentStatus
from models import InvoiceStatus, User
from services import invoice_marks, invoice_rows, unbilled
from services.billing_by_period import PeriodBilling, by_period
from services.formats import span, spoken
from services.invoice_filters import NAMES, Filters
from services.invoice_marks import Marks
from services.invoice_order import GroupBy, Order
from services.invoice_rows import ContractFacts, Row
from services.unbilled import PseudoStatus, Unbilled

#: A page ends before the group that would make it longer than this; a longer group is cut.
PAGE_ROWS = 200
PAGE_GROUPS = 25


@dataclass(slots=True)
class Totals:
    """Of all invoices of a group, a status or the whole list; amounts in cents."""

    count: int
    gross: int
    net: int

    @classmethod
    def of(cls, rows: Sequence[Row]) -> "Totals":
        return cls(len(rows), sum(row.gross for row in rows), sum(row.net for row in rows))


@dataclass(slots=True)
class Group:
    """A group, or the part of a long one that is on this page."""

    by: GroupBy
    #: As it stands in forms: the id, or the status.
    value: str
    title: str
    totals: Totals
    rows: list[Row]
    #: The rows before these are on the page before.
    is_continued: bool = False

    @property
    def contract(self) -> ContractFacts | None:
        return self.rows[0].contract if self.by == GroupBy.CONTRACT else None


@dataclass(slots=True)
class Option:
    """A value that a filter offers."""

    value: str
    label: str


@dataclass(slots=True)
class InvoiceList:
    filters: Filters
    order: Order
    groups: list[Group]
    totals: Totals
    contracts: int
    #: By status, with all filters but the one for status.
    counters: dict[InvoiceStatus, Totals]
    #: What the filter for each name offers.
    options: dict[str, list[Option]]
    page: int
    pages: int
    #: Whether the project has any invoice, filters aside.
    has_invoices: bool
    #: Contracts without an invoice in the open period that match; none where they are hidden.
    unbilled: list[Unbilled]
    hidden_unbilled: int
    #: By pseudo-status, with all filters but the one for status.
    unbilled_counters: dict[PseudoStatus, int]
    #: Whether there is anything to list, filters aside.
    has_rows: bool
    #: Of all invoices, filters aside; oldest period first.
    by_period: list[PeriodBilling]
    #: Whether any payment is linked to an invoice, filters aside.
    has_payments: bool = False
    marks: dict[int, Marks] = field(default_factory=dict)


def show(project_id: int, filters: Filters, order: Order, viewer: User | None) -> InvoiceList:
    """One page of the list as `viewer` sees it.

    Six statements at most, however many invoices there are.
    """
    loaded = invoice_rows.load_all(project_id, viewer)
    every, waiting = loaded.rows, unbilled.rows(loaded)
    meant = filters.matching(waiting)
    is_shown = unbilled.are_shown(filters, order)
    rows = filters.matching(every)
    pages = list(_pages(order.groups(rows), order.group)) or [[]]
    page = min(order.page, len(pages))
    groups = pages[page - 1]
    return InvoiceList(
        filters=filters,
        order=order,
        groups=groups,
        totals=Totals.of(rows),
        contracts=invoice_rows.contracts_of(rows),
        counters=_counters(every, filters),
        options={name: _options(name, every, waiting) for name in NAMES},
        page=page,
        pages=len(pages),
        has_invoices=bool(every),
        unbilled=unbilled.shown(meant) if is_shown else [],
        hidden_unbilled=0 if is_shown else len(meant),
        unbilled_counters=unbilled.counters(filters.without_status.matching(waiting)),
        has_rows=bool(every or waiting),
        by_period=by_period(every),
        has_payments=any(row.paid for row in every),
        marks=invoice_marks.of_invoices([row.id for group in groups for row in group.rows]),
    )


def _pages(groups: Iterable[list[Row]], by: GroupBy) -> Iterator[list[Group]]:
    page: list[Group] = []
    length = 0
    for part in (part for rows in groups for part in _parts(rows, by)):
        if page and (length + len(part.rows) > PAGE_ROWS or len(page) == PAGE_GROUPS):
            yield page
            page, length = [], 0
        page.append(part)
        length += len(part.rows)
    if page:
        yield page


def _parts(rows: list[Row], by: GroupBy) -> Iterator[Group]:
    totals = Totals.of(rows)
    for start in range(0, len(rows), PAGE_ROWS):
        yield Group(
            by=by,
            value=rows[0].value_of(by),
            title=title_of(rows[0], by),
            totals=totals,
            rows=rows[start : start + PAGE_ROWS],
            is_continued=start > 0,
        )


def title_of(row: Row | Unbilled, name: str) -> str:
    match name:
        case "contract":
            return f"{row.contract.number} {row.contract.title}"
        case "company":
            return row.contract.company
        case "period":
            return span(row.period.start, row.period.end) if row.period else "No billing period"
        case _:
            return spoken(row.value_of(name))


def _counters(rows: Sequence[Row], filters: Filters) -> dict[InvoiceStatus, Totals]:
    by_status: dict[InvoiceStatus, list[Row]] = {status: [] for status in InvoiceStatus}
    for row in filters.without_status.matching(rows):
        by_status[row.status].append(row)
    return {status: Totals.of(found) for status, found in by_status.items()}


def _options(name: str, rows: Iterable[Row], waiting: Iterable[Unbilled]) -> list[Option]:
    """The values that occur in the project, each once, in their natural order."""
    examples = {row.value_of(name): row for row in rows}
    if name == "payment":
        return [Option(status, spoken(status)) for status in PaymentStatus if status in examples]
    if name == "type":
        found = sorted(examples.values(), key=lambda row: row.contract.type, reverse=True)
    else:
        by = Order(GroupBy(name))
        found = [group[0] for group in by.groups(list(examples.values()))]
    options = [Option(row.value_of(name), title_of(row, name)) for row in found]
    others = {row.value_of(name): row for row in waiting if row.value_of(name) not in examples}
    return options + [Option(value, title_of(row, name)) for value, row in others.items()]
