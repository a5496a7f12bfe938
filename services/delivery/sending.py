"""Writing and handing over one mail of a backup."""

import logging
from datetime import datetime

from models import Backup, MailDelivery, MailKind, db, reading
from services import backups, mail
from services.delivery import links, mails, plans, trying
from services.delivery.texts import Texts
from services.formats import counted, day, size
from services.objects import StoreUnreachable

WITHHELD = (
    "Nothing was sent: the link asks to sign in, and this person may not see every contract of the "
    "backup."
)
DEAD = "Nothing was sent: its link was revoked, or was over, before the mail could leave."

log = logging.getLogger(__name__)


def send(mail_id: int, now: datetime) -> None:
    """Send a queued mail, once; the row says what became of it. Does nothing for one that somebody
    else has claimed."""
    with reading():
        if not trying.claim(MailDelivery, mail_id, now):
            return
        row = db.session.get_one(MailDelivery, mail_id)
        try:
            if why := _why_withheld(row, now):
                mails.note_withheld(row, why)
                return
            _write(row)
        except mail.FAILURES as e:
            mails.note_refused(row, mail.in_words(e), now, is_final=mail.is_final(e))
        except StoreUnreachable as e:
            # What goes with it could not be fetched, so nothing was handed over.
            mails.note_refused(row, str(e), now)
        except Exception:
            mails.note_refused(row, trying.OURS, now)
            raise
        else:
            mails.note_sent(row, now)


def _why_withheld(row: MailDelivery, now: datetime) -> str:
    """Why who would get the link, and perhaps the file itself, may not have it; "" where he may."""
    if row.backup is None or row.link is None:
        return ""
    if row.link.state(now) != "active":
        return DEAD
    is_for_him = row.link.is_public or plans.may_open(row.backup, row.email)
    return "" if is_for_him else WITHHELD


def _write(row: MailDelivery) -> None:
    backup = row.backup
    if backup is None:
        mail.schedule_blocked(row)
    elif row.kind == MailKind.FAILED:
        mail.backup_failed(mail.Letter(row, backup))
    else:
        _write_ready(row, backup)


def _write_ready(row: MailDelivery, backup: Backup) -> None:
    address = links.url_of(row.link) if row.link else None
    letter = mail.Letter(row, backup, address, _attached(backup))
    if row.kind == MailKind.READY:
        mail.backup_ready(letter)
        return
    before = mails.sent_before(row)
    subject, message = text_for(backup, is_update=before is not None)
    mail.backup_delivery(letter, subject, message, before)


def text_for(backup: Backup, *, is_update: bool, texts: Texts | None = None) -> tuple[str, str]:
    """Subject and message to a recipient, by the project's templates or by `texts`."""
    plan = plans.of_project(backup.project_id)
    chosen = texts or Texts(plan.subject, plan.message)
    return chosen.filled(values_of(backup, is_update=is_update), is_update=is_update)


def values_of(backup: Backup, *, is_update: bool) -> dict[str, str]:
    """What the fields of a template mean for this backup."""
    frozen = backups.frozen_request(backup)
    periods = list(dict.fromkeys(row.period for row in frozen.invoices if row.period))
    return {
        "state": "Updated" if is_update else "Ready",
        "project": frozen.project_name,
        "number": frozen.project_number,
        "period": "; ".join(periods) or "no billing period",
        "pages": counted(backup.pages or 0, "page"),
        "invoices": counted(len(frozen.invoices), "invoice"),
        "contracts": counted(frozen.contracts, "contract"),
        "size": size(backup.size),
        "file": backup.file_name,
        "backup": str(backup.number),
        "date": day(backup.requested_at.astimezone(backup.project.zone).date()),
    }


def _attached(backup: Backup) -> list[backups.BackupFile]:
    """The files that travel with the mail: all, or none where they are too large or not wanted."""
    limit = plans.of_project(backup.project_id).attach_megabytes
    found = backups.files_of(backup)
    if limit is None or sum(file.size for file in found) > limit * 1_000_000:
        return []
    return found
