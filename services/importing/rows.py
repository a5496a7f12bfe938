"""A folder that was found to be consistent, as rows: bulk inserts in the caller's transaction."""

from collections import Counter
from dataclasses import asdict
from datetime import date
from typing import Any

from models import (
    BillingPeriod,
    ChangeOrder,
    Company,
    Contract,
    DocumentType,
    Invoice,
    InvoiceLine,
    Project,
    SovLine,
)
from services.importing.billed import Billed
from services.importing.context import Tables
from services.importing.document_rows import Kept, insert_documents
from services.importing.folder import ProjectFolder
from services.importing.inserts import insert, insert_for_ids
from services.importing.records import InvoiceLineRecord
from services.importing.term_rows import TERMS, insert_terms

#: Ids by what a folder calls the rows.
Contracts = dict[str, int]
Lines = dict[tuple[str, str, str], int]
Periods = dict[tuple[date | None, date | None], int]
Invoices = dict[tuple[str, int], int]


def write(project: Project, folder: ProjectFolder, kept: Kept, billed: Billed) -> Invoices:
    """Insert all that belongs to `project`; returns the ids of its invoices."""
    tables = folder.tables
    contracts = _contracts(project.id, tables)
    lines = _lines(contracts, tables)
    periods = _periods(project.id, tables)
    invoices = _invoices(contracts, periods, tables, billed)
    entries = tables.invoice_lines.rows
    insert(InvoiceLine, [_invoice_line(row, invoices, contracts, lines) for row in entries])
    types = tables.document_types.rows
    insert(
        DocumentType,
        [{"project_id": project.id, "code": row.code, "name": row.name} for row in types],
    )
    insert_terms(contracts, invoices, tables)
    insert_documents(invoices, folder, kept)
    return invoices


def _contracts(project_id: int, tables: Tables) -> Contracts:
    companies: dict[str, str] = {}
    for row in tables.contracts.rows:
        companies[row.company] = companies.get(row.company) or row.address
    rows = [
        {"project_id": project_id, "name": name, "address": address}
        for name, address in companies.items()
    ]
    ids = dict(zip(companies, insert_for_ids(Company, rows), strict=True))
    contracts = [
        {
            "project_id": project_id,
            "company_id": ids[row.company],
            "number": row.number,
            "title": row.title,
            "type": row.type,
            "status": row.status,
            "executed": row.executed,
            "is_private": row.private,
            "contract_date": row.contract_date,
            "work_retainage_rate": row.work_retainage_percent,
            "stored_retainage_rate": row.stored_retainage_percent,
        }
        | {column: getattr(row, column) for column in TERMS}
        for row in tables.contracts.rows
    ]
    numbers = [row.number for row in tables.contracts.rows]
    return dict(zip(numbers, insert_for_ids(Contract, contracts), strict=True))


def _lines(contracts: Contracts, tables: Tables) -> Lines:
    """Ids by contract number, change order number ("" for a base line) and item."""
    orders = _change_orders(contracts, tables)
    keys: list[tuple[str, str, str]] = []
    rows: list[dict[str, Any]] = []
    places: Counter[tuple[str, str]] = Counter()

    def add(contract: str, order: str, item: str, **values: object) -> None:
        places[contract, order] += 1
        keys.append((contract, order, item))
        rows.append(
            {
                "contract_id": contracts[contract],
                "change_order_id": orders.get((contract, order)),
                "position": places[contract, order],
                "item": item,
                **values,
            }
        )

    for line in tables.lines.rows:
        add(
            line.contract, "", line.item,
            description=line.description,
            scheduled_value=line.scheduled_value,
            budget_code=line.budget_code,
            unit=line.unit,
            quantity=line.quantity,
            unit_price=line.unit_price,
        )  # fmt: skip
    for extra in tables.change_order_lines.rows:
        add(
            extra.contract, extra.change_order, extra.item,
            description=extra.description,
            scheduled_value=extra.amount,
            budget_code=extra.budget_code,
            unit=extra.unit,
            quantity=extra.quantity,
            unit_price=extra.unit_price,
        )  # fmt: skip
    return dict(zip(keys, insert_for_ids(SovLine, rows), strict=True))


def _change_orders(contracts: Contracts, tables: Tables) -> dict[tuple[str, str], int]:
    places: Counter[str] = Counter()
    rows = []
    for row in tables.change_orders.rows:
        places[row.contract] += 1
        rows.append(
            {
                "contract_id": contracts[row.contract],
                "position": places[row.contract],
                "number": row.number,
                "title": row.title,
                "status": row.status,
                "approved_date": row.approved_date,
            }
        )
    keys = [(row.contract, row.number) for row in tables.change_orders.rows]
    return dict(zip(keys, insert_for_ids(ChangeOrder, rows), strict=True))


def _periods(project_id: int, tables: Tables) -> Periods:
    rows = [
        {
            "project_id": project_id,
            "start": row.start,
            "end": row.end,
            "due": row.due,
            "status": row.status,
        }
        for row in tables.periods.rows
    ]
    keys = [(row.start, row.end) for row in tables.periods.rows]
    return dict(zip(keys, insert_for_ids(BillingPeriod, rows), strict=True))


def _invoices(contracts: Contracts, periods: Periods, tables: Tables, billed: Billed) -> Invoices:
    rows = [
        {
            "contract_id": contracts[row.contract],
            "period_id": periods.get((row.period_start, row.period_end)),
            "position": row.position,
            "number": row.number,
            "status": row.status,
            "billing_date": row.billing_date,
            "comments": row.comments,
            **billed[row.contract, row.position],
            "is_final": row.final,
        }
        for row in tables.invoices.rows
    ]
    keys = [(row.contract, row.position) for row in tables.invoices.rows]
    return dict(zip(keys, insert_for_ids(Invoice, rows), strict=True))


def _invoice_line(
    row: InvoiceLineRecord,
    invoices: Invoices,
    contracts: Contracts,
    lines: Lines,
) -> dict[str, Any]:
    return {
        "invoice_id": invoices[row.contract, row.position],
        "contract_id": contracts[row.contract],
        "sov_line_id": lines[row.contract, row.change_order, row.item],
        "work_this_period": row.work_this_period,
        "new_stored": row.new_stored,
        "stored_installed": row.stored_installed,
        "work_retainage": row.work_retainage,
        "work_retainage_rate": row.work_retainage_percent,
        "work_retainage_released": row.work_retainage_released,
        "stored_retainage": row.stored_retainage,
        "stored_retainage_rate": row.stored_retainage_percent,
        "stored_retainage_released": row.stored_retainage_released,
        "review": row.review,
        "review_reason": row.review_reason,
        "quantity_this_period": row.quantity_this_period,
    }


def facts(folder: ProjectFolder) -> dict[str, Any]:
    """The columns of the project's own row."""
    return asdict(folder.project)
