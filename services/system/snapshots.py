"""A copy of the database as it is at one moment: a SQLite file, whatever the installation uses."""

import errno
import sqlite3
from contextlib import closing
from pathlib import Path

from services.system import contents
from services.system.failures import SystemBackupError

_UNDONE = "no backup was made"


def snapshot(target: Path) -> None:
    """The database as it is at one moment. Nobody who reads or writes waits for it."""
    target.unlink(missing_ok=True)
    source = contents.database_path()
    try:
        if source:
            _copy(source, target)
        else:
            # It brings Alembic, which workers with SQLite do without.
            from services.system import crossing  # noqa: PLC0415

            crossing.to_file(target)
    except sqlite3.Error as e:
        if "full" in str(e):
            raise OSError(errno.ENOSPC, "No space left on device") from e
        where = source or "on the server"
        raise SystemBackupError(f"The database {where} cannot be copied: {e}; {_UNDONE}.") from e


def _copy(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(f"{source.as_uri()}?mode=rw", uri=True, timeout=10)) as live,
        closing(sqlite3.connect(target)) as copy,
    ):
        # In one step: in several it starts anew whenever somebody writes meanwhile.
        live.backup(copy)
        # One file instead of three.
        copy.execute("PRAGMA journal_mode = DELETE")


def revision_of(database: Path) -> str:
    with closing(sqlite3.connect(database)) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.Error as e:
            raise SystemBackupError(
                f"The database was not made by Drawpack ({e}); {_UNDONE}."
            ) from e
    return str(row[0]) if row else ""
