"""From a row to an envelope on its way. Each step can be repeated after a crash."""

from datetime import datetime, timedelta
from io import BytesIO

import sqlalchemy as sa

from binder.render.document import InvoiceDocument
from binder.render.invoice import render_invoice
from models import Invoice, Signature, SignatureStatus, db, reading, writing
from services import drawings, files, invoice_documents, objects, storage
from services.signing import accounts
from services.signing.provider import Asked, Provider, SigningFailed
from services.signing.substance import substance_of

#: A worker that took a row has it for this long.
LEASE = timedelta(minutes=3)
#: Between the first looks at an envelope; DocuSign wants 15 minutes between two.
FIRST_CHECK = timedelta(minutes=15)
#: After how many failures only a person tries again.
TRIES = 8


def send(signature_id: int, now: datetime) -> None:
    """Send the invoice of a signature to its signer, unless that is done or under way.

    Raises SigningFailed after noting it on the row.
    """
    with writing():
        if not _claim(signature_id, now):
            return
    try:
        _send(signature_id, now)
    except SigningFailed as e:
        _note_failure(signature_id, e, now)
        raise


def _claim(signature_id: int, now: datetime) -> bool:
    claimed = db.session.execute(
        sa.update(Signature)
        .where(
            Signature.id == signature_id,
            Signature.status == SignatureStatus.SETUP_NOT_COMPLETED,
            Signature.is_void_wanted.is_(False),
            sa.or_(Signature.next_check.is_(None), Signature.next_check <= now),
        )
        .values(next_check=now + LEASE, tries=Signature.tries + 1)
        .returning(Signature.id)
    )
    return claimed.scalar_one_or_none() is not None


def _send(signature_id: int, now: datetime) -> None:
    asked = _asked(signature_id)
    with accounts.provider() as service:
        envelope_id = _envelope(signature_id, service, asked)
        service.send(envelope_id)
    with writing():
        db.session.execute(
            sa.update(Signature)
            .where(
                Signature.id == signature_id,
                Signature.status == SignatureStatus.SETUP_NOT_COMPLETED,
            )
            .values(
                status=SignatureStatus.PENDING,
                provider_status="sent",
                problem="",
                tries=0,
                next_check=now + FIRST_CHECK,
            )
        )


def _envelope(signature_id: int, service: Provider, asked: Asked) -> str:
    """The envelope of this row, made unless an earlier try made it."""
    with reading():
        known = db.session.get_one(Signature, signature_id).envelope_id
    if known:
        return known
    # The answer to an earlier try may have been lost on its way.
    envelope_id = service.find(asked.transaction_id) or service.create(asked)
    with writing():
        row = db.session.get_one(Signature, signature_id)
        row.envelope_id, row.provider_status = envelope_id, "created"
    return envelope_id


def _asked(signature_id: int) -> Asked:
    """What is sent, kept byte by byte before anybody else sees it."""
    with reading():
        row = db.session.get_one(Signature, signature_id)
        invoice = db.session.get_one(Invoice, row.invoice_id)
        document = invoice_documents.of_invoices([invoice.id])[invoice.id]
        label, contract = invoice.label, invoice.contract
        name = files.clean_name(f"Invoice {contract.number} - {label}.pdf")
        subject = f"Please sign: {name.removesuffix('.pdf')}, {contract.project.name}"
        notify = accounts.notify_url()
        signer, email, transaction = row.signer_name, row.signer_email, row.transaction_id
        sent = row.sent_sha256
    if sent is None:
        sent = _keep(signature_id, document)
    return Asked(
        transaction_id=transaction or "",
        document=objects.bring(storage.original(sent)).read_bytes(),
        name=name,
        subject=subject,
        signer_name=signer,
        signer_email=email,
        notify_url=notify,
    )


def _keep(signature_id: int, document: InvoiceDocument) -> str:
    kept = files.keep(BytesIO(render_invoice(document, for_signing=True)), "invoice.pdf")
    pages = drawings.page_count(storage.original(kept.sha256))
    with writing():
        files.record(kept)
        row = db.session.get_one(Signature, signature_id)
        row.sent_sha256, row.sent_pages = kept.sha256, pages
        row.substance_key = substance_of(document)
    return kept.sha256


def _note_failure(signature_id: int, failure: SigningFailed, now: datetime) -> None:
    with writing():
        row = db.session.get(Signature, signature_id)
        if row is None:
            return
        row.problem = str(failure)
        again = failure.is_temporary and row.tries < TRIES
        row.next_check = now + (failure.wait or pause(row.tries)) if again else None


def pause(tries: int) -> timedelta:
    """How long to wait after so many failures: a minute, doubled each time, six hours at most."""
    return min(timedelta(minutes=2 ** max(tries - 1, 0)), timedelta(hours=6))
