"""Deleting the latest invoice of a contract, for good (docs/domain.md 4)."""

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from billing import format_cents
from models import (
    Attachment,
    Backup,
    BackupStatus,
    ContractEvent,
    Invoice,
    InvoiceLine,
    Payment,
    Signature,
    SignatureStatus,
    db,
)
from services import audit, sheets
from services.errors import AppError
from services.formats import counted, words


class NotDeleted(AppError):
    """The invoice stays; the message says why."""


def hindrance(invoice: Invoice) -> str | None:
    """Why the invoice cannot be deleted, in a sentence; None if it can."""
    if _later(invoice):
        return "Only the latest invoice of a contract can be deleted."
    payments = sa.select(sa.func.count()).where(Payment.invoice_id == invoice.id)
    if count := db.session.scalar(payments):
        return f"{counted(count, 'payment is', 'payments are')} linked to this invoice."
    pending = sa.exists().where(
        Signature.invoice_id == invoice.id, Signature.status == SignatureStatus.PENDING
    )
    if db.session.scalar(sa.select(pending)):
        return "A signature is asked for on this invoice. Void that first."
    for backup in db.session.scalars(_under_way(invoice)):
        if any(row["id"] == invoice.id for row in backup.request["invoices"]):
            return (
                f"Backup {backup.number} is being compiled with this invoice. Wait for it, or"
                " cancel it."
            )
    return None


def delete(invoice: Invoice, *, user_id: int) -> None:
    """Delete the latest invoice with its entries, attachments and signed copy; the contract's
    history keeps that it was there. Commits. Raises NotDeleted.

    The bytes of its files stay for the backups that were made with them.
    """
    if reason := hindrance(invoice):
        raise NotDeleted(reason)
    contract_id, invoice_id = invoice.contract_id, invoice.id
    said = (
        f"position {invoice.position}, {words(invoice.status)},"
        f" payment due {format_cents(invoice.payment_due)}"
    )
    db.session.add(
        ContractEvent(
            contract_id=contract_id,
            user_id=user_id,
            subject=f"Invoice {invoice.label}",
            field="deleted",
            old=said,
        )
    )
    audit.record(
        "invoice.deleted",
        project=invoice.contract.project_id,
        subject=("invoice", invoice_id),
        detail={"invoice": f"{invoice.contract.number} #{invoice.position}", "was": said},
    )
    later = aliased(Invoice)
    for model in (InvoiceLine, Attachment, Signature):
        db.session.execute(sa.delete(model).where(model.invoice_id == invoice_id))
    gone = db.session.scalar(
        sa.delete(Invoice)
        .where(
            Invoice.id == invoice_id,
            ~sa.exists().where(
                later.contract_id == Invoice.contract_id, later.position > Invoice.position
            ),
        )
        .returning(Invoice.id)
        .execution_options(synchronize_session=False)
    )
    if gone is None:
        db.session.rollback()
        raise NotDeleted("Somebody created a later invoice meanwhile; this one stays.")
    db.session.expire_all()
    sheets.recalculate([contract_id])
    db.session.commit()


def _later(invoice: Invoice) -> bool:
    later = sa.select(Invoice.id).where(
        Invoice.contract_id == invoice.contract_id, Invoice.position > invoice.position
    )
    return db.session.scalar(later.limit(1)) is not None


def _under_way(invoice: Invoice) -> sa.Select[Backup]:
    return sa.select(Backup).where(
        Backup.project_id == invoice.contract.project_id,
        Backup.status.in_((BackupStatus.QUEUED, BackupStatus.RUNNING)),
    )
