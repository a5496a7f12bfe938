"""Mails with links that open accounts. The link is made when its mail is written, so that it lies
nowhere but there: neither in the database nor in the queue."""

from collections.abc import Callable

from jobs import enqueue
from jobs.mail import RETRY, TIMEOUT, what_next
from models import AccountToken, db, reading, utcnow, writing
from services import account_tokens, mail, password_resets


def invitation_job_id(token_id: int) -> str:
    return f"invitation-mail-{token_id}"


def enqueue_invitation(token_id: int) -> bool:
    """False when the queue cannot be reached; the next sweep then queues the row."""
    return enqueue(
        "mail",
        send_invitation,
        token_id,
        timeout=TIMEOUT,
        retry=RETRY,
        job_id=invitation_job_id(token_id),
    )


def enqueue_password_reset(email: str) -> bool:
    """For any address, so that nobody learns from the answer whether it has an account."""
    return enqueue("mail", send_password_reset, email, timeout=TIMEOUT, retry=RETRY)


def send_invitation(token_id: int) -> None:
    """Does nothing for an invitation that was sent, answered or replaced. Raises where it should
    be tried again."""
    with reading():
        row = db.session.get(AccountToken, token_id)
        if row is not None and row.mailed_at is None:
            _send(token_id, mail.invitation)


def send_password_reset(email: str) -> None:
    """Does nothing for an address that opens no account. Raises where it should be tried again."""
    with reading():
        token_id = password_resets.prepare(email, utcnow())
        if token_id is not None:
            _send(token_id, mail.password_reset)


def _send(token_id: int, write: Callable[[AccountToken, str], None]) -> None:
    # The link is good before its mail leaves; a mail that failed is written with a new one.
    token = account_tokens.issue(token_id, utcnow())
    row = db.session.get(AccountToken, token_id)
    if token is None or row is None:
        return
    try:
        write(row, token)
    except mail.FAILURES as e:
        _note(token_id, mail_error=f"{mail.in_words(e)} {what_next()}")
        raise
    _note(token_id, mailed_at=utcnow(), mail_error=None)


def _note(token_id: int, **values: object) -> None:
    with writing():
        row = db.session.get(AccountToken, token_id)
        for name, value in values.items() if row else ():
            setattr(row, name, value)
