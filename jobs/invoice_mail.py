"""Mails about invoices."""

from jobs import enqueue
from jobs.mail import RETRY, TIMEOUT
from models import Invoice, User, db, reading
from services import mail


def enqueue_review_finished(invoice_id: int, user_id: int) -> bool:
    """Tell somebody how the review of an invoice ended; False when the queue cannot be reached."""
    return enqueue("mail", send_review_finished, invoice_id, user_id, timeout=TIMEOUT, retry=RETRY)


def send_review_finished(invoice_id: int, user_id: int) -> None:
    """Says the status that the invoice has when the mail leaves; nothing once invoice or account
    are gone. Raises where it should be tried again."""
    with reading():
        invoice = db.session.get(Invoice, invoice_id)
        user = db.session.get(User, user_id)
        if invoice is not None and user is not None and user.is_active:
            mail.review_finished(invoice, user)
