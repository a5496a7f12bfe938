"""What hangs on the invoices of one page: attachments and signatures, in two statements."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from models import Attachment, Signature, SignatureStatus, StoredFile, db


@dataclass(slots=True)
class Marks:
    attachments: int = 0
    left_out: int = 0
    #: Attachments that no page can be made of, without those left out.
    problems: int = 0
    #: The latest word on a signature.
    signature: SignatureStatus | None = None


def of_invoices(invoice_ids: Collection[int]) -> dict[int, Marks]:
    """The marks of each of these invoices; one with nothing on it has empty marks."""
    marks = {invoice_id: Marks() for invoice_id in invoice_ids}
    for invoice_id, count, left_out, problems in db.session.execute(_attachments(invoice_ids)):
        marks[invoice_id] = Marks(count, left_out, problems)
    signatures = (
        sa.select(Signature.invoice_id, Signature.status)
        .where(Signature.invoice_id.in_(invoice_ids))
        .order_by(Signature.id)
    )
    for invoice_id, status in db.session.execute(signatures):
        marks[invoice_id].signature = status
    return marks


def _attachments(invoice_ids: Collection[int]) -> sa.Select[int, int, int, int]:
    has_problem = sa.and_(~Attachment.is_left_out, StoredFile.problem.is_not(None))
    return (
        sa.select(
            Attachment.invoice_id,
            sa.func.count(),
            sa.func.count(sa.case((Attachment.is_left_out, 1))),
            sa.func.count(sa.case((has_problem, 1))),
        )
        .join(StoredFile, StoredFile.sha256 == Attachment.sha256)
        .where(Attachment.invoice_id.in_(invoice_ids))
        .group_by(Attachment.invoice_id)
    )
