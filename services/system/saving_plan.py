"""Backups of the installation that are made by themselves, with `DRAWPACK_BACKUP_DIR`."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app

from models import AuditEntry, Topic, User, WaitingMail, db, reading, writing
from services import audit
from services.delivery import trying, waiting
from services.system.failures import SystemBackupError
from services.system.increments import Increment, newest, save_increment

SAVED, FAILED = "system.saved", "system.save_failed"
#: After a failure, which is known by then, the next try waits.
RETRY_AFTER = timedelta(hours=1)


def every() -> timedelta:
    return timedelta(hours=current_app.config["BACKUP_HOURS"])


def late_after() -> timedelta:
    """By then there should have been one, and another one is due."""
    return 2 * every() + RETRY_AFTER


def last_try() -> AuditEntry | None:
    """The newest entry about a backup of the installation, made or failed."""
    return db.session.scalar(_tries().limit(1))


def _tries() -> sa.Select[AuditEntry]:
    chosen = sa.select(AuditEntry).where(AuditEntry.action.in_((SAVED, FAILED)))
    return chosen.order_by(AuditEntry.id.desc())


def is_due(now: datetime) -> bool:
    """Whether the folder wants another backup. It, and not the database, knows its newest: an empty
    disk in place of a full one is due."""
    folder = current_app.config["BACKUP_DIR"]
    if folder is None:
        return False
    made = newest(folder)
    # A clock that was set back must not stop them for long.
    if made and made <= now < made + every():
        return False
    with reading():
        last = last_try()
        return last is None or last.action == SAVED or last.at + RETRY_AFTER <= now


def trouble(entry: AuditEntry | None) -> str:
    """What is wrong with a try, in a sentence; "" where nothing is."""
    if entry is None:
        return ""
    if entry.action == FAILED:
        return str(entry.detail.get("why", "")) or "Nobody knows why."
    if lost := entry.detail.get("missing"):
        return f"It lacks what the data folder has lost, such as {lost[0]}."
    return ""


def save_now(now: datetime) -> Increment:
    """Make the backup. Raises what stopped it; that is noted in the audit log then."""
    config = current_app.config
    try:
        return save_increment(config["BACKUP_DIR"], now, keep=config["BACKUP_KEEP"])
    except Exception as e:
        why = str(e) if isinstance(e, SystemBackupError) else f"{type(e).__name__}: {e}"
        audit.note(FAILED, detail={"why": why})
        raise


def news() -> AuditEntry | None:
    """The newest try if there was trouble and the one before had none: who has been told once need
    not be told again."""
    tries = db.session.scalars(_tries().limit(2)).all()
    if not tries or not trouble(tries[0]):
        return None
    return None if len(tries) > 1 and trouble(tries[1]) else tries[0]


def tell(now: datetime) -> int | None:
    """Store a mail to each administrator about trouble that nobody has been told of; the entry that
    it is about. For every minute or so, by any number of workers: what a killed one left out, the
    next one does."""
    with reading():
        if _untold(now) is None:
            return None
    with writing():
        entry_id = _untold(now)
        chosen = sa.select(User.id).where(User.is_administrator, User.is_active)
        for user_id in db.session.scalars(chosen.order_by(User.id)).all() if entry_id else ():
            waiting.queue(Topic.SAVING_FAILED, now, entry_id=entry_id or 0, user_id=user_id)
        return entry_id


def _untold(now: datetime) -> int | None:
    entry = news()
    # Older ones are no news.
    if entry is None or entry.at <= now - trying.NEWS:
        return None
    told = sa.exists().where(WaitingMail.entry_id == entry.id)
    return None if db.session.scalar(sa.select(told)) else entry.id
