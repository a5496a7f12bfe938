"""What happens to a row whose job died, or never came to the queue."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from redis.exceptions import RedisError
from rq.job import Job

from jobs import account_mail, is_under_way, running
from jobs import backups as backup_jobs
from jobs import mail as mail_jobs
from models import AccountToken, Backup, BackupStatus, Purpose, db, reading, utcnow
from services import backups
from services.delivery import mails
from services.delivery.mails import NEWS

#: Who stores a row queues its job right after; a row this old was forgotten.
GRACE = timedelta(seconds=5)

_COMPILES = {"jobs.backups.compile_backup", "jobs.backups.compile_prepared"}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    """How many rows were put right."""

    lost: int
    queued: int
    mails: int


def sweep(now: datetime | None = None) -> Swept:
    """Put right what crashes and absences left behind; harmless at any time, any number of times.

    Backups whose process is gone become failed (or cancelled, where that was asked for), without
    a file. Rows that wait without a job are queued again, if Redis can be reached.
    """
    now = now or utcnow()
    with reading():
        lost = db.session.scalars(Backup.lost(now)).all()
        for backup in lost:
            _give_up(backup)
        try:
            queued = [backup_jobs.enqueue_compile(row) for row in _forgotten(now)]
            told = list(_untold(now))
            told += [account_mail.enqueue_invitation(row) for row in _uninvited(now)]
        except RedisError:
            log.info("the sweep found no Redis; rows that wait go on waiting")
            queued, told = [], []
        mails.give_up_lost(now)
    return Swept(len(lost), sum(queued), sum(told))


def on_killed(job: Job, *_: Any) -> None:
    """The job's process died (SIGKILL, out of memory), so no callback of RQ has run."""
    running.note_killed(job)
    if job.func_name in _COMPILES:
        with reading():
            backup = db.session.get(Backup, job.args[0])
            if backup is not None:
                _give_up(backup)
    # Called in the worker's own process: leave no connection for its next fork.
    db.session.remove()
    db.engine.dispose()


def needs_sweep(backup: Backup, now: datetime) -> bool:
    """Whether the page of a backup shows something that a sweep may put right."""
    if backup.status == BackupStatus.QUEUED:
        return backup.requested_at < now - GRACE
    return backup.is_lost(now)


def _give_up(backup: Backup) -> None:
    log.warning("backup %s lost its process", backup.id)
    if backups.give_up(backup):
        mail_jobs.enqueue_backup_mail(backup.id)


def _forgotten(now: datetime) -> Iterator[int]:
    rows = db.session.scalars(
        sa.select(Backup.id)
        .where(Backup.status == BackupStatus.QUEUED, Backup.requested_at < now - GRACE)
        .order_by(Backup.id)
    ).all()
    for backup_id in rows:
        if not backup_jobs.is_queued(backup_id):
            yield backup_id


def _untold(now: datetime) -> Iterator[bool]:
    """Queue the mails whose time has come; whether each could be."""
    for row in mails.due(now, GRACE):
        names = [mail_jobs.mail_job_id(row.id)]
        if row.backup_id:
            names.append(mail_jobs.backup_job_id(row.backup_id))
        if not any(map(is_under_way, names)):
            yield mail_jobs.enqueue_mail(row.id)


def _uninvited(now: datetime) -> Iterator[int]:
    """Invited, and no mail was handed over, nor did a mail server say why not."""
    rows = db.session.scalars(
        sa.select(AccountToken.id).where(
            AccountToken.purpose == Purpose.INVITATION,
            AccountToken.created.between(now - NEWS, now - GRACE),
            AccountToken.mailed_at.is_(None),
            AccountToken.mail_error.is_(None),
        )
    ).all()
    for token_id in rows:
        if not is_under_way(account_mail.invitation_job_id(token_id)):
            yield token_id
