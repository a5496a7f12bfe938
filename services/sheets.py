"""The invoices of contracts as billed: rows to `billing`, totals back onto the rows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from billing import ChangeOrder, ContractInput, Entry, InvoiceInput, Line, LineKey, Sheet, bill
from billing.checks import remarks
from models import (
    BillingPeriod,
    ChangeOrderStatus,
    Contract,
    Invoice,
    InvoiceLine,
    SovLine,
    db,
)
from models.contract import ChangeOrder as ChangeOrderRow

#: The sheets of one contract by invoice position.
Sheets = dict[int, Sheet]


def of_contract(contract_id: int) -> Sheets:
    return of_contracts([contract_id])[contract_id]


def of_contracts(contract_ids: Iterable[int]) -> dict[int, Sheets]:
    """The sheets of every invoice of these contracts, in five statements however many they are.

    Raises `billing`'s ValueErrors where the rows of a contract are ambiguous.
    """
    return {
        contract_id: {sheet.position: sheet for sheet in bill(contract)}
        for contract_id, contract in inputs(list(contract_ids)).items()
    }


def recalculate(contract_ids: Iterable[int]) -> None:
    """Bring what the invoices of these contracts keep of their sheets up to date.

    The caller commits.
    """
    contracts = inputs(list(contract_ids))
    db.session.flush()
    for contract_id, contract in contracts.items():
        rows = sa.select(Invoice).where(Invoice.contract_id == contract_id)
        invoices = {invoice.position: invoice for invoice in db.session.scalars(rows)}
        for sheet in bill(contract):
            invoice = invoices[sheet.position]
            for column, value in kept(sheet, contract).items():
                setattr(invoice, column, value)


def kept(sheet: Sheet, contract: ContractInput) -> dict[str, Any]:
    """What an invoice's row keeps of its sheet: totals and remarks, by column."""
    return {
        **totals(sheet),
        "remarks": [asdict(remark) for remark in remarks(sheet, contract)],
    }


def totals(sheet: Sheet) -> dict[str, int]:
    """What an invoice's row keeps of its sheet, by column, in cents."""
    summary = sheet.summary
    return {
        "contract_sum_to_date": summary.contract_sum_to_date,
        "completed_and_stored": summary.total_completed_and_stored_to_date,
        "gross_this_period": sheet.gross_this_period,
        "total_retainage": summary.total_retainage,
        "earned_less_retainage": summary.total_earned_less_retainage,
        "payment_due": summary.current_payment_due,
        "balance_to_finish": summary.balance_to_finish_including_retainage,
    }


def inputs(contract_ids: Sequence[int]) -> dict[int, ContractInput]:
    """What decides the figures of these contracts, as plain data."""
    contracts = db.session.scalars(
        sa.select(Contract)
        .where(Contract.id.in_(contract_ids))
        .options(selectinload(Contract.change_orders))
    ).all()
    lines = _lines(contract_ids)
    invoices = _invoices(contract_ids)
    return {
        contract.id: ContractInput(
            lines=tuple(lines[contract.id, None]),
            change_orders=tuple(
                _change_order(order, lines[contract.id, order.id])
                for order in contract.change_orders
                if order.status == ChangeOrderStatus.APPROVED
            ),
            invoices=tuple(invoices[contract.id]),
            work_retainage_percent=contract.work_retainage_percent,
            stored_retainage_percent=contract.stored_retainage_percent,
        )
        for contract in contracts
    }


def _change_order(order: ChangeOrderRow, lines: list[Line]) -> ChangeOrder:
    return ChangeOrder(order.number, order.title, order.approved_date, tuple(lines))


def _lines(contract_ids: Sequence[int]) -> dict[tuple[int, int | None], list[Line]]:
    rows = db.session.execute(
        sa.select(SovLine, ChangeOrderRow.number)
        .outerjoin(ChangeOrderRow, ChangeOrderRow.id == SovLine.change_order_id)
        .where(SovLine.contract_id.in_(contract_ids))
        .order_by(SovLine.position)
    )
    found: dict[tuple[int, int | None], list[Line]] = defaultdict(list)
    for row, order in rows:
        found[row.contract_id, row.change_order_id].append(
            Line(row.item, row.description, row.scheduled_value, order or "", row.budget_code)
        )
    return found


def _invoices(contract_ids: Sequence[int]) -> dict[int, list[InvoiceInput]]:
    entries = _entries(contract_ids)
    rows = db.session.execute(
        sa.select(Invoice.id, Invoice.contract_id, Invoice.position, BillingPeriod.end)
        .outerjoin(BillingPeriod, BillingPeriod.id == Invoice.period_id)
        .where(Invoice.contract_id.in_(contract_ids))
    )
    found: dict[int, list[InvoiceInput]] = defaultdict(list)
    for invoice_id, contract_id, position, end in rows:
        found[contract_id].append(InvoiceInput(position, end, entries[invoice_id]))
    return found


def _entries(contract_ids: Sequence[int]) -> dict[int, dict[LineKey, Entry]]:
    # Columns, not objects: a large contract has thousands of these, and they are only read.
    keys = _line_keys(contract_ids)
    rows = db.session.execute(
        sa.select(*InvoiceLine.__table__.columns).where(InvoiceLine.contract_id.in_(contract_ids))
    )
    found: dict[int, dict[LineKey, Entry]] = defaultdict(dict)
    for row in rows:
        found[row.invoice_id][keys[row.sov_line_id]] = _entry(row)
    return found


def _line_keys(contract_ids: Sequence[int]) -> dict[int, LineKey]:
    rows = db.session.execute(
        sa.select(SovLine.id, ChangeOrderRow.number, SovLine.item)
        .outerjoin(ChangeOrderRow, ChangeOrderRow.id == SovLine.change_order_id)
        .where(SovLine.contract_id.in_(contract_ids))
    )
    return {line_id: (order or "", item) for line_id, order, item in rows}


def _entry(row: sa.Row[Any]) -> Entry:
    return Entry(
        work_this_period=row.work_this_period,
        new_stored=row.new_stored,
        stored_installed=row.stored_installed,
        work_retainage=row.work_retainage,
        work_retainage_percent=percent(row.work_retainage_rate),
        work_retainage_released=row.work_retainage_released,
        stored_retainage=row.stored_retainage,
        stored_retainage_percent=percent(row.stored_retainage_rate),
        stored_retainage_released=row.stored_retainage_released,
    )


def percent(rate: int | None) -> Decimal | None:
    """Of hundredths, as columns and tables have them."""
    return None if rate is None else Decimal(rate) / 100
