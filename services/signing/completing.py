"""Fetching what was signed, and looking at it before it counts."""

from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from binder.facts import FileFacts
from models import Invoice, Signature, SignatureStatus, StoredFile, db, reading, writing
from services import files, storage
from services.files import FileRefused, Kept
from services.signing import accounts
from services.signing.noting import note
from services.signing.provider import SigningFailed
from services.signing.sending import LEASE, pause


def waiting(now: datetime) -> list[int]:
    """Signatures completed at the service whose document is not here yet."""
    query = sa.select(Signature.id).where(
        Signature.status == SignatureStatus.PENDING,
        Signature.provider_status == "completed",
        Signature.next_check <= now,
    )
    return list(db.session.scalars(query.order_by(Signature.next_check)))


def fetch(signature_id: int, now: datetime) -> bool:
    """Bring the signed document and its certificate here; True once they count.

    A document that cannot be read, has lost pages or bears no signature does not count: the row
    says so, and it is fetched again later. Raises SigningFailed after noting it.
    """
    with writing():
        if not _claim(signature_id, now):
            return False
    try:
        document, certificate = _download(signature_id)
        files.inspect(document.sha256)
        _refuse_wrong(signature_id, document.sha256)
    except SigningFailed as e:
        _note_failure(signature_id, e, now)
        raise
    with writing():
        done = db.session.execute(
            sa.update(Signature)
            .where(Signature.id == signature_id, Signature.status == SignatureStatus.PENDING)
            .values(
                status=SignatureStatus.COMPLETED,
                sha256=document.sha256,
                name=document.name,
                certificate_sha256=certificate.sha256,
                problem="",
                next_check=None,
                signed_at=sa.func.coalesce(Signature.signed_at, now),
            )
            .returning(Signature.id)
        )
        if done.scalar_one_or_none() is None:
            return False
        note("signature.completed", signature_id)
        return True


def _claim(signature_id: int, now: datetime) -> bool:
    claimed = db.session.execute(
        sa.update(Signature)
        .where(
            Signature.id == signature_id,
            Signature.status == SignatureStatus.PENDING,
            Signature.provider_status == "completed",
            Signature.next_check <= now,
        )
        .values(next_check=now + LEASE, tries=Signature.tries + 1)
        .returning(Signature.id)
    )
    return claimed.scalar_one_or_none() is not None


def _download(signature_id: int) -> tuple[Kept, Kept]:
    with reading():
        row = db.session.get_one(Signature, signature_id)
        envelope, invoice = row.envelope_id or "", row.invoice_id
        name = _name(invoice)
    with TemporaryDirectory(dir=storage.work()) as folder:
        document, certificate = Path(folder) / "signed.pdf", Path(folder) / "certificate.pdf"
        with reading(), accounts.provider() as service:
            service.download(envelope, document, certificate)
        kept = [
            _keep(document, f"Signed {name}.pdf"),
            _keep(certificate, f"Certificate {name}.pdf"),
        ]
    with writing():
        for each in kept:
            files.record(each)
        # The file is looked into under the name that its row gives it.
        db.session.execute(
            sa.update(Signature).where(Signature.id == signature_id).values(name=kept[0].name)
        )
    return kept[0], kept[1]


def _keep(path: Path, name: str) -> Kept:
    with path.open("rb") as file:
        try:
            return files.keep(file, name)
        except FileRefused as e:
            said = f"The signed document cannot be taken: {e}"
            raise SigningFailed(said, is_temporary=True) from e


def _name(invoice_id: int) -> str:
    invoice = db.session.get_one(Invoice, invoice_id)
    return f"{invoice.contract.number} - {invoice.label}"


def _refuse_wrong(signature_id: int, sha256: str) -> None:
    """Raises SigningFailed unless the document is whole and bears a signature."""
    with reading():
        row = db.session.get_one(Signature, signature_id)
        facts = files.facts_of(db.session.get_one(StoredFile, sha256))
        problem = _wrong(facts, row.sent_pages or 0)
    if problem:
        raise SigningFailed(
            f"The signed document does not count: {problem}. It is fetched again.",
            is_temporary=True,
        )


def _wrong(facts: FileFacts | None, sent_pages: int) -> str:
    if facts is None or facts.problem or not facts.pages:
        return "it cannot be read"
    if facts.repaired:
        return "it arrived damaged"
    if facts.pages < sent_pages:
        return f"it has {facts.pages} pages, and {sent_pages} were sent"
    if not facts.was_signed:
        return "it bears no digital signature"
    return ""


def _note_failure(signature_id: int, failure: SigningFailed, now: datetime) -> None:
    with writing():
        row = db.session.get(Signature, signature_id)
        if row is None:
            return
        row.problem = str(failure)
        row.next_check = now + (failure.wait or max(pause(row.tries), timedelta(minutes=1)))
