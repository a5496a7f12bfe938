"""Mails to subcontractors about documents."""

from jobs import enqueue
from jobs.mail import RETRY, TIMEOUT, what_next
from models import DocumentRequest, SubmittedFile, db, reading, utcnow, writing
from services import mail, missing_items


def enqueue_request(request_id: int) -> bool:
    """False when the queue cannot be reached; the page then says that it was not sent."""
    job_id = f"document-request-{request_id}"
    return enqueue("mail", send_request, request_id, timeout=TIMEOUT, retry=RETRY, job_id=job_id)


def enqueue_refusal(submitted_id: int) -> bool:
    return enqueue("mail", send_refusal, submitted_id, timeout=TIMEOUT, retry=RETRY)


def send_request(request_id: int) -> None:
    """Mail the list and the link, once. Raises where it should be tried again."""
    with reading():
        row = db.session.get(DocumentRequest, request_id)
        if row is None or row.mailed_at is not None:
            return
        # The link is good before its mail leaves; a mail that failed is written with a new one.
        token = missing_items.issue(request_id, utcnow())
        row = db.session.get(DocumentRequest, request_id)
        if token is None or row is None:
            return
        try:
            mail.missing_items(row, token)
        except mail.FAILURES as e:
            _note(request_id, mail_error=f"{mail.in_words(e)} {what_next()}")
            raise
        _note(request_id, mailed_at=utcnow(), mail_error=None)


def send_refusal(submitted_id: int) -> None:
    """Tell the contacts why a file was refused. Raises where it should be tried again."""
    with reading():
        row = db.session.get(SubmittedFile, submitted_id)
        if row is not None and row.reason:
            mail.file_refused(row)


def _note(request_id: int, **values: object) -> None:
    with writing():
        row = db.session.get(DocumentRequest, request_id)
        for name, value in values.items() if row else ():
            setattr(row, name, value)
