"""Whether all clocks agree: this machine's, those beside it, and what was ever written down."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import sqlalchemy as sa
from flask import current_app
from redis.exceptions import RedisError

from models import AuditEntry, Backup, StoredFile, db, reading
from services import formats, storage
from services.system.result import Result, failed, ok, warning

#: Clocks of two machines may differ by this much without anybody being wrong.
TOLERANCE = timedelta(minutes=5)


def clock(now: datetime) -> Result:
    """Compare `now` with the newest entry, the data folder's file system, Redis, and a database on
    a server of its own."""
    says = f"It says {now:%Y-%m-%d %H:%M} UTC"
    try:
        newest = _newest_entry()
    except sa.exc.DBAPIError:
        return warning("Clock", f"{says}; nothing to compare it with.")
    if newest and newest > now + TOLERANCE:
        return failed(
            "Clock",
            f"{says}, but the newest entry is from {newest:%Y-%m-%d %H:%M} UTC. Set the clock of "
            "this machine (NTP).",
        )
    for name, ask in _OTHERS.items():
        with suppress(RedisError, sa.exc.DBAPIError, OSError):
            other = ask()
            if other and abs(other - now) > TOLERANCE:
                apart = formats.duration(abs(other - now))
                return failed(
                    "Clock",
                    f"{says}, but {name} is {apart} {'ahead' if other > now else 'behind'}. Set "
                    "the clocks of all machines (NTP).",
                )
    return ok("Clock", f"{says}, as everything beside it does, and after all that was recorded.")


def _newest_entry() -> datetime | None:
    with reading():
        moments = [
            db.session.scalar(sa.select(sa.func.max(column)))
            for column in (AuditEntry.at, Backup.requested_at, StoredFile.created)
        ]
    return max((at for at in moments if at), default=None)


def _of_file_system() -> datetime:
    """A network share stamps files with its own time."""
    probe = storage.data_dir() / f".check-{uuid4().hex}"
    try:
        probe.touch()
        return datetime.fromtimestamp(probe.stat().st_mtime, UTC)
    finally:
        probe.unlink(missing_ok=True)


def _of_redis() -> datetime:
    seconds, _ = current_app.extensions["redis"].time()
    return datetime.fromtimestamp(seconds, UTC)


def _of_database() -> datetime | None:
    """SQLite has no clock but ours."""
    if db.engine.dialect.name == "sqlite":
        return None
    with reading():
        at = db.session.scalar(sa.select(sa.func.now()))
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)


_OTHERS: dict[str, Callable[[], datetime | None]] = {
    "the file system of the data folder": _of_file_system,
    "Redis": _of_redis,
    "the database server": _of_database,
}
