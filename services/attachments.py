"""The attachments of an invoice: adding, ordering, leaving out, removing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO, Literal

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from models import Attachment, Contract, Invoice, db, reading, writing
from services import document_types, files
from services.document_guess import guess
from services.document_types import TypeRefused
from services.errors import AppError
from services.files import FileRefused, Kept
from services.period_dates import YEARS


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


def add(
    invoice_id: int, uploads: Iterable[tuple[IO[bytes], str]], document_type: str = ""
) -> Added:
    """Append files in the order given; one that is refused keeps none of the others out.

    Without a document type, each file's is guessed from its name. Raises NothingUploaded,
    TypeRefused, and FileRefused where the invoice has gone meanwhile.
    """
    kept, refused = _keep_all(uploads)
    if not kept and not refused:
        raise NothingUploaded
    with writing():
        if db.session.get(Invoice, invoice_id) is None:
            raise FileRefused("This invoice was deleted while the files were on their way.")
        own = _own_names(invoice_id)
        if document_type:
            _check_type(document_type, own)
        last = db.session.scalar(
            sa.select(sa.func.max(Attachment.position)).where(Attachment.invoice_id == invoice_id)
        )
        for position, file in enumerate(kept, (last or 0) + 1):
            files.record(file)
            db.session.add(
                Attachment(
                    invoice_id=invoice_id,
                    sha256=file.sha256,
                    position=position,
                    name=file.name,
                    document_type=document_type or guess(file.name, own),
                    is_type_confirmed=bool(document_type),
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


def set_type(attachment: Attachment, document_type: str, expires: str = "") -> None:
    """Say what the file is, and until when it counts (an ISO date, or empty). Raises
    TypeRefused."""
    _check_type(document_type, _own_names(attachment.invoice_id))
    attachment.expires = parse_expiry(expires)
    attachment.document_type = document_type
    attachment.is_type_confirmed = True
    db.session.commit()


def guess_types(invoice_id: int) -> None:
    """Guess anew the types that nobody confirmed."""
    own = _own_names(invoice_id)
    for row in of_invoice(invoice_id):
        if not row.is_type_confirmed:
            row.document_type = guess(row.name, own)
    db.session.commit()


def confirm_types(invoice_id: int) -> None:
    """Say of every type that was guessed that it is right."""
    for row in of_invoice(invoice_id):
        row.is_type_confirmed = True
    db.session.commit()


def parse_expiry(text: str) -> date | None:
    """A day as a form sends it. Raises TypeRefused."""
    if not (text := text.strip()):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as e:
        raise TypeRefused(f"Expires must be a date like 2026-08-31, not “{text[:40]}”.") from e
    if day.year not in YEARS:
        raise TypeRefused(f"It expires in the year {day.year}. Check the year.")
    return day


def _own_names(invoice_id: int) -> dict[str, str]:
    """The own types of the invoice's project."""
    project = (
        sa.select(Contract.project_id)
        .join(Invoice, Invoice.contract_id == Contract.id)
        .where(Invoice.id == invoice_id)
    )
    return document_types.own_names(db.session.scalars(project).one())


def _check_type(code: str, own: Mapping[str, str]) -> None:
    if code not in document_types.NAMES and code not in own:
        raise TypeRefused("The document type does not exist any more. Choose another one.")


def remove(attachment: Attachment) -> None:
    """Take the file off the invoice. Its bytes stay for the backups that were made with it."""
    db.session.delete(attachment)
    db.session.commit()
