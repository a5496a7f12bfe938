"""Signed copies of invoices that somebody uploads."""

from typing import IO

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from binder import sentences, sniff
from models import Invoice, Signature, SignatureStatus, db, reading, writing
from services import files, storage
from services.files import FileRefused

#: Of a signature that counts; one per invoice (a unique index holds that).
LIVE = (SignatureStatus.PENDING, SignatureStatus.COMPLETED)


def of_invoice(invoice_id: int) -> Signature | None:
    """The signature that counts, with its file."""
    query = (
        sa.select(Signature)
        .where(Signature.invoice_id == invoice_id, Signature.status.in_(LIVE))
        .options(joinedload(Signature.file))
        .execution_options(populate_existing=True)
    )
    return db.session.scalar(query)


def upload(invoice_id: int, stream: IO[bytes] | None, name: str) -> str:
    """Keep a signed copy, in place of an earlier one; its SHA-256. Raises FileRefused."""
    if stream is None or not name:
        raise FileRefused("Choose the signed PDF first.")
    with reading():
        kept = files.keep(stream, name)
        media_type = sniff.media_type(storage.original(kept.sha256))
        if media_type != sniff.PDF:
            # Any picture will do as an attachment; here none does.
            is_picture = media_type.startswith("image/")
            kind = "a picture" if is_picture else sentences.kind_in_words(media_type)
            raise FileRefused(
                f"“{kept.name}” is {kind}, not a PDF. Save or scan the signed copy as a PDF."
            )
    with writing():
        if db.session.get(Invoice, invoice_id) is None:
            raise FileRefused("This invoice was deleted while the file was on its way.")
        _delete_live(invoice_id)
        files.record(kept)
        db.session.add(
            Signature(
                invoice_id=invoice_id,
                status=SignatureStatus.COMPLETED,
                sha256=kept.sha256,
                name=kept.name,
            )
        )
    return kept.sha256


def remove(invoice_id: int) -> None:
    """Go back to the drawn invoice. The bytes stay for the backups that were made with them."""
    _delete_live(invoice_id)
    db.session.commit()


def _delete_live(invoice_id: int) -> None:
    # An uploaded copy is no envelope: nothing was declined or voided when it is taken back.
    db.session.execute(
        sa.delete(Signature).where(Signature.invoice_id == invoice_id, Signature.status.in_(LIVE))
    )
