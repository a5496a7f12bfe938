"""Asking for a signature: who may be asked for which invoice, and the row that says so."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import uuid4

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import load_only

from models import (
    LIVE_SIGNATURES,
    Contract,
    Invoice,
    InvoiceContact,
    InvoiceStatus,
    Signature,
    SignatureStatus,
    SigningProvider,
    db,
)
from services import audit
from services.errors import AppError
from services.signing import accounts

#: Only these are sent to be signed (docs/domain.md 22).
MAY_BE_SENT = (
    InvoiceStatus.APPROVED,
    InvoiceStatus.APPROVED_AS_NOTED,
    InvoiceStatus.PENDING_OWNER_APPROVAL,
)
#: Asked for after every tick, of all that is ticked.
_COLUMNS = (Invoice.number, Invoice.position, Invoice.status, Invoice.contract_id)


class SendingRefused(AppError):
    """An invoice cannot be sent to be signed; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An invoice, and why it cannot be sent; empty where it can."""

    invoice_id: int
    label: str
    contract: str
    project_id: int
    obstacle: str = ""
    contact: InvoiceContact | None = None


def candidates(invoice_ids: Collection[int]) -> list[Candidate]:
    """What stands in the way of each invoice, in the order of ids; three statements."""
    is_set_up = accounts.is_set_up()
    contacts = _first_contacts(invoice_ids)
    rows = db.session.execute(
        sa.select(Invoice, Contract.number, Contract.project_id, Signature.status)
        .join(Invoice.contract)
        .outerjoin(
            Signature,
            sa.and_(Signature.invoice_id == Invoice.id, Signature.status.in_(LIVE_SIGNATURES)),
        )
        .where(Invoice.id.in_(set(invoice_ids)))
        .options(load_only(*_COLUMNS))
        .order_by(Invoice.id)
    )
    return [
        Candidate(
            invoice.id,
            invoice.label,
            number,
            project_id,
            _obstacle(invoice, signature, contacts.get(invoice.contract_id), is_set_up=is_set_up),
            contacts.get(invoice.contract_id),
        )
        for invoice, number, project_id, signature in rows
    ]


def obstacle(invoice_ids: Collection[int]) -> str:
    """Why `ask` would refuse these invoices, as one sentence; empty where it would not."""
    if not accounts.is_set_up():
        return "No signing service is set up."
    found = candidates(invoice_ids) if invoice_ids else []
    refused = [each for each in found if each.obstacle]
    return f"Cannot be sent: {_refusal(refused)}." if refused else ""


def _first_contacts(invoice_ids: Collection[int]) -> dict[int, InvoiceContact]:
    contracts = sa.select(Invoice.contract_id).where(Invoice.id.in_(set(invoice_ids)))
    rows = db.session.scalars(
        sa.select(InvoiceContact)
        .where(InvoiceContact.contract_id.in_(contracts))
        .order_by(InvoiceContact.id.desc())
    )
    return {row.contract_id: row for row in rows}


def _obstacle(
    invoice: Invoice,
    signature: SignatureStatus | None,
    contact: InvoiceContact | None,
    *,
    is_set_up: bool,
) -> str:
    if not is_set_up:
        return "no signing service is set up"
    if invoice.status not in MAY_BE_SENT:
        allowed = _("only Approved, Approved as Noted and Pending Owner Approval invoices are sent")
        return str(allowed)
    if contact is None:
        return str(_("its contract has no invoice contact"))
    if signature == SignatureStatus.COMPLETED:
        return "it has a signed copy already"
    if signature is not None:
        return "it waits for a signature already"
    return ""


def ask(invoice_ids: Collection[int], *, user_id: int) -> list[int]:
    """Note that these invoices are to be signed by the first contact of their contract; the ids
    of the new signatures.

    All or none. Raises SendingRefused, with the reason of the first that cannot be sent. The
    database refuses a second live signature of an invoice.
    """
    found = candidates(invoice_ids)
    if not found:
        raise SendingRefused("Tick the invoices to be signed first.")
    refused = [each for each in found if each.obstacle]
    if refused:
        raise SendingRefused(f"Not sent: {_refusal(refused)}.")
    rows = [_row(each, user_id) for each in found]
    db.session.add_all(rows)
    try:
        db.session.flush()
        for each, row in zip(found, rows, strict=True):
            audit.record(
                "signature.asked",
                project=each.project_id,
                subject=("invoice", row.invoice_id),
                detail={"contract": each.contract, "invoice": each.label, "to": row.signer_email},
            )
        db.session.commit()
    except sa.exc.IntegrityError:
        db.session.rollback()
        raise SendingRefused("Somebody else sent one of these a moment ago. Look again.") from None
    return [row.id for row in rows]


def _row(each: Candidate, user_id: int) -> Signature:
    assert each.contact is not None
    return Signature(
        invoice_id=each.invoice_id,
        status=SignatureStatus.SETUP_NOT_COMPLETED,
        provider=SigningProvider.DOCUSIGN,
        transaction_id=str(uuid4()),
        signer_name=each.contact.name,
        signer_email=each.contact.email,
        requested_by_id=user_id,
    )


def _refusal(refused: Sequence[Candidate]) -> str:
    first = refused[0]
    rest = f", and {len(refused) - 1:,} more" if len(refused) > 1 else ""
    return f"invoice {first.label} of {first.contract}{rest}: {first.obstacle}"
