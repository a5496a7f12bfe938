"""One function for each mail. With no mail server set, mails lie in the outbox folder."""

import logging
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from smtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from flask import current_app, render_template
from flask_mail import Message

from extensions import mail
from models import (
    AccountToken,
    Backup,
    Contract,
    DocumentRequest,
    Invoice,
    MailDelivery,
    SubmittedFile,
    User,
    db,
    utcnow,
)
from services import audit, backups, dictionaries, objects, storage, tracing
from services.addresses import address_of
from services.backups import BackupFile
from services.formats import moment, words
from services.smtp import Unanswered

log = logging.getLogger(__name__)

#: What sending may raise; each may heal by itself.
FAILURES = (SMTPException, OSError)
#: “Authentication required” and its kin (RFC 4954, 6).
_ABOUT_US = {530, 534, 535, 538}


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail about a backup: its row, the link (None where it can no longer be told), and what is
    attached."""

    row: MailDelivery
    backup: Backup
    address: str | None = None
    files: Sequence[BackupFile] = ()


def backup_ready(letter: Letter) -> None:
    """To who asked: the file is done, with its link."""
    _send_about(letter, f"Ready: {letter.backup.file_name}", "backup_ready")


def backup_failed(letter: Letter) -> None:
    """To who asked: there is no file, and why."""
    _send_about(letter, f"Not compiled: {letter.backup.file_name}", "backup_failed")


def backup_delivery(letter: Letter, subject: str, message: str, before: Backup | None) -> None:
    """To a recipient of the project; `before` is what it takes the place of. Answers go to who
    asked for the backup."""
    asked_by = letter.backup.requested_by
    reply_to = asked_by.email if asked_by else None
    about = {"message": message, "before": before}
    _send_about(letter, subject, "backup_delivery", reply_to=reply_to, **about)


def schedule_blocked(row: MailDelivery) -> None:
    """To who set up a schedule: preflight forbids the backup, and why."""
    subject = f"Backup not made: {row.project.name}"
    url = address_of("delivery.show", project_id=row.project_id)
    with dictionaries.speaking(dictionaries.of_project(row.project)):
        _send(row, subject, "schedule_blocked", row=row, project=row.project, url=url)


def test(user: User) -> None:
    """To oneself: whether the settings work. Raises one of `FAILURES`."""
    _send(
        user, "Test of the mail settings of Drawpack", "test", url=address_of("mail_settings.show")
    )


def saving_failed(user: User, why: str, at: datetime) -> None:
    """To an administrator: the installation is not being backed up. Raises one of `FAILURES`."""
    subject = "Drawpack could not be backed up"
    with _recorded(user.email, subject):
        _send(user, subject, "saving_failed", why=why, at=at, url=address_of("system.show"))


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
    url = address_of("invoices.show", project_id=contract.project_id, invoice_id=invoice.id)
    with (
        _recorded(user.email, subject, contract.project_id),
        dictionaries.speaking(dictionaries.of_project(contract.project)),
    ):
        _send(user, subject, "review_finished", invoice=invoice, contract=contract, url=url)


def missing_items(row: DocumentRequest, token: str) -> None:
    """To the contacts of a contract: what their invoices lack, and where to send it."""
    _send_asking(row, missing_subject(row.contract), url=address_of("uploads.show", token=token))


def missing_subject(contract: Contract) -> str:
    return f"{contract.project.name}: documents for {contract.number} {contract.title}"


def missing_preview(row: DocumentRequest) -> str:
    """The text of that mail before it has a link."""
    return render_template(
        "email/missing_items.txt", **_asking(row, url="[link to the upload page]")
    )


def file_refused(row: SubmittedFile) -> None:
    """To the contacts: why a file that they sent does not serve."""
    subject = f"Please send again: {row.name}"
    _send_asking(row.request, subject, "file_refused", submitted=row)


def _send_asking(
    row: DocumentRequest, subject: str, template: str = "missing_items", **values: Any
) -> None:
    context = _asking(row, **values)
    people = [person["email"] for person in row.recipients]
    message = Message(
        subject=_one_line(subject),
        recipients=list(people),
        reply_to=row.asked_by.email if row.asked_by else None,
        body=render_template(f"email/{template}.txt", **context),
        html=render_template(f"email/{template}.html", **context),
    )
    with _recorded(people, subject, row.contract.project_id):
        _hand_over(message)


def _asking(row: DocumentRequest, **values: Any) -> dict[str, Any]:
    names = [person["name"] for person in row.recipients if person["name"]]
    user = {"name": names[0] if len(names) == 1 else "all"}
    contract = row.contract
    return {"user": user, "row": row, "contract": contract, "project": contract.project, **values}


def has_server() -> bool:
    return bool(current_app.config["MAIL_SERVER"])


def in_words(failure: Exception) -> str:
    """Why a mail could not be handed over, for the page of a backup."""
    server = f"{current_app.config['MAIL_SERVER']}:{current_app.config['MAIL_PORT']}"
    if isinstance(failure, Unanswered):
        return (
            f"The mail server {server} took the mail and then did not answer, so nobody knows "
            "whether it left. Ask the recipient, and send it again if it did not arrive."
        )
    if isinstance(failure, SMTPException):
        return f"The mail server {server} refused the mail: {_detail(failure)}."
    return f"The mail server {server} could not be reached: {_detail(failure)}."


def is_final(failure: Exception) -> bool:
    """Whether another try could only be refused again, or be a second mail.

    A 5xx about the recipient, the sender or the mail itself is final (RFC 5321, 4.2.1). One about
    signing in or encryption is about our settings, which somebody may mend meanwhile.
    """
    match failure:
        case Unanswered():
            return True
        case SMTPRecipientsRefused(recipients=refused):
            codes = [code for code, _ in refused.values()]
        case SMTPSenderRefused(smtp_code=code) | SMTPDataError(smtp_code=code):
            codes = [code]
        case _:
            return False
    return all(500 <= code < 600 and code not in _ABOUT_US for code in codes)


def _detail(failure: Exception) -> str:
    said = _answer(failure) or str(failure)
    return " ".join(said.split()).rstrip(".")[:200] or type(failure).__name__


def _answer(failure: Exception) -> str:
    """“550 5.1.1 no such user”: the server's own words, where it had some."""
    match failure:
        case SMTPRecipientsRefused(recipients=refused) if refused:
            code, answer = next(iter(refused.values()))
        case SMTPResponseException(smtp_code=code, smtp_error=answer):
            pass
        case _:
            return ""
    words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {words}"


def _send_about(letter: Letter, subject: str, template: str, **values: Any) -> None:
    backup = letter.backup
    found = backups.files_of(backup) if letter.address else []
    volumes = [(file, f"{letter.address}?volume={file.volume}") for file in found]
    chosen = backups.frozen_request(backup)
    # A mail is passed on like its file, and says what that says.
    with dictionaries.speaking(chosen.dictionary):
        _send(
            letter.row,
            subject,
            template,
            files=letter.files,
            address=letter.address,
            volumes=volumes if len(volumes) > 1 else [],
            link=letter.row.link,
            zone=backup.project.zone,
            backup=backup,
            chosen=chosen,
            url=address_of("backups.show", project_id=backup.project_id, backup_id=backup.id),
            asked=moment(backup.requested_at, backup.project.zone),
            **values,
        )


def _send_link(row: AccountToken, subject: str, template: str, endpoint: str, token: str) -> None:
    url = address_of(endpoint, token=token)
    with _recorded(row.user.email, subject):
        _send(row.user, subject, template, url=url, site=current_app.config["BASE_URL"])


@contextmanager
def _recorded(to: str | list[str], subject: str, project_id: int | None = None) -> Iterator[None]:
    """An entry in the audit log of a mail that has no row, whether it left or not."""
    detail: dict[str, Any] = {"to": to, "what": _one_line(subject)}
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


def _send(
    to: User | MailDelivery,
    subject: str,
    template: str,
    *,
    files: Sequence[BackupFile] = (),
    reply_to: str | None = None,
    **values: Any,
) -> None:
    context = {"user": to, **values}
    message = Message(
        subject=_one_line(subject),
        recipients=[to.email],
        reply_to=reply_to,
        body=render_template(f"email/{template}.txt", **context),
        html=render_template(f"email/{template}.html", **context),
    )
    for file in files:
        content = objects.bring(file.path, file.sha256).read_bytes()
        message.attach(file.path.name, "application/pdf", content)
    _hand_over(message)


def _hand_over(message: Message) -> None:
    if not has_server():
        _keep(message)
        tracing.event("mail", "mail kept in the outbox")
        return
    try:
        mail.send(message)
    except FAILURES as e:
        # Without the server's words, which may name people; the row and the audit log have them.
        tracing.event("mail", "mail refused", level=logging.WARNING, why=type(e).__name__)
        raise
    tracing.event("mail", "mail handed over", recipients=len(message.recipients))


def _one_line(subject: str) -> str:
    """Without what would end the header, or turn it around where it is read."""
    kept = (letter if unicodedata.category(letter)[0] != "C" else " " for letter in subject)
    return " ".join("".join(kept).split())


def _keep(message: Message) -> None:
    at = utcnow()
    message.date = at.timestamp()
    name = f"{at:%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}.eml"
    path = storage.outbox() / name
    storage.write_atomically(path, message.as_bytes())
    objects.put(path)


def outbox() -> list[Path]:
    """The mails that were written instead of sent, newest first."""
    folder = storage.outbox()
    names = {path.name for path in folder.glob("*.eml")}
    names |= {each.name.rpartition("/")[2] for each in objects.below(folder)}
    return [folder / name for name in sorted(names, reverse=True)]


def read(name: str) -> EmailMessage | None:
    """The mail of that name in the outbox."""
    if path := next((path for path in outbox() if path.name == name), None):
        return message_from_bytes(objects.bring(path).read_bytes(), policy=policy.default)
    return None
