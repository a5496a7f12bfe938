"""A mail from its template to the server, or into the outbox."""

import logging
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask import current_app, render_template
from flask_mail import Message

from extensions import mail
from models import MailDelivery, User, db
from services import audit, objects, tracing
from services.backups import BackupFile
from services.mail.failures import FAILURES, in_words
from services.mail.kept import keep

log = logging.getLogger(__name__)


def has_server() -> bool:
    return bool(current_app.config["MAIL_SERVER"])


def send(
    to: User | MailDelivery,
    subject: str,
    template: str,
    *,
    files: Sequence[BackupFile] = (),
    reply_to: str | None = None,
    **values: Any,
) -> None:
    """A mail to one person, from the two templates of that name. Raises one of `FAILURES`."""
    context = {"user": to, **values}
    message = Message(
        subject=one_line(subject),
        recipients=[to.email],
        reply_to=reply_to,
        body=render_template(f"email/{template}.txt", **context),
        html=render_template(f"email/{template}.html", **context),
    )
    for file in files:
        content = objects.bring(file.path, file.sha256).read_bytes()
        message.attach(file.path.name, "application/pdf", content)
    hand_over(message)


def hand_over(message: Message) -> None:
    """To the mail server, or into the outbox where none is set. Raises one of `FAILURES`."""
    if not has_server():
        keep(message)
        tracing.event("mail", "mail kept in the outbox")
        return
    try:
        mail.send(message)
    except FAILURES as e:
        # Without the server's words, which may name people; the row and the audit log have them.
        tracing.event("mail", "mail refused", level=logging.WARNING, why=type(e).__name__)
        raise
    tracing.event("mail", "mail handed over", recipients=len(message.recipients))


@contextmanager
def recorded(to: str | list[str], subject: str, project_id: int | None = None) -> Iterator[None]:
    """An entry in the audit log of a mail that has no row, whether it left or not."""
    detail: dict[str, Any] = {"to": to, "what": one_line(subject)}
    try:
        yield
    except FAILURES as e:
        audit.note("mail.failed", project=project_id, detail=detail | {"why": in_words(e)})
        raise
    try:
        audit.note("mail.sent", project=project_id, detail=detail)
    except sa.exc.SQLAlchemyError:
        # It has left: for want of its entry it must not be sent again.
        db.session.rollback()
        log.exception("a mail was sent, and the audit log could not be told")


def one_line(subject: str) -> str:
    """Without what would end the header, or turn it around where it is read."""
    kept = (letter if unicodedata.category(letter)[0] != "C" else " " for letter in subject)
    return " ".join("".join(kept).split())
