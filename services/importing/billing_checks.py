"""Billing periods, invoices and their lines, seen together with the contracts they bill."""

from collections.abc import Collection
from datetime import date

from billing import MAX_CENTS, format_cents
from models import ChangeOrderStatus, PeriodStatus
from services.importing.cells import quoted
from services.importing.columns import Record
from services.importing.context import Context, good
from services.importing.records import (
    ChangeOrderLineRecord,
    InvoiceLineRecord,
    InvoiceRecord,
    LineRecord,
    PaymentRecord,
    PeriodRecord,
)

_LINE = ("contract", "position", "change_order", "item")


def check_billing(context: Context) -> None:
    _periods(context)
    _invoices(context)
    _invoice_lines(context)
    _payments(context)
    _sums(context)


def _periods(context: Context) -> None:
    periods = context.tables.periods
    context.unique(periods, ("start", "end"), lambda row: f"{row.start} to {row.end}")
    for row in good(periods, "start", "end"):
        if row.start > row.end:
            context.add(row, "end", f"the period ends on {row.end}, before it starts.")
    opened = [row for row in good(periods, "status") if row.status == PeriodStatus.OPEN]
    for row in opened[1:]:
        message = f"only one period may be open, and that of row {opened[0].row} is."
        context.add(row, "status", message)


def _invoices(context: Context) -> None:
    invoices = context.tables.invoices
    context.unique(invoices, ("contract", "position"), lambda row: f"invoice {row.position}")
    context.known_contracts(invoices)
    for row in good(invoices, "period_start", "period_end"):
        _period(context, row, row.period_start, row.period_end)


def _period(context: Context, row: InvoiceRecord, start: date | None, end: date | None) -> None:
    """Both days or neither: an invoice may have lost its period, and preflight says so."""
    if start is None and end is None:
        return
    if start is None or end is None:
        column = "period_start" if start is None else "period_end"
        context.add(row, column, "the cell is empty; give both days of the period, or neither.")
    elif context.lacks_period(start, end):
        message = f"{context.name(PeriodRecord)} does not list a period from {start} to {end}."
        context.add(row, "period_start", message)


def _invoice_lines(context: Context) -> None:
    tables = context.tables
    lines = tables.invoice_lines
    context.unique(lines, _LINE, lambda row: f"item {row.item} of invoice {row.position}")
    context.known_contracts(lines)
    base = {(row.contract, row.item) for row in tables.lines.rows}
    extra = {(r.contract, r.change_order, r.item) for r in tables.change_order_lines.rows}
    for row in good(lines, *_LINE):
        # Of a strange contract everything is strange; it was reported once.
        if row.contract in context.contracts:
            _invoice_of(context, row, row.position)
            if row.change_order:
                _change_order_line(context, row, extra)
            elif tables.lines.is_read and (row.contract, row.item) not in base:
                message = (
                    f"{context.name(LineRecord)} has no item {quoted(row.item)} of this contract."
                )
                context.add(row, "item", message)


def _invoice_of(context: Context, row: InvoiceLineRecord | PaymentRecord, position: int) -> None:
    if context.lacks_invoice(row.contract, position):
        what = f"invoice {position} of contract {row.contract}"
        message = f"{context.name(InvoiceRecord)} has no {what}."
        context.add(row, "position", message)


def _change_order_line(
    context: Context, row: InvoiceLineRecord, extra: Collection[tuple[str, str, str]]
) -> None:
    if not context.known_change_order(row, row.contract, row.change_order):
        return
    order = context.change_orders[row.contract, row.change_order]
    if order.has("status") and order.status != ChangeOrderStatus.APPROVED:
        message = f"change order {order.number} is {order.status}; only an approved one is billed."
        context.add(row, "change_order", message)
    is_listed = (row.contract, row.change_order, row.item) in extra
    if context.tables.change_order_lines.is_read and not is_listed:
        what = f"item {quoted(row.item)} of change order {order.number}"
        context.add(row, "item", f"{context.name(ChangeOrderLineRecord)} has no {what}.")


def _payments(context: Context) -> None:
    payments = context.tables.payments
    context.unique(payments, ("contract", "number"), lambda row: f"payment {row.number}")
    context.known_contracts(payments)
    for row in good(payments, "contract", "position"):
        if row.contract in context.contracts and row.position is not None:
            _invoice_of(context, row, row.position)


def _sums(context: Context) -> None:
    """Sums must fit where amounts do, however many lines are added up."""
    scheduled, billed, paid = _Sums(context), _Sums(context), _Sums(context)
    for line in good(context.tables.lines, "contract", "scheduled_value"):
        scheduled.count(line, line.contract, "scheduled_value")
    for extra in good(context.tables.change_order_lines, "contract", "amount"):
        scheduled.count(extra, extra.contract, "amount")
    for row in good(context.tables.invoice_lines, "contract"):
        for column in ("work_this_period", "new_stored", "work_retainage", "stored_retainage"):
            billed.count(row, row.contract, column)
    for payment in good(context.tables.payments, "contract", "amount"):
        paid.count(payment, payment.contract, "amount")


class _Sums:
    """Amounts added up by contract, without their signs."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.totals: dict[str, int] = {}

    def count(self, row: Record, contract: str, column: str) -> None:
        before = self.totals.get(contract, 0)
        after = self.totals[contract] = before + abs(getattr(row, column) or 0)
        if before <= MAX_CENTS < after:
            limit = format_cents(MAX_CENTS)
            message = f"the amounts of contract {contract} add up to more than {limit}."
            self.context.add(row, column, message)
