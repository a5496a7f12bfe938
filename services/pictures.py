"""Pictures of billing as plain geometry; templates/_pictures.html draws them as SVG.

All arithmetic is in integers: lengths are units of the picture's own coordinates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing import ratio_percent

#: Width of the bar in its own units.
BAR_WIDTH = 1000
#: Room for columns above the axis.
CHART_HEIGHT = 150
#: A chart grows with its columns up to here, then the columns get thinner.
_WIDEST = 1100
_STEP = 64
_THINNEST_STEP = 12
#: Room that a label needs.
_LABEL = 26


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the bar; `kind` is its colour: billed, stored, remaining, earned or retained."""

    kind: str
    label: str
    amount: int
    #: Of the contract sum.
    percent: Decimal
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Bar:
    """How far a contract is billed: what was done above, what was earned of it below."""

    progress: tuple[Segment, ...]
    retainage: tuple[Segment, ...]
    #: Where the contract sum ends, when more than it was billed; else None.
    limit: int | None


def billing_bar(*, contract_sum: int, work: int, stored: int, retainage: int) -> Bar:
    """The bar of a contract, in cents. Parts below zero take no room, but keep their figure."""
    completed = work + stored
    whole = max(contract_sum, completed, 1)
    progress = _row(
        contract_sum,
        whole,
        ("billed", "Work completed", work),
        ("stored", "Materials stored", stored),
        ("remaining", "Balance to finish", contract_sum - completed),
    )
    earned = _row(
        contract_sum,
        whole,
        ("earned", "Earned less retainage", completed - retainage),
        ("retained", "Retainage held", retainage),
    )
    is_over = completed > contract_sum > 0
    return Bar(progress, earned, contract_sum * BAR_WIDTH // whole if is_over else None)


def _row(contract_sum: int, whole: int, *parts: tuple[str, str, int]) -> tuple[Segment, ...]:
    segments, x = [], 0
    for kind, label, amount in parts:
        width = min(max(amount, 0) * BAR_WIDTH // whole, BAR_WIDTH - x)
        percent = ratio_percent(amount, contract_sum)
        segments.append(Segment(kind, label, amount, percent, x, width))
        x += width
    return tuple(segments)


@dataclass(frozen=True, slots=True)
class Column:
    """One invoice or period: what was billed before it, and what it bills."""

    x: int
    before_y: int
    before_height: int
    this_y: int
    this_height: int
    #: The part of what it bills, from its top, that is kept back.
    retained_height: int
    label: str
    #: Only as many labels as there is room for.
    shows_label: bool
    title: str
    #: It takes back more than it bills.
    is_credit: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """Columns from the left; their tops are the cumulative billing."""

    width: int
    columns: tuple[Column, ...]
    column_width: int
    #: Height of the contract sum, or None where it would leave the picture.
    limit_y: int | None


@dataclass(frozen=True, slots=True)
class Billing:
    """What the chart needs of an invoice or a period, in cents."""

    label: str
    this_period: int
    to_date: int
    title: str
    #: Kept back of this period; drawn where it is more than nothing.
    retained: int = 0


def billing_chart(contract_sum: int, invoices: Sequence[Billing]) -> Chart:
    """Billing per invoice or period: this one on top of what was billed before."""
    top = max([contract_sum, 1, *(max(i.to_date, i.to_date - i.this_period) for i in invoices)])

    def y(amount: int) -> int:
        return CHART_HEIGHT - max(amount, 0) * CHART_HEIGHT // top

    step = max(_THINNEST_STEP, min(_STEP, _WIDEST // max(len(invoices), 1)))
    every = -(-_LABEL // step)
    columns = []
    for index, invoice in enumerate(invoices):
        before = invoice.to_date - invoice.this_period
        # A credit takes from the top of what was billed before.
        low, high = min(before, invoice.to_date), max(before, invoice.to_date)
        columns.append(
            Column(
                x=index * step + step // 5,
                before_y=y(low),
                before_height=CHART_HEIGHT - y(low),
                this_y=y(high),
                this_height=y(low) - y(high),
                retained_height=min(CHART_HEIGHT - y(invoice.retained), y(low) - y(high)),
                label=invoice.label,
                shows_label=index % every == 0,
                title=invoice.title,
                is_credit=invoice.this_period < 0,
            )
        )
    limit = y(contract_sum) if contract_sum > 0 else None
    return Chart(max(len(columns) * step, 6 * _STEP), tuple(columns), step * 3 // 5, limit)
