"""Signed copies of invoices that somebody uploads."""

from collections.abc import Collection
from typing import IO

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from binder import sentences, sniff
from models import (
    LIVE_SIGNATURES,
    Invoice,
    Signature,
    SignatureStatus,
    SigningProvider,
    db,
    reading,
    writing,
)
from services import files, invoice_documents, storage
from services.files import FileRefused
from services.signing.noting import note
from services.signing.substance import substance_of


def of_invoice(invoice_id: int) -> Signature | None:
    """The signature that counts, with its file."""
    query = (
        sa.select(Signature)
        .where(Signature.invoice_id == invoice_id, Signature.status.in_(LIVE_SIGNATURES))
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
        said = _substance(invoice_id)
    with writing():
        if db.session.get(Invoice, invoice_id) is None:
            raise FileRefused("This invoice was deleted while the file was on its way.")
        _refuse_under_way(invoice_id)
        _clear(invoice_id)
        files.record(kept)
        row = Signature(
            invoice_id=invoice_id,
            status=SignatureStatus.COMPLETED,
            sha256=kept.sha256,
            name=kept.name,
            substance_key=said,
        )
        db.session.add(row)
        db.session.flush()
        note("signature.uploaded", row.id)
    return kept.sha256


def remove(invoice_id: int) -> None:
    """Go back to the drawn invoice. The bytes stay for the backups that were made with them.

    Raises FileRefused while an envelope is under way: that is voided, not removed.
    """
    _refuse_under_way(invoice_id)
    signature = of_invoice(invoice_id)
    if signature is not None:
        note("signature.removed", signature.id)
        _clear(invoice_id)
    db.session.commit()


def is_outdated(signature: Signature) -> bool:
    """Whether the invoice says something else by now than what was signed or sent."""
    said = signature.substance_key
    return said is not None and said != _substance(signature.invoice_id)


def outdated(invoice_ids: Collection[int]) -> set[int]:
    """Those of the invoices whose live signature is of what they do not say any more; a fixed
    number of statements."""
    rows = db.session.execute(
        sa.select(Signature.invoice_id, Signature.substance_key).where(
            Signature.invoice_id.in_(set(invoice_ids)),
            Signature.status.in_(LIVE_SIGNATURES),
            Signature.substance_key.is_not(None),
        )
    )
    signed = {invoice_id: key for invoice_id, key in rows if key}
    documents = invoice_documents.of_invoices(signed) if signed else {}
    return {row for row, document in documents.items() if substance_of(document) != signed[row]}


def _substance(invoice_id: int) -> str | None:
    document = invoice_documents.of_invoices([invoice_id]).get(invoice_id)
    return substance_of(document) if document else None


def _refuse_under_way(invoice_id: int) -> None:
    signature = of_invoice(invoice_id)
    if signature is not None and signature.status != SignatureStatus.COMPLETED:
        raise FileRefused("This invoice waits for a signature. Void the envelope first.")


def _clear(invoice_id: int) -> None:
    """An uploaded copy goes; what a service signed stays as history, set aside."""
    live = (Signature.invoice_id == invoice_id, Signature.status.in_(LIVE_SIGNATURES))
    is_upload = Signature.provider == SigningProvider.UPLOAD
    db.session.execute(sa.delete(Signature).where(*live, is_upload))
    db.session.execute(
        sa.update(Signature)
        .where(*live, Signature.status == SignatureStatus.COMPLETED)
        .values(status=SignatureStatus.SET_ASIDE)
    )
