"""Mails that have a row of their own: about a backup, or that a schedule could not make one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models import Backup, MailDelivery
from services import backups, dictionaries
from services.addresses import address_of
from services.backups import BackupFile
from services.formats import moment
from services.mail.handing_over import send


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
        send(row, subject, "schedule_blocked", row=row, project=row.project, url=url)


def _send_about(letter: Letter, subject: str, template: str, **values: Any) -> None:
    backup = letter.backup
    found = backups.files_of(backup) if letter.address else []
    volumes = [(file, f"{letter.address}?volume={file.volume}") for file in found]
    chosen = backups.frozen_request(backup)
    # A mail is passed on like its file, and says what that says.
    with dictionaries.speaking(chosen.dictionary):
        send(
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
