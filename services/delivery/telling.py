"""Writing and handing over one mail that is about no backup."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from models import (
    AccountToken,
    AuditEntry,
    DocumentRequest,
    Invoice,
    MailState,
    Purpose,
    SubmittedFile,
    Topic,
    User,
    WaitingMail,
    db,
    reading,
    writing,
)
from services import account_tokens, mail, missing_items
from services.delivery import trying
from services.system import saving_plan


def send(mail_id: int, now: datetime) -> None:
    """Send a mail that waits, once; its row, and the row it is about, say what became of it. Does
    nothing for one that somebody else has claimed."""
    with reading():
        if not trying.claim(WaitingMail, mail_id, now):
            return
        try:
            _write(db.session.get_one(WaitingMail, mail_id), now)
        except mail.FAILURES as e:
            _note_refused(mail_id, mail.in_words(e), now, is_final=mail.is_final(e))
        except Exception:
            _note_refused(mail_id, trying.OURS, now, is_final=False)
            raise
        else:
            _note_sent(mail_id, now)


def give_up(now: datetime) -> None:
    """End what died while it was sent, and what waited too long; the pages say so."""
    tell_pages(trying.give_up(WaitingMail, now))


def tell_pages(mail_ids: Sequence[int]) -> None:
    """Say of mails that ended why, where people look."""
    if mail_ids:
        with writing():
            for mail_id in mail_ids:
                for row in _still_there(mail_id):
                    _tell_pages(row, mail_error=row.error)


def _write(row: WaitingMail, now: datetime) -> None:
    match row.topic:
        case Topic.ACCOUNT:
            _write_account(row.token_id or 0, now)
        case Topic.DOCUMENTS_ASKED:
            _write_request(row.request_id or 0, now)
        case Topic.FILE_REFUSED:
            mail.file_refused(db.session.get_one(SubmittedFile, row.submitted_id))
        case Topic.REVIEW_FINISHED:
            user = db.session.get_one(User, row.user_id)
            # Says the status that the invoice has when the mail leaves.
            if user.is_active:
                mail.review_finished(db.session.get_one(Invoice, row.invoice_id), user)
        case Topic.SAVING_FAILED:
            user = db.session.get_one(User, row.user_id)
            entry = db.session.get_one(AuditEntry, row.entry_id)
            if user.is_active:
                mail.saving_failed(user, saving_plan.trouble(entry), entry.at)


def _write_account(token_id: int, now: datetime) -> None:
    # The link is good before its mail leaves; a mail that failed is written with a new one.
    token = account_tokens.issue(token_id, now)
    row = db.session.get(AccountToken, token_id)
    if token is not None and row is not None:
        write = mail.invitation if row.purpose == Purpose.INVITATION else mail.password_reset
        write(row, token)


def _write_request(request_id: int, now: datetime) -> None:
    token = missing_items.issue(request_id, now)
    row = db.session.get(DocumentRequest, request_id)
    if token is not None and row is not None:
        mail.missing_items(row, token)


@trying.patient
def _note_sent(mail_id: int, now: datetime) -> None:
    with writing():
        for row in _still_there(mail_id):
            row.state, row.error = MailState.SENT, None
            _tell_pages(row, mailed_at=now, mail_error=None)


@trying.patient
def _note_refused(mail_id: int, why: str, now: datetime, *, is_final: bool) -> None:
    with writing():
        for row in _still_there(mail_id):
            trying.put_off(row, why, now, is_final=is_final)
            is_tried_again = row.state == MailState.QUEUED
            what_next = "It is tried again." if is_tried_again else "It was given up."
            _tell_pages(row, mail_error=f"{why} {what_next}")


def _still_there(mail_id: int) -> Iterable[WaitingMail]:
    """An invitation that was made anew meanwhile took its mail along."""
    return filter(None, [db.session.get(WaitingMail, mail_id)])


def _tell_pages(row: WaitingMail, **values: object) -> None:
    """Note it where people look: beside the person, or on the list of what was asked for."""
    for table, row_id in ((AccountToken, row.token_id), (DocumentRequest, row.request_id)):
        about = db.session.get(table, row_id) if row_id else None
        for name, value in values.items() if about else ():
            setattr(about, name, value)
