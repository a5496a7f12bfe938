"""What the invoices of a folder bill, computed before its rows are written.

Written rows would do as well, but nobody can write while the transaction of an import lasts, so
adding up a hundred thousand lines belongs before it. A test holds both ways against each other.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from billing import ChangeOrder, ContractInput, Entry, InvoiceInput, Line, LineKey, bill
from models import ChangeOrderStatus
from services import sheets
from services.importing.context import Tables
from services.importing.records import InvoiceLineRecord

#: The columns that invoices keep of their sheets, by contract number and position.
Billed = dict[tuple[str, int], dict[str, Any]]


def billed(tables: Tables) -> Billed:
    return {
        (number, sheet.position): sheets.kept(sheet, contract)
        for number, contract in _contracts(tables).items()
        for sheet in bill(contract)
    }


def _contracts(tables: Tables) -> dict[str, ContractInput]:
    lines, orders, invoices = _lines(tables), _change_orders(tables), _invoices(tables)
    return {
        row.number: ContractInput(
            lines=tuple(lines[row.number]),
            change_orders=tuple(orders[row.number]),
            invoices=tuple(invoices[row.number]),
            work_retainage_percent=Decimal(row.work_retainage_percent) / 100,
            stored_retainage_percent=Decimal(row.stored_retainage_percent) / 100,
        )
        for row in tables.contracts.rows
    }


def _lines(tables: Tables) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = defaultdict(list)
    for row in tables.lines.rows:
        line = Line(row.item, row.description, row.scheduled_value, "", row.budget_code)
        found[row.contract].append(line)
    return found


def _change_orders(tables: Tables) -> dict[str, list[ChangeOrder]]:
    lines: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for row in tables.change_order_lines.rows:
        line = Line(row.item, row.description, row.amount, row.change_order, row.budget_code)
        lines[row.contract, row.change_order].append(line)
    found: dict[str, list[ChangeOrder]] = defaultdict(list)
    for order in tables.change_orders.rows:
        if order.status == ChangeOrderStatus.APPROVED:
            its_lines = tuple(lines[order.contract, order.number])
            found[order.contract].append(
                ChangeOrder(order.number, order.title, order.approved_date, its_lines)
            )
    return found


def _invoices(tables: Tables) -> dict[str, list[InvoiceInput]]:
    entries: dict[tuple[str, int], dict[LineKey, Entry]] = defaultdict(dict)
    for row in tables.invoice_lines.rows:
        entries[row.contract, row.position][row.change_order, row.item] = _entry(row)
    found: dict[str, list[InvoiceInput]] = defaultdict(list)
    for invoice in tables.invoices.rows:
        key = (invoice.contract, invoice.position)
        found[invoice.contract].append(
            InvoiceInput(invoice.position, invoice.period_end, entries[key])
        )
    return found


def _entry(row: InvoiceLineRecord) -> Entry:
    return Entry(
        work_this_period=row.work_this_period,
        new_stored=row.new_stored,
        stored_installed=row.stored_installed,
        work_retainage=row.work_retainage,
        work_retainage_percent=sheets.percent(row.work_retainage_percent),
        work_retainage_released=row.work_retainage_released,
        stored_retainage=row.stored_retainage,
        stored_retainage_percent=sheets.percent(row.stored_retainage_percent),
        stored_retainage_released=row.stored_retainage_released,
    )
