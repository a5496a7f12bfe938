"""Whether anything runs on the data folder, and keeping it from starting."""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

from models import db, reading
from services.formats import counted
from services.system.failures import SystemBackupError

_LOOKS, _BETWEEN = 10, 0.1


@contextmanager
def held(data: Path) -> Iterator[None]:
    """Hold the lock that `make run` holds while it runs. Raises SystemBackupError if it does."""
    descriptor = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            raise SystemBackupError(
                f"Drawpack is running with the data in {data}. Stop it first."
            ) from e
        yield
    finally:
        os.close(descriptor)


def refuse_if_open(database: Path | None) -> None:
    """A web server or a worker that somebody else started holds no lock, but the database: the
    file, or where it is None, that on the server."""
    if database is None:
        _refuse_if_connected()
    elif database.exists():
        _refuse_if_file_is_open(database)


def _refuse_if_connected() -> None:
    """A connection that was just closed may need a moment to be gone."""
    others = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    for _ in range(_LOOKS):
        with reading():
            if not (count := db.session.scalar(others)):
                return
        time.sleep(_BETWEEN)
    raise SystemBackupError(
        f"The database {db.engine.url.database} is in use ({counted(count, 'connection')}). Stop "
        "the web servers and the workers first, on every machine."
    )


def _refuse_if_file_is_open(database: Path) -> None:
    with closing(
        sqlite3.connect(f"{database.as_uri()}?mode=rw", uri=True, timeout=0, isolation_level=None)
    ) as connection:
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as e:
            if "locked" in str(e):
                raise SystemBackupError(
                    f"Another program has the database {database} open. Stop the web server and "
                    "the workers first."
                ) from e
        # A file that is no database has nobody who works with it.
        except sqlite3.DatabaseError:
            return
