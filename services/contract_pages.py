"""What the page of a contract shows, in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from billing import Sheet, SheetLine, ratio_percent
from models import (
    BillingPeriod,
    ChangeOrder,
    ChangeOrderStatus,
    Contract,
    Invoice,
    SovLine,
    db,
)
from services import sheets
from services.formats import span
from services.pictures import Bar, Billing, Chart, billing_bar, billing_chart


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of the schedule with what was billed on it so far, in cents."""

    item: str
    description: str
    budget_code: str
    scheduled: int
    work: int
    stored: int
    retainage: int

    @property
    def completed(self) -> int:
        return self.work + self.stored

    @property
    def balance(self) -> int:
        return self.scheduled - self.completed

    @property
    def percent(self) -> Decimal:
        return ratio_percent(self.completed, self.scheduled)


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A change order with its lines."""

    order: ChangeOrder
    lines: Sequence[LineRow]

    @property
    def total(self) -> LineRow:
        return _total(self.lines)


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice in the list of its contract."""

    invoice: Invoice
    period: BillingPeriod | None

    @property
    def percent(self) -> Decimal:
        return ratio_percent(self.invoice.completed_and_stored, self.invoice.contract_sum_to_date)


@dataclass(frozen=True, slots=True)
class ContractPage:
    """Everything on the page; amounts in cents."""

    contract: Contract
    lines: Sequence[LineRow]
    orders: Sequence[OrderRow]
    invoices: Sequence[InvoiceRow]
    total: LineRow
    bar: Bar
    chart: Chart

    @property
    def base_total(self) -> LineRow:
        return _total(self.lines)

    @property
    def original_sum(self) -> int:
        return self.base_total.scheduled

    @property
    def revised_sum(self) -> int:
        return self.original_sum + self.orders_in(ChangeOrderStatus.APPROVED)

    def orders_in(self, status: str) -> int:
        return sum(row.total.scheduled for row in self.orders if row.order.status == status)


def of_contract(contract_id: int) -> ContractPage:
    contract = db.session.scalars(
        sa.select(Contract)
        .join(Contract.company)
        .where(Contract.id == contract_id)
        .options(contains_eager(Contract.company))
        .execution_options(populate_existing=True)
    ).one()
    lines = _lines(contract_id, _latest(sheets.of_contract(contract_id)))
    orders = [OrderRow(order, lines[order.id]) for order in _orders(contract_id)]
    invoices = _invoices(contract_id)
    approved = [row for row in orders if row.order.status == ChangeOrderStatus.APPROVED]
    total = _total([*lines[None], *(line for row in approved for line in row.lines)])
    return ContractPage(
        contract=contract,
        lines=lines[None],
        orders=orders,
        invoices=invoices,
        total=total,
        bar=billing_bar(
            contract_sum=total.scheduled,
            work=total.work,
            stored=total.stored,
            retainage=total.retainage,
        ),
        chart=billing_chart(total.scheduled, [_billing(row) for row in invoices]),
    )


def _latest(billed: sheets.Sheets) -> Sheet | None:
    return billed[max(billed)] if billed else None


def _lines(contract_id: int, latest: Sheet | None) -> dict[int | None, list[LineRow]]:
    """The lines by change order (None: the schedule itself), with the latest sheet's progress."""
    progress = {(line.change_order, line.item): line for line in latest.lines} if latest else {}
    found: dict[int | None, list[LineRow]] = defaultdict(list)
    rows = db.session.execute(
        sa.select(SovLine, ChangeOrder.number)
        .outerjoin(ChangeOrder, ChangeOrder.id == SovLine.change_order_id)
        .where(SovLine.contract_id == contract_id)
        .order_by(SovLine.position)
    )
    for row, order in rows:
        found[row.change_order_id].append(_line(row, progress.get((order or "", row.item))))
    return found


def _line(row: SovLine, billed: SheetLine | None) -> LineRow:
    stored = billed.materials_presently_stored if billed else 0
    return LineRow(
        item=row.item,
        description=row.description,
        budget_code=row.budget_code,
        scheduled=row.scheduled_value,
        work=billed.total_completed_and_stored_to_date - stored if billed else 0,
        stored=stored,
        retainage=billed.total_retainage if billed else 0,
    )


def _total(lines: Sequence[LineRow]) -> LineRow:
    return LineRow(
        item="",
        description="",
        budget_code="",
        scheduled=sum(line.scheduled for line in lines),
        work=sum(line.work for line in lines),
        stored=sum(line.stored for line in lines),
        retainage=sum(line.retainage for line in lines),
    )


def _orders(contract_id: int) -> Sequence[ChangeOrder]:
    query = sa.select(ChangeOrder).where(ChangeOrder.contract_id == contract_id)
    return db.session.scalars(query.order_by(ChangeOrder.position)).all()


def _invoices(contract_id: int) -> list[InvoiceRow]:
    rows = db.session.execute(
        sa.select(Invoice, BillingPeriod)
        .outerjoin(BillingPeriod, BillingPeriod.id == Invoice.period_id)
        .where(Invoice.contract_id == contract_id)
        .order_by(Invoice.position)
    )
    return [InvoiceRow(invoice, period) for invoice, period in rows]


def _billing(row: InvoiceRow) -> Billing:
    period = span(row.period.start, row.period.end) if row.period else "no billing period"
    return Billing(
        label=str(row.invoice.position),
        this_period=row.invoice.gross_this_period,
        to_date=row.invoice.completed_and_stored,
        title=f"{row.invoice.label}, {period}",
    )
