"""Mails of backups: queued in the transaction of what they tell, each claimed by who sends it."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from models import Backup, BackupStatus, MailDelivery, MailKind, MailState, User, db, writing
from services import audit
from services.delivery import links, plans, trying
from services.errors import AppError


class NotSent(AppError):
    """Nothing was sent, and why."""


def queue_for(backup: Backup, kind: MailKind, now: datetime) -> None:
    """Queue what the end of a backup has to tell. The caller commits."""
    asked = backup.requested_by
    if asked is not None:
        _queue(backup, kind, asked.email, asked.name, now)
    if kind == MailKind.READY and backup.is_for_recipients:
        _queue_recipients(backup, now)


def to_recipients(backup: Backup, now: datetime) -> int:
    """Queue mails to all recipients who have none yet; how many. Raises `NotSent`."""
    if backup.status != BackupStatus.DONE:
        raise NotSent("Only a finished backup can be sent.")
    queued = _queue_recipients(backup, now)
    db.session.commit()
    if not queued:
        raise NotSent("Every recipient has a mail of this backup already.")
    return queued


def queue_blocked(project_id: int, user: User, findings: Sequence[str], now: datetime) -> int:
    """Tell who set up a schedule why it made nothing; the id of the mail. The caller commits."""
    row = MailDelivery(
        project_id=project_id,
        kind=MailKind.BLOCKED,
        email=user.email,
        name=user.name,
        created=now,
        next_try_at=now,
        findings=list(findings),
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def send_again(row: MailDelivery, now: datetime) -> None:
    """Queue a mail that was sent or given up once more, with another link where its own is dead.

    Raises `NotSent` while it is under way.
    """
    again = (
        sa.update(MailDelivery)
        .where(
            MailDelivery.id == row.id, MailDelivery.state.in_((MailState.SENT, MailState.FAILED))
        )
        .values(state=MailState.QUEUED, tries=0, next_try_at=now, created=now, error=None)
        .returning(MailDelivery.id)
    )
    if db.session.scalar(again) is None:
        raise NotSent("This mail is on its way already.")
    backup, link = row.backup, row.link
    if backup and backup.status == BackupStatus.DONE and not (link and link.state(now) == "active"):
        row.link_id = links.make(backup, now, email=row.email).id
    _record("mail.again", row)
    db.session.commit()


def queued(backup_id: int) -> Sequence[int]:
    """The mails of a backup that wait to be sent, also those whose next try is not due."""
    return db.session.scalars(
        sa.select(MailDelivery.id)
        .where(MailDelivery.backup_id == backup_id, MailDelivery.state == MailState.QUEUED)
        .order_by(MailDelivery.id)
    ).all()


@trying.patient
def note_sent(row: MailDelivery, now: datetime) -> None:
    with writing():
        row.state, row.sent_at, row.error = MailState.SENT, now, None
        _record("mail.sent", row)


@trying.patient
def note_refused(row: MailDelivery, why: str, now: datetime, *, is_final: bool = False) -> None:
    """Wait for the next try, or give up after the last, or at once where it `is_final`."""
    with writing():
        trying.put_off(row, why, now, is_final=is_final)
        _record("mail.failed", row, why=why, tried=row.tries)


@trying.patient
def note_withheld(row: MailDelivery, why: str) -> None:
    """End a mail that its recipient may not have."""
    with writing():
        row.error, row.state = why, MailState.FAILED
        _record("mail.failed", row, why=why)


def sent_before(row: MailDelivery) -> Backup | None:
    """The backup of the same choice that this recipient was sent before."""
    backup = row.backup
    if backup is None or not backup.selection_key:
        return None
    return db.session.scalar(
        sa.select(Backup)
        .join(MailDelivery, MailDelivery.backup_id == Backup.id)
        .where(
            Backup.project_id == backup.project_id,
            Backup.selection_key == backup.selection_key,
            Backup.number < backup.number,
            MailDelivery.email == row.email,
            MailDelivery.sent_at.is_not(None),
            MailDelivery.kind == MailKind.DELIVERY,
        )
        .order_by(Backup.number.desc())
        .limit(1)
    )


def _queue_recipients(backup: Backup, now: datetime) -> int:
    rows = plans.recipients(backup.project_id)
    return sum(_queue(backup, MailKind.DELIVERY, row.email, row.name, now) for row in rows)


def _queue(backup: Backup, kind: MailKind, email: str, name: str, now: datetime) -> bool:
    there = sa.exists().where(MailDelivery.backup_id == backup.id, MailDelivery.email == email)
    if db.session.scalar(sa.select(there)):
        return False
    is_there = kind in {MailKind.READY, MailKind.DELIVERY}
    db.session.add(
        MailDelivery(
            project_id=backup.project_id,
            backup_id=backup.id,
            kind=kind,
            email=email,
            name=name,
            created=now,
            next_try_at=now,
            link_id=links.make(backup, now, email=email).id if is_there else None,
        )
    )
    db.session.flush()
    return True


def _record(action: str, row: MailDelivery, **detail: str | int) -> None:
    backup = row.backup
    audit.record(
        action,
        project=row.project_id,
        subject=("backup", row.backup_id),
        detail={"to": row.email, **({"number": backup.number} if backup else {}), **detail},
    )
