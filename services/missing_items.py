"""Asking a subcontractor for the documents that his invoices lack."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from models import (
    Contract,
    DocumentRequest,
    Invoice,
    InvoiceContact,
    Topic,
    User,
    db,
    writing,
)
from services import audit, checklists
from services.delivery import waiting
from services.errors import AppError
from services.visible import is_visible

#: How long an upload page is open.
LIFETIME = timedelta(days=14)
#: Asked again within this time, a person should mean it.
PAUSE = timedelta(days=1)
LONGEST_MESSAGE = 2000


class AskRefused(AppError):
    """Nobody can be asked, or for nothing."""


class AskedLately(AskRefused):
    """Somebody asked within a day; asking again must be meant."""


@dataclass(frozen=True, slots=True)
class Missing:
    """One document that an invoice lacks."""

    invoice_id: int
    document_type: str
    #: As the mail says it: “Conditional waiver, invoice 3”.
    title: str


def of_contract(contract: Contract, invoice_ids: Collection[int], now: datetime) -> list[Missing]:
    """What the contract's invoices lack, of those given, or of all where none is given."""
    query = sa.select(Invoice).where(Invoice.contract_id == contract.id)
    if invoice_ids:
        query = query.where(Invoice.id.in_(invoice_ids))
    invoices = {row.id: row for row in db.session.scalars(query.order_by(Invoice.position))}
    today = contract.project.day_of(now)
    found = checklists.of_invoices(contract.project_id, invoices, today)
    return [
        Missing(
            invoice_id,
            item.document_type,
            f"{item.title}, invoice {invoices[invoice_id].label}"
            + (f" ({item.words})" if item.expires else ""),
        )
        for invoice_id, items in checklists.lacking(found).items()
        for item in items
    ]


def contacts(contract_id: int) -> list[InvoiceContact]:
    return list(db.session.scalars(InvoiceContact.of_contract(contract_id)))


def history(contract_id: int) -> list[DocumentRequest]:
    """Newest first, each with who asked."""
    query = DocumentRequest.of_contract(contract_id)
    return list(db.session.scalars(query.options(joinedload(DocumentRequest.asked_by))))


def ask(
    contract: Contract,
    missing: Sequence[Missing],
    user: User,
    now: datetime,
    *,
    message: str = "",
    is_meant: bool = False,
) -> DocumentRequest:
    """Store what is asked for and its mail; the caller has that sent.

    Raises `AskRefused` without contacts or documents, `AskedLately` within a day unless it
    `is_meant`.
    """
    message = message.strip().replace("\r\n", "\n")
    if len(message) > LONGEST_MESSAGE or not is_visible(message, lines=True):
        raise AskRefused(
            f"The message has at most {LONGEST_MESSAGE:,} letters, all of which can be seen."
        )
    if not missing:
        raise AskRefused("Choose at least one document to ask for.")
    contract_id, user_id, project_id = contract.id, user.id, contract.project_id
    with writing():
        people = contacts(contract_id)
        if not people:
            raise AskRefused("The contract has nobody to ask. Add a contact on its page first.")
        last = db.session.scalar(DocumentRequest.of_contract(contract_id).limit(1))
        if last is not None and last.created > now - PAUSE and not is_meant:
            raise AskedLately("They were asked within the last day. Tick the box to ask again.")
        row = DocumentRequest(
            contract_id=contract_id,
            asked_by_id=user_id,
            created=now,
            items=[
                {"invoice_id": m.invoice_id, "document_type": m.document_type, "title": m.title}
                for m in missing
            ],
            recipients=[{"name": person.name, "email": person.email} for person in people],
            message=message,
        )
        db.session.add(row)
        db.session.flush()
        waiting.queue(Topic.DOCUMENTS_ASKED, now, request_id=row.id)
        detail = {"to": [person.email for person in people], "items": [m.title for m in missing]}
        subject = ("document_request", row.id)
        audit.record("documents.asked", project=project_id, subject=subject, detail=detail)
    return row


def issue(request_id: int, now: datetime) -> str | None:
    """Make the token; its time begins. None when the row is gone or revoked. Only the mail will
    hold what this returns."""
    token = secrets.token_urlsafe(32)
    with writing():
        row = db.session.get(DocumentRequest, request_id)
        if row is None or row.revoked_at is not None:
            return None
        row.token_hash = DocumentRequest.hash_of(token)
        row.expires = now + LIFETIME
    return token


def find(token: str, now: datetime) -> DocumentRequest | None:
    """What a link asks for, while it is good. Uses nothing up."""
    return db.session.scalar(
        sa.select(DocumentRequest).where(
            DocumentRequest.token_hash == DocumentRequest.hash_of(token),
            DocumentRequest.expires > now,
            DocumentRequest.revoked_at.is_(None),
        )
    )


def revoke(row: DocumentRequest, now: datetime) -> None:
    """From now on its link leads nowhere."""
    if row.revoked_at is None:
        row.revoked_at = now
        subject = ("document_request", row.id)
        audit.record("documents.request_revoked", project=row.contract.project, subject=subject)
    db.session.commit()
