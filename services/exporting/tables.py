"""The rows of every table of a project folder, from those of the database."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from models import (
    BillingPeriod,
    ChangeOrder,
    Contract,
    Invoice,
    InvoiceLine,
    Project,
    SovLine,
    db,
)
from services.document_types import own_types
from services.exporting.cells import Cells, day, money, rate, units, yes_or_no
from services.exporting.places import Folders

#: A row of any kind that has a `contract_id`.
R = TypeVar("R", bound=Any)


@dataclass(frozen=True, slots=True)
class Basis:
    """A project and its contracts, in the order in which people count: SC-2 before SC-10."""

    project: Project
    contracts: Sequence[Contract]

    def ordered(self, rows: Iterable[R]) -> Iterator[tuple[str, R]]:
        """Rows with a `contract_id`, each with its contract's number, contract by contract."""
        places = {contract.id: place for place, contract in enumerate(self.contracts)}
        for row in sorted(rows, key=lambda row: places[row.contract_id]):
            yield self.contracts[places[row.contract_id]].number, row

    @property
    def contract_ids(self) -> sa.Select[int]:
        return sa.select(Contract.id).where(Contract.project_id == self.project.id)


def facts(basis: Basis) -> Cells:
    project = basis.project
    return {
        "number": project.number,
        "name": project.name,
        "timezone": project.timezone,
        "owner": project.owner,
        "general_contractor": project.general_contractor,
        "architect": project.architect,
        "address": project.address,
        "dictionary": project.dictionary.value if project.dictionary else "",
        "forbids_overbilling": "yes" if project.forbids_overbilling else "",
    }


def contracts(basis: Basis, folders: Folders) -> Iterator[Cells]:
    for row in basis.contracts:
        yield {
            "number": row.number,
            "title": row.title,
            "company": row.company.name,
            "type": row.type.value,
            "status": row.status,
            "executed": yes_or_no(row.executed),
            "contract_date": day(row.contract_date),
            "address": row.company.address,
            "work_retainage_percent": rate(row.work_retainage_rate),
            "stored_retainage_percent": rate(row.stored_retainage_rate),
            "accounting_method": row.accounting_method.value,
            "description": row.description,
            "inclusions": row.inclusions,
            "exclusions": row.exclusions,
            "start_date": day(row.start_date),
            "estimated_completion": day(row.estimated_completion),
            "execution_date": day(row.execution_date),
            "signed_received_date": day(row.signed_received_date),
            "payment_terms": row.payment_terms,
            "invoices_enabled": yes_or_no(row.invoices_enabled),
            "private": yes_or_no(row.is_private),
            "folder": folders.named.get(row.number, ""),
        }


def lines(basis: Basis) -> Iterator[Cells]:
    query = (
        sa.select(SovLine)
        .where(SovLine.contract_id.in_(basis.contract_ids), SovLine.change_order_id.is_(None))
        .order_by(SovLine.position, SovLine.id)
    )
    for contract, line in basis.ordered(db.session.scalars(query)):
        yield {
            "contract": contract,
            "item": line.item,
            "description": line.description,
            "scheduled_value": money(line.scheduled_value),
            "budget_code": line.budget_code,
            "unit": line.unit,
            "quantity": units(line.quantity),
            "unit_price": units(line.unit_price),
        }


def change_orders(basis: Basis) -> Iterator[Cells]:
    query = (
        sa.select(ChangeOrder)
        .where(ChangeOrder.contract_id.in_(basis.contract_ids))
        .order_by(ChangeOrder.position, ChangeOrder.id)
    )
    for contract, order in basis.ordered(db.session.scalars(query)):
        yield {
            "contract": contract,
            "number": order.number,
            "title": order.title,
            "status": order.status.value,
            "approved_date": day(order.approved_date),
        }


def change_order_lines(basis: Basis) -> Iterator[Cells]:
    query = (
        sa.select(*SovLine.__table__.c, ChangeOrder.number)
        .join(ChangeOrder, ChangeOrder.id == SovLine.change_order_id)
        .where(SovLine.contract_id.in_(basis.contract_ids))
        .order_by(ChangeOrder.position, ChangeOrder.id, SovLine.position, SovLine.id)
    )
    for contract, line in basis.ordered(db.session.execute(query)):
        yield {
            "contract": contract,
            "change_order": line.number,
            "item": line.item,
            "description": line.description,
            "amount": money(line.scheduled_value),
            "budget_code": line.budget_code,
            "unit": line.unit,
            "quantity": units(line.quantity),
            "unit_price": units(line.unit_price),
        }


def periods(basis: Basis) -> Iterator[Cells]:
    for period in reversed(db.session.scalars(BillingPeriod.of_project(basis.project.id)).all()):
        yield {
            "start": day(period.start),
            "end": day(period.end),
            "due": day(period.due),
            "status": period.status.value,
        }


def invoices(basis: Basis) -> Iterator[Cells]:
    query = (
        sa.select(*Invoice.__table__.c, BillingPeriod.start, BillingPeriod.end)
        .outerjoin(BillingPeriod, BillingPeriod.id == Invoice.period_id)
        .where(Invoice.contract_id.in_(basis.contract_ids))
        .order_by(Invoice.position)
    )
    for contract, invoice in basis.ordered(db.session.execute(query)):
        yield {
            "contract": contract,
            "position": str(invoice.position),
            "number": invoice.number,
            "period_start": day(invoice.start),
            "period_end": day(invoice.end),
            "billing_date": day(invoice.billing_date),
            "status": invoice.status.value,
            "comments": invoice.comments,
            "final": yes_or_no(invoice.is_final),
        }


def invoice_lines(basis: Basis) -> Iterator[Cells]:
    query = (
        sa.select(
            *InvoiceLine.__table__.c,
            Invoice.position,
            SovLine.item,
            ChangeOrder.number.label("change_order"),
        )
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .join(SovLine, SovLine.id == InvoiceLine.sov_line_id)
        .outerjoin(ChangeOrder, ChangeOrder.id == SovLine.change_order_id)
        .where(InvoiceLine.contract_id.in_(basis.contract_ids))
        .order_by(Invoice.position, ChangeOrder.position, SovLine.position, SovLine.id)
    )
    for contract, line in basis.ordered(db.session.execute(query)):
        yield {
            "contract": contract,
            "position": str(line.position),
            "item": line.item,
            "change_order": line.change_order or "",
            "work_this_period": money(line.work_this_period),
            "new_stored": money(line.new_stored),
            "stored_installed": money(line.stored_installed),
            "work_retainage_percent": rate(line.work_retainage_rate),
            "work_retainage": money(line.work_retainage),
            "work_retainage_released": money(line.work_retainage_released),
            "stored_retainage_percent": rate(line.stored_retainage_rate),
            "stored_retainage": money(line.stored_retainage),
            "stored_retainage_released": money(line.stored_retainage_released),
            "review": line.review.value,
            "review_reason": line.review_reason,
            "quantity_this_period": units(line.quantity_this_period),
        }


def document_types(basis: Basis) -> Iterator[Cells]:
    for row in own_types(basis.project.id):
        yield {"code": row.code, "name": row.name}
