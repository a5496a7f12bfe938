"""What the database and the disk know, as numbers for whoever watches. Milliseconds: only indexes
are read, however many rows there are."""

import shutil
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from models import AuditEntry, Backup, BackupStatus, MailDelivery, MailState, db
from services import storage


def backups() -> dict[str, int]:
    """How many there are in each status."""
    return _counted(Backup.status, list(BackupStatus))


def mails() -> dict[str, int]:
    """Mails about backups by their state."""
    return _counted(MailDelivery.state, list(MailState))


def oldest_waiting(now: datetime) -> float:
    """Seconds that the longest waiting backup has been queued; 0 where none waits."""
    oldest = db.session.scalar(
        sa.select(sa.func.min(Backup.requested_at)).where(Backup.status == BackupStatus.QUEUED)
    )
    return max((now - oldest).total_seconds(), 0.0) if oldest else 0.0


def saved_at() -> float:
    """When the installation was last backed up, in seconds of Unix; 0 if never."""
    at = db.session.scalar(
        sa.select(AuditEntry.at)
        .where(AuditEntry.action == "system.saved")
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    return at.timestamp() if at else 0.0


def disk() -> tuple[int, int]:
    """Bytes free and in all, where the data folder lies. Raises OSError."""
    usage = shutil.disk_usage(storage.data_dir())
    return usage.free, usage.total


def _counted(column: sa.orm.InstrumentedAttribute[str], states: Sequence[str]) -> dict[str, int]:
    rows = db.session.execute(sa.select(column, sa.func.count()).group_by(column)).all()
    found = {str(state): count for state, count in rows}
    # A state that nobody is in is a zero: a missing line looks like a broken monitor.
    return {state: found.get(state, 0) for state in states}
