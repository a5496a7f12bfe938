"""Mails that are about no backup. Their rows say what becomes of them; the sweep forgets none."""

from jobs import enqueue
from jobs.mail import RETRY, TIMEOUT
from models import reading, utcnow
from services import password_resets
from services.delivery import telling, waiting

#: Seconds that a job that failed stays in Redis, for whoever looks for the reason.
_KEPT = 24 * 60 * 60


def job_id(mail_id: int) -> str:
    return f"waiting-mail-{mail_id}"


def enqueue_waiting(mail_id: int) -> bool:
    """False when the queue cannot be reached; the next sweep then queues the row."""
    return enqueue("mail", send, mail_id, timeout=TIMEOUT, job_id=job_id(mail_id))


def enqueue_about(**about: int) -> bool:
    """Send the mails that wait about these rows: `token_id`, `request_id`, `submitted_id`,
    `invoice_id` or `entry_id`."""
    with reading():
        found = waiting.of(**about)
    return all(enqueue_waiting(mail_id) for mail_id in found)


def enqueue_password_reset(email: str) -> bool:
    """For any address, so that nobody learns from the answer whether it has an account."""
    return enqueue(
        "mail",
        send_password_reset,
        email,
        timeout=TIMEOUT,
        retry=RETRY,
        # The only job that holds an address; RQ would keep one that failed for a year.
        failure_ttl=_KEPT,
    )


def send(mail_id: int) -> None:
    telling.send(mail_id, utcnow())


def send_password_reset(email: str) -> None:
    """Does nothing for an address that opens no account."""
    with reading():
        token_id = password_resets.prepare(email, utcnow())
    if token_id is not None:
        # A job of its own: this one is tried again when its process dies, a mail is not.
        enqueue_about(token_id=token_id)
