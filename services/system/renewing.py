"""What a database from the past needs: today's tables, and no unfinished business."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from models import (
    AccountToken,
    Backup,
    BackupStatus,
    MailDelivery,
    MailState,
    Purpose,
    SignIn,
    WaitingMail,
    db,
    writing,
)
from models.failures import reason
from services import audit
from services.system import schema
from services.system.failures import SystemBackupError

LOST = "Drawpack was restored from a backup that was made while this was compiled. Run it again."
NOT_SENT = (
    "Drawpack was restored from a backup in which this mail still waited. It may have been sent "
    "since; send it again if it did not arrive."
)


@dataclass(frozen=True, slots=True)
class Renewed:
    before: str | None
    revision: str | None
    backups: int
    mails: int


def renew(database: Path, now: datetime, made: str) -> Renewed:
    """Migrate a database that nobody uses and end what was under way in it. Raises
    SystemBackupError."""
    with schema.working_on(database):
        try:
            before = schema.current()
            if before not in schema.known():
                raise SystemBackupError(
                    f"The backup was made by a newer version of Drawpack (revision {before}). "
                    "Update the program first."
                )
            schema.upgrade()
            backups, mails = _end_what_was_under_way(now)
            audit.note("system.restored", detail={"made": made})
            return Renewed(before, schema.current(), backups, mails)
        except sa.exc.DBAPIError as e:
            raise SystemBackupError(
                f"The database of the backup could not be prepared ({reason(e)}); nothing is "
                "changed."
            ) from e


def _end_what_was_under_way(now: datetime) -> tuple[int, int]:
    """How many backups and mails were ended."""
    lost = (
        sa.update(Backup)
        .where(Backup.status == BackupStatus.RUNNING)
        .values(status=BackupStatus.FAILED, finished_at=now, step="", error=LOST)
        .returning(Backup.id)
    )
    waiting = [
        sa.update(table)
        .where(table.state.in_((MailState.QUEUED, MailState.SENDING)))
        .values(state=MailState.FAILED, next_try_at=None, error=NOT_SENT)
        .returning(table.id)
        for table in (MailDelivery, WaitingMail)
    ]
    with writing():
        db.session.execute(sa.delete(SignIn))
        # Used up since, perhaps; whoever still needs one asks for another.
        resets = AccountToken.purpose == Purpose.PASSWORD_RESET
        db.session.execute(sa.delete(AccountToken).where(resets))
        mails = [row for query in waiting for row in db.session.scalars(query)]
        return len(db.session.scalars(lost).all()), len(mails)
