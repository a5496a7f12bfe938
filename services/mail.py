"""One function for each mail. With no mail server set, mails lie in the outbox folder."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from smtplib import SMTPException
from typing import Any
from uuid import uuid4

from flask import current_app, render_template
from flask_mail import Message

from extensions import mail
from models import AccountToken, Backup, Invoice, User, utcnow
from services import backups, dictionaries, storage
from services.formats import moment, words

#: What sending may raise; each may heal by itself.
FAILURES = (SMTPException, OSError)


def backup_ready(backup: Backup) -> None:
    """To who asked: the file is done, with its link."""
    _send_about(backup, f"Ready: {backup.file_name}", "backup_ready")


def backup_failed(backup: Backup) -> None:
    """To who asked: there is no file, and why."""
    _send_about(backup, f"Not compiled: {backup.file_name}", "backup_failed")


def invitation(row: AccountToken, token: str) -> None:
    """To somebody new: the link that opens the account."""
    _send_link(row, "You are invited to Drawpack", "invitation", "account.invitation", token)


def password_reset(row: AccountToken, token: str) -> None:
    """To the owner of an account: the link that lets him choose another password."""
    subject = "Choose a new password for Drawpack"
    _send_link(row, subject, "password_reset", "account.choose_password", token)


def review_finished(invoice: Invoice, user: User) -> None:
    """To who submitted an invoice: the status that its review led to. The reasons for rejected
    lines are on its page (domain 3.2, K12)."""
    contract = invoice.contract
    subject = f"{contract.number}, invoice {invoice.label}: {words(invoice.status)}"
    url = _url("invoices.show", project_id=contract.project_id, invoice_id=invoice.id)
    _send(user, subject, "review_finished", invoice=invoice, contract=contract, url=url)


def has_server() -> bool:
    return bool(current_app.config["MAIL_SERVER"])


def in_words(failure: Exception) -> str:
    """Why a mail could not be handed over, for the page of a backup."""
    server = f"{current_app.config['MAIL_SERVER']}:{current_app.config['MAIL_PORT']}"
    if isinstance(failure, SMTPException):
        return f"The mail server {server} refused the mail: {_detail(failure)}."
    return f"The mail server {server} could not be reached: {_detail(failure)}."


def _detail(failure: Exception) -> str:
    return " ".join(str(failure).split()).rstrip(".")[:200] or type(failure).__name__


def _send_about(backup: Backup, subject: str, template: str) -> None:
    user = backup.requested_by
    assert user is not None
    chosen = backups.frozen_request(backup)
    # A mail is passed on like its file, and says what that says.
    with dictionaries.speaking(chosen.dictionary):
        _send(
            user,
            subject,
            template,
            backup=backup,
            chosen=chosen,
            url=_url("backups.show", project_id=backup.project_id, backup_id=backup.id),
            asked=moment(backup.requested_at, backup.project.zone),
        )


def _send_link(row: AccountToken, subject: str, template: str, endpoint: str, token: str) -> None:
    url = _url(endpoint, token=token)
    _send(row.user, subject, template, url=url, site=current_app.config["BASE_URL"])


def _send(user: User, subject: str, template: str, **values: Any) -> None:
    context = {"user": user, **values}
    message = Message(
        subject=" ".join(subject.split()),
        recipients=[user.email],
        body=render_template(f"email/{template}.txt", **context),
        html=render_template(f"email/{template}.html", **context),
    )
    if has_server():
        mail.send(message)
    else:
        _keep(message)


def _url(endpoint: str, **values: object) -> str:
    path = current_app.url_map.bind("").build(endpoint, values)
    return f"{current_app.config['BASE_URL']}{path}"


def _keep(message: Message) -> None:
    at = utcnow()
    message.date = at.timestamp()
    name = f"{at:%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}.eml"
    storage.write_atomically(storage.outbox() / name, message.as_bytes())


def outbox() -> list[Path]:
    """The mails that were written instead of sent, newest first."""
    return sorted(storage.outbox().glob("*.eml"), reverse=True)


def read(name: str) -> EmailMessage | None:
    """The mail of that name in the outbox."""
    if path := next((path for path in outbox() if path.name == name), None):
        return message_from_bytes(path.read_bytes(), policy=policy.default)
    return None
