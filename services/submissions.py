"""Files that come through an upload page: looked into at once, accepted or refused by a person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from binder import sniff
from binder.facts import FileFacts, Problem
from models import (
    Attachment,
    Contract,
    DocumentRequest,
    Invoice,
    StoredFile,
    SubmissionStatus,
    SubmittedFile,
    Topic,
    User,
    db,
    reading,
    utcnow,
    writing,
)
from services import audit, files, throttle
from services.delivery import waiting as waiting_mails
from services.errors import AppError
from services.files import FileRefused
from services.formats import size as in_words
from services.sender_sentences import to_sender
from services.throttle import Limit
from services.visible import is_visible

#: A document of one invoice is rarely larger; photographs are.
LARGEST = 50_000_000
MOST_AT_ONCE = 5
MOST_FILES = 40
LONGEST_REASON = 500
TAKEN = frozenset({sniff.PDF, sniff.JPEG, sniff.PNG, sniff.TIFF, sniff.HEIC})
BY_LINK = Limit("upload by link", 40, timedelta(hours=1))
BY_CLIENT = Limit("upload by client", 80, timedelta(hours=1))


#: What a browser sends: the bytes, and what they were called there.
Upload = tuple[IO[bytes], str]


class DecisionRefused(AppError):
    """The file was decided upon before, or the reason is missing."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of an upload: how many wait now, and a sentence for each that was not taken."""

    taken: int
    refused: list[str]


def hand_in(
    request: DocumentRequest,
    item: int,
    uploads: Iterable[tuple[IO[bytes], str]],
    client: str | None,
) -> Handed:
    """Take files for one of the documents that were asked for.

    Each is looked into before it counts; one with a problem leaves no row. Raises `TooManyTries`.
    """
    uploads = list(uploads)
    wanted = request.items[item]
    request_id = request.id
    tries = [(BY_LINK, str(request_id))] + ([(BY_CLIENT, client)] if client else [])
    throttle.enter(tries, utcnow())
    if len(uploads) > MOST_AT_ONCE:
        return Handed(0, [f"Send at most {MOST_AT_ONCE} files at once."])
    taken, refused = 0, []
    for stream, name in uploads:
        try:
            _take(request_id, wanted["invoice_id"], wanted["document_type"], (stream, name))
            taken += 1
        except FileRefused as e:
            refused.append(str(e))
    return Handed(taken, refused)


def _take(
    request_id: int, invoice_id: int, document_type: str, upload: tuple[IO[bytes], str]
) -> None:
    stream, name = upload
    shown = files.clean_name(name)
    if stream.seek(0, 2) > LARGEST:
        raise FileRefused(f"“{shown}” is larger than {in_words(LARGEST)}. Send it in parts.")
    stream.seek(0)
    media_type = sniff.media_type_of(stream)
    if media_type not in TAKEN and media_type != sniff.EMPTY:
        # Before anything is kept of it, or LibreOffice spends a minute on it.
        raise FileRefused(to_sender(FileFacts(media_type, problem=Problem.NOT_PDF), shown))
    row = files.store(stream, name)
    sha256 = row.sha256
    files.inspect(sha256)
    with reading():
        facts = files.facts_of(db.session.get_one(StoredFile, sha256))
    if facts is None:
        raise FileRefused(f"“{shown}” could not be looked into. Try again.")
    if facts.problem:
        raise FileRefused(to_sender(facts, shown))
    with writing():
        if db.session.get(Invoice, invoice_id) is None:
            raise FileRefused("The invoice was deleted meanwhile. Ask who wrote to you.")
        if _is_there(request_id, invoice_id, document_type, sha256):
            return
        count = sa.select(sa.func.count()).where(SubmittedFile.request_id == request_id)
        if (db.session.scalar(count) or 0) >= MOST_FILES:
            raise FileRefused("This page has taken as many files as it may. Answer the e-mail.")
        submitted = SubmittedFile(
            request_id=request_id, invoice_id=invoice_id, document_type=document_type,
            sha256=sha256, name=shown,
        )  # fmt: skip
        db.session.add(submitted)
        db.session.flush()
        people = [person["email"] for person in submitted.request.recipients]
        _record(submitted, "uploaded", by_the_page_of=people)


def _is_there(request_id: int, invoice_id: int, document_type: str, sha256: str) -> bool:
    """Whether the same file came for the same document before: a second click sends it again."""
    there = sa.exists().where(
        SubmittedFile.request_id == request_id,
        SubmittedFile.invoice_id == invoice_id,
        SubmittedFile.document_type == document_type,
        SubmittedFile.sha256 == sha256,
        SubmittedFile.status != SubmissionStatus.REFUSED,
    )
    return bool(db.session.scalar(sa.select(there)))


def of_request(request_id: int) -> list[SubmittedFile]:
    """All that came through one page, oldest first."""
    query = sa.select(SubmittedFile).where(SubmittedFile.request_id == request_id)
    return list(db.session.scalars(query.order_by(SubmittedFile.id)))


def visible_to(user: User | None, project_id: int) -> sa.Select[SubmittedFile]:
    """Of the contracts that `user` may see."""
    return (
        sa.select(SubmittedFile)
        .join(Invoice, Invoice.id == SubmittedFile.invoice_id)
        .where(Invoice.contract_id.in_(Contract.ids_visible_to(user, project_id)))
    )


def queue(user: User, project_id: int) -> list[SubmittedFile]:
    """What waits to be decided upon, oldest first."""
    query = visible_to(user, project_id).where(SubmittedFile.status == SubmissionStatus.WAITING)
    return list(
        db.session.scalars(
            query.options(
                joinedload(SubmittedFile.file),
                joinedload(SubmittedFile.invoice).joinedload(Invoice.contract),
            ).order_by(SubmittedFile.id)
        )
    )


def waiting(project_id: int) -> int:
    """How many files wait in a project."""
    query = visible_to(None, project_id).where(SubmittedFile.status == SubmissionStatus.WAITING)
    return db.session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0


def accept(row: SubmittedFile, user: User, now: datetime, expires: date | None = None) -> None:
    """It becomes an attachment of its invoice, of the type that was asked for. Raises
    `DecisionRefused` when somebody decided before."""
    row_id, user_id = row.id, user.id
    with writing():
        won = _decide(row_id, user_id, now, SubmissionStatus.ACCEPTED, "")
        last = db.session.scalar(
            sa.select(sa.func.max(Attachment.position)).where(
                Attachment.invoice_id == won.invoice_id
            )
        )
        db.session.add(
            Attachment(
                invoice_id=won.invoice_id, sha256=won.sha256, name=won.name,
                position=(last or 0) + 1, document_type=won.document_type,
                is_type_confirmed=True, expires=expires,
            )
        )  # fmt: skip


def refuse(row: SubmittedFile, user: User, now: datetime, reason: str) -> None:
    """It counts for nothing; the reason is mailed. Raises `DecisionRefused`."""
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON or not is_visible(reason, lines=True):
        raise DecisionRefused(
            f"Say in at most {LONGEST_REASON} letters what is wrong: it is mailed to the company."
        )
    row_id, user_id = row.id, user.id
    with writing():
        _decide(row_id, user_id, now, SubmissionStatus.REFUSED, reason)
        waiting_mails.queue(Topic.FILE_REFUSED, now, submitted_id=row_id)


def _decide(
    row_id: int, user_id: int, now: datetime, status: SubmissionStatus, reason: str
) -> SubmittedFile:
    decided = (
        sa.update(SubmittedFile)
        .where(SubmittedFile.id == row_id, SubmittedFile.status == SubmissionStatus.WAITING)
        .values(status=status, decided_by_id=user_id, decided_at=now, reason=reason)
        .returning(SubmittedFile.id)
    )
    if db.session.scalar(decided) is None:
        raise DecisionRefused("Somebody has decided about this file before.")
    row = db.session.get_one(SubmittedFile, row_id, populate_existing=True)
    _record(row, status, **({"reason": reason} if reason else {}))
    return row


def _record(row: SubmittedFile, what: str, **detail: Any) -> None:
    contract = row.invoice.contract
    about = {"contract": contract.number, "invoice": row.invoice.label}
    audit.record(
        f"documents.{what}",
        project=contract.project_id,
        subject=("invoice", row.invoice_id),
        detail={"file": row.name, "type": row.document_type, **about, **detail},
    )
