"""The envelopes of an invoice, as its page shows them."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from models import OPEN_SIGNATURES, Invoice, Signature, SignatureStatus, SigningProvider, db
from services import files
from services.signing import asking, hearing
from services.signing.asking import Candidate

#: A row may be on its way to the queue for so long before somebody wonders.
_KINDS = {"sent": "sent_sha256", "signed": "sha256", "certificate": "certificate_sha256"}


@dataclass(frozen=True, slots=True)
class Card:
    """What an administrator may do about the signature of an invoice."""

    candidate: Candidate
    #: Envelopes of the past, newest first.
    past: list[Signature]
    #: Whether the service may be asked now.
    may_refresh: bool


def card(invoice_id: int, live: Signature | None, now: datetime) -> Card:
    (candidate,) = asking.candidates([invoice_id])
    past = db.session.scalars(
        sa.select(Signature)
        .where(
            Signature.invoice_id == invoice_id,
            Signature.provider != SigningProvider.UPLOAD,
            Signature.id != (live.id if live else 0),
        )
        .options(joinedload(Signature.requested_by))
        .order_by(Signature.id.desc())
    ).all()
    return Card(candidate, list(past), live is not None and hearing.refresh_allowed(live, now))


def under_way(invoice_id: int) -> Signature | None:
    """The envelope of the invoice that has not ended."""
    query = sa.select(Signature).where(
        Signature.invoice_id == invoice_id,
        Signature.provider != SigningProvider.UPLOAD,
        Signature.status.in_(OPEN_SIGNATURES),
    )
    return db.session.scalar(query)


def try_again(signature_id: int) -> bool:
    """Let an envelope that was not sent be tried again now; False if it has moved on."""
    changed = db.session.execute(
        sa.update(Signature)
        .where(
            Signature.id == signature_id,
            Signature.status == SignatureStatus.SETUP_NOT_COMPLETED,
            Signature.is_void_wanted.is_(False),
        )
        .values(next_check=None, tries=0, problem="")
        .returning(Signature.id)
    )
    is_done = changed.scalar_one_or_none() is not None
    db.session.commit()
    return is_done


def document(invoice_id: int, signature_id: int, what: str) -> tuple[str, str] | None:
    """SHA-256 and name of what was "sent", "signed" or its "certificate"; None if there is none."""
    row = db.session.get(Signature, signature_id)
    if row is None or row.invoice_id != invoice_id or what not in _KINDS:
        return None
    sha256: str | None = getattr(row, _KINDS[what])
    if sha256 is None:
        return None
    invoice = db.session.get_one(Invoice, invoice_id)
    told = f"{what.capitalize()} {invoice.contract.number} - {invoice.label}.pdf"
    return sha256, files.clean_name(told)
