"""What happens to a row whose job died, or never came to the queue."""

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from redis.exceptions import RedisError

from jobs import backups as backup_jobs
from jobs import files as file_jobs
from jobs import killed, waiting_mail, will_come
from jobs import mail as mail_jobs
from models import (
    Backup,
    BackupStatus,
    MailDelivery,
    StoredFile,
    WaitingMail,
    db,
    reading,
    utcnow,
    writing,
)
from models.backup import LOST_AFTER
from services.delivery import telling, trying

#: Who stores a row queues its job right after; a row this old was forgotten.
GRACE = timedelta(seconds=5)

#: Seconds: waiting longer for the database is no everyday thing, nor is a clock that is set by
#: more; and who lives beats every second.
_LONG_WAIT, _SECONDS_TO_BEAT = 1.0, 5.0
#: Seconds for which pages leave a database alone that was held.
_PAUSE = 15.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    """How many rows were put right."""

    lost: int
    queued: int
    mails: int


def sweep(now: datetime | None = None, *, elapsed: float | None = None) -> Swept:
    """Put right what crashes and absences left behind; harmless at any time, any number of times.

    Backups whose process is gone become failed (or cancelled, where that was asked for), without
    a file. Rows that wait without a job are queued again, if Redis can be reached. `elapsed` are
    seconds of a clock that nobody sets.
    """
    now = now or utcnow()
    with reading():
        is_fair = _can_beat()
        lost = _lost(now, time.monotonic() if elapsed is None else elapsed) if is_fair else []
        for backup in lost:
            log.warning("backup %s lost its process", backup.id)
            killed.give_up(backup)
        try:
            queued = [backup_jobs.enqueue_compile(row) for row in _forgotten(now)]
            told = [*_untold(now), *_waiting(now)]
            _look_into_files(now)
        except RedisError:
            log.info("the sweep found no Redis; rows that wait go on waiting")
            queued, told = [], []
        if is_fair:
            trying.give_up(MailDelivery, now)
            telling.give_up(now)
    return Swept(len(lost), sum(queued), sum(told))


def sweep_for_a_page() -> None:
    """The same for who looks at what waits. Only one at a time, and not at all while somebody holds
    the database: the page is what counts."""
    if time.monotonic() - _held.until < _PAUSE or not _sweeping.acquire(blocking=False):
        return
    try:
        sweep()
    except sa.exc.OperationalError:
        log.info("no sweep for a page: the database is held")
    finally:
        _sweeping.release()


def _can_beat() -> bool:
    """Whether whoever lives could have said so of late: not while somebody held the database or the
    clock was set, nor before the next heartbeats."""
    began = time.monotonic()
    try:
        with writing():
            db.session.execute(sa.text("SELECT 1"))
    except sa.exc.OperationalError:
        _held.until = time.monotonic()
        raise
    ended = time.monotonic()
    offset = time.time() - ended
    if max(ended - began, abs(offset - _held.offset)) > _LONG_WAIT:
        _held.until = ended
    _held.offset = offset
    return ended - _held.until > _SECONDS_TO_BEAT


class _Held:
    until = float("-inf")
    #: The time of day less a clock that nobody sets: another one when the clock was set.
    offset = time.time() - time.monotonic()


_held = _Held()
_sweeping = threading.Lock()


def _lost(now: datetime, elapsed: float) -> list[Backup]:
    """Without life for too long. Where the clock was set back a heartbeat lies in the future: then
    counts how long it has not moved while we looked."""
    found = list(db.session.scalars(Backup.lost(now)))
    beats = _beats.seen(Backup.ahead_of(now), elapsed)
    return found + [row for row in beats if row not in found]


class _Beats:
    """The heartbeats that lay in the future, and since when each is what it is."""

    def __init__(self) -> None:
        self._since: dict[tuple[int, datetime | None], float] = {}

    def seen(self, running: sa.Select[Backup], elapsed: float) -> list[Backup]:
        """Note the heartbeats of today; those rows whose has not moved for too long."""
        rows = {(row.id, row.heartbeat_at): row for row in db.session.scalars(running)}
        self._since = {beat: self._since.get(beat, elapsed) for beat in rows}
        patience = LOST_AFTER.total_seconds()
        return [row for beat, row in rows.items() if elapsed - self._since[beat] > patience]


_beats = _Beats()


def needs_sweep(backup: Backup, now: datetime) -> bool:
    """Whether the page of a backup shows something that a sweep may put right."""
    if backup.status == BackupStatus.QUEUED:
        return abs(now - backup.requested_at) > GRACE
    return backup.is_lost(now)


def _forgotten(now: datetime) -> Iterator[int]:
    rows = db.session.scalars(
        sa.select(Backup.id)
        .where(Backup.status == BackupStatus.QUEUED, _is_past(Backup.requested_at, now))
        .order_by(Backup.id)
    ).all()
    for backup_id in rows:
        if not backup_jobs.is_queued(backup_id):
            yield backup_id


def _untold(now: datetime) -> Iterator[bool]:
    """Queue the mails of backups whose time has come; whether each could be."""
    for row in trying.due(MailDelivery, now, GRACE):
        names = [mail_jobs.mail_job_id(row.id)]
        if row.backup_id:
            names.append(mail_jobs.backup_job_id(row.backup_id))
        if not any(map(will_come, names)):
            yield mail_jobs.enqueue_mail(row.id)


def _waiting(now: datetime) -> Iterator[bool]:
    """The same of all other mails."""
    for row in trying.due(WaitingMail, now, GRACE):
        if not will_come(waiting_mail.job_id(row.id)):
            yield waiting_mail.enqueue_waiting(row.id)


def _look_into_files(now: datetime) -> None:
    """Queue the files that nobody was asked to look into. A compile would do it, but until then
    preflight knows nothing of them."""
    if not file_jobs.is_idle():
        return
    rows = db.session.scalars(
        sa.select(StoredFile.sha256)
        .where(StoredFile.facts.is_(None), _is_past(StoredFile.created, now))
        .where(StoredFile.created > now - trying.NEWS)
        .order_by(StoredFile.created)
    ).all()
    # What was tried and failed is left to the compile, which tells people why.
    all(file_jobs.enqueue_inspect(sha256) for sha256 in file_jobs.unknown(rows))


def _is_past(at: sa.orm.InstrumentedAttribute[datetime], now: datetime) -> sa.ColumnElement[bool]:
    """Before this moment, with grace; a moment to come is one of a clock that was set back."""
    return sa.or_(at < now - GRACE, at > now + GRACE)
