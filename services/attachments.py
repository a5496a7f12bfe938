"""The attachments of an invoice: adding, ordering, leaving out, removing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO, Literal

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from models import Attachment, Invoice, db, reading, writing
from services import files
from services.errors import AppError
from services.files import FileRefused, Kept


class NothingUploaded(AppError):
    """The form came without a file."""

    def __init__(self) -> None:
        super().__init__("Choose one file or several first.")


@dataclass(frozen=True, slots=True)
class Added:
    """What became of several files."""

    sha256s: Sequence[str]
    #: A sentence for each file that was not taken.
    refused: Sequence[str]


def of_invoice(invoice_id: int) -> list[Attachment]:
    """In their order, each with its file, in one statement."""
    query = (
        sa.select(Attachment)
        .where(Attachment.invoice_id == invoice_id)
        .options(joinedload(Attachment.file))
        .order_by(Attachment.position, Attachment.id)
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(query))


def add(invoice_id: int, uploads: Iterable[tuple[IO[bytes], str]]) -> Added:
    """Append files in the order given; one that is refused keeps none of the others out.

    Raises NothingUploaded, and FileRefused where the invoice has gone meanwhile.
    """
    kept, refused = _keep_all(uploads)
    if not kept and not refused:
        raise NothingUploaded
    with writing():
        if db.session.get(Invoice, invoice_id) is None:
            raise FileRefused("This invoice was deleted while the files were on their way.")
        last = db.session.scalar(
            sa.select(sa.func.max(Attachment.position)).where(Attachment.invoice_id == invoice_id)
        )
        for position, file in enumerate(kept, (last or 0) + 1):
            files.record(file)
            db.session.add(
                Attachment(
                    invoice_id=invoice_id, sha256=file.sha256, position=position, name=file.name
                )
            )
    return Added([file.sha256 for file in kept], refused)


def _keep_all(uploads: Iterable[tuple[IO[bytes], str]]) -> tuple[list[Kept], list[str]]:
    kept, refused = [], []
    # No lock is held while bytes are copied: other people go on working.
    with reading():
        for stream, name in uploads:
            try:
                kept.append(files.keep(stream, name))
            except FileRefused as e:
                refused.append(str(e))
    return kept, refused


def move(attachment: Attachment, direction: Literal["up", "down"]) -> None:
    """Exchange its place with the one before or behind it; at the end of the list, nothing."""
    rows = of_invoice(attachment.invoice_id)
    here = rows.index(attachment)
    there = here - 1 if direction == "up" else here + 1
    if 0 <= there < len(rows):
        rows.insert(there, rows.pop(here))
    # Imported lists may have equal places or gaps: all are numbered anew.
    for position, row in enumerate(rows, 1):
        row.position = position
    db.session.commit()


def set_left_out(attachment: Attachment, *, is_left_out: bool) -> None:
    """Decide whether backups go without the file; their receipt says so."""
    attachment.is_left_out = is_left_out
    db.session.commit()


def remove(attachment: Attachment) -> None:
    """Take the file off the invoice. Its bytes stay for the backups that were made with it."""
    db.session.delete(attachment)
    db.session.commit()
