"""One invoice in figures, for programs and for the terminal: the names of the field, as text."""

from typing import Any

import sqlalchemy as sa

from billing import Sheet, SheetLine, Summary, decimal_string
from models import Contract, Invoice, Project, db
from services import sheets
from services.errors import AppError

_SUMMARY = (
    "original_contract_sum",
    "net_change_by_change_orders",
    "contract_sum_to_date",
    "total_completed_and_stored_to_date",
    "completed_work_retainage_amount",
    "stored_materials_retainage_amount",
    "total_retainage",
    "total_earned_less_retainage",
    "less_previous_certificates_for_payment",
    "current_payment_due",
    "balance_to_finish_including_retainage",
)
_LINE = (
    "scheduled_value",
    "work_completed_from_previous_application",
    "work_completed_this_period",
    "materials_presently_stored",
    "total_completed_and_stored_to_date",
    "balance_to_finish",
    "work_retainage_held",
    "stored_retainage_held",
    "total_retainage",
)


class NoSuchInvoice(AppError):
    """The project, the contract or the invoice that was named does not exist."""


def find(project_number: str, contract_number: str, position: int) -> Invoice:
    """The invoice in that place. Raises `NoSuchInvoice` with a sentence naming what is missing."""
    project = db.session.scalar(Project.numbered(project_number))
    if project is None:
        raise NoSuchInvoice(f"There is no project {project_number}.")
    contract = db.session.scalar(
        sa.select(Contract).where(
            Contract.project_id == project.id, Contract.number == contract_number
        )
    )
    if contract is None:
        raise NoSuchInvoice(f"Project {project_number} has no contract {contract_number}.")
    invoice = db.session.scalar(
        sa.select(Invoice).where(Invoice.contract_id == contract.id, Invoice.position == position)
    )
    if invoice is None:
        raise NoSuchInvoice(f"Contract {contract_number} has no invoice {position}.")
    return invoice


def describe(invoice: Invoice) -> dict[str, Any]:
    """The invoice under the names of docs/domain.md 13: amounts and percents as text with two
    decimals.

    A base line has null as its `change_order`, an invoice without a period null for both days.
    """
    sheet = _sheet(invoice)
    period = invoice.period
    return {
        "contract": invoice.contract.number,
        "position": invoice.position,
        "number": invoice.number,
        "status": invoice.status.value,
        "period": {
            "start": period.start.isoformat() if period else None,
            "end": period.end.isoformat() if period else None,
        },
        "summary": _summary(sheet.summary),
        "lines": [_line(line) for line in sheet.lines],
    }


def _sheet(invoice: Invoice) -> Sheet:
    return sheets.of_contract(invoice.contract_id)[invoice.position]


def _summary(summary: Summary) -> dict[str, str]:
    amounts = {name: decimal_string(getattr(summary, name)) for name in _SUMMARY}
    return amounts | {"percent_complete": str(summary.percent_complete)}


def _line(line: SheetLine) -> dict[str, str | None]:
    amounts = {name: decimal_string(getattr(line, name)) for name in _LINE}
    percent = str(line.total_completed_and_stored_to_date_percent)
    described: dict[str, str | None] = {
        "item": line.item,
        "change_order": line.change_order or None,
        "description": line.description,
    }
    for name, amount in amounts.items():
        described[name] = amount
        if name == "total_completed_and_stored_to_date":
            described[f"{name}_percent"] = percent
    return described
