"""Between a PostgreSQL database and the SQLite file that a backup of the installation contains.

One form of backup for both: it is verified anywhere, and what was saved on one comes back on the
other, which is also how an installation moves to PostgreSQL. Rows go as the driver has them, with
no class of ours between, so databases of every known revision can be copied.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext

from models import Base, db, reading
from models.failures import reason
from services.system import schema
from services.system.failures import SystemBackupError

_REVISIONS = "alembic_version"
#: How a value is written by SQLite's side of SQLAlchemy, by the type of its column there.
_WRITTEN = {
    "DATETIME": "to_char({}, 'YYYY-MM-DD HH24:MI:SS.US')",
    "DATE": "to_char({}, 'YYYY-MM-DD')",
    "BOOLEAN": "{}::int",
    "JSON": "{}::text",
}
_AT_ONCE = 2000


def tables() -> set[str]:
    """Those of the PostgreSQL database."""
    with reading():
        return set(sa.inspect(db.session.connection()).get_table_names())


def to_file(target: Path) -> None:
    """The database as it is at one moment, as a new SQLite file of the same revision. Nobody waits
    for it. Raises SystemBackupError for a database that is not one of ours."""
    with (
        _failing("The database cannot be copied"),
        reading(),
        db.engine.connect() as source,
    ):
        revision = MigrationContext.configure(source).get_current_revision()
        if revision is None or revision not in schema.known():
            raise SystemBackupError(
                f"The database is at revision {revision or 'none'}, which this version of Drawpack "
                "does not know."
            )
        with schema.working_on(target):
            schema.lay_out(revision)
        driver: Any = source.connection.driver_connection
        with closing(sqlite3.connect(target)) as copy, copy:
            for table, columns in _layout(copy):
                _fetch(driver, copy, table, columns)
            _note_numbers(driver, copy)


def from_file(source: Path) -> None:
    """Put what the SQLite file `source`, at the newest revision, contains in the place of our
    tables: all or nothing. Raises SystemBackupError for what PostgreSQL cannot hold."""
    with (
        _failing("PostgreSQL does not take the database of the backup; nothing is changed"),
        closing(sqlite3.connect(source)) as saved,
        db.engine.begin() as target,
    ):
        _drop(target)
        schema.create(target)
        driver: Any = target.connection.driver_connection
        for table in Base.metadata.sorted_tables:
            _send(saved, driver, table.name, [column.name for column in table.columns])
        _continue_numbers(saved, driver)


@contextmanager
def _failing(outcome: str) -> Iterator[None]:
    """What PostgreSQL refuses as a sentence, whether it comes through SQLAlchemy or not."""
    errors: type[Exception] = db.engine.dialect.loaded_dbapi.Error
    try:
        yield
    except (sa.exc.DBAPIError, errors) as e:
        raise SystemBackupError(f"{outcome} ({_said(e)}).") from e


def _said(error: Exception) -> str:
    """With the table, the row and the column where a value does not fit."""
    cause = getattr(error, "orig", error)
    place = getattr(getattr(cause, "diag", None), "context", None) or ""
    # Of a value that may be long or private only where it stands.
    return f"{reason(error)}; {place.split(': ')[0]}".rstrip("; ")


def _layout(database: sqlite3.Connection) -> Iterator[tuple[str, dict[str, str]]]:
    """Each table of ours with its columns and their types."""
    listed = database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    ).fetchall()
    for (table,) in listed:
        if table != _REVISIONS:
            rows = database.execute(f'PRAGMA table_info("{table}")')
            yield table, {row[1]: row[2] for row in rows}


def _fetch(driver: Any, copy: sqlite3.Connection, table: str, columns: dict[str, str]) -> None:
    wanted = [_WRITTEN.get(kind, "{}").format(f'"{name}"') for name, kind in columns.items()]
    places = ", ".join("?" * len(columns))
    # Named, so that the rows stay with the server until they are asked for.
    with driver.cursor(name="fetch") as rows:
        rows.itersize = _AT_ONCE
        rows.execute(f'SELECT {", ".join(wanted)} FROM "{table}"')
        copy.executemany(f'INSERT INTO "{table}" ({_names(columns)}) VALUES ({places})', rows)


def _send(saved: sqlite3.Connection, driver: Any, table: str, columns: list[str]) -> None:
    rows = saved.execute(f'SELECT {_names(columns)} FROM "{table}"')
    command = f'COPY "{table}" ({_names(columns)}) FROM STDIN'
    with driver.cursor() as cursor, cursor.copy(command) as copy:
        for row in rows:
            copy.write_row(row)


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _drop(target: sa.Connection) -> None:
    """Of what is there only what has the name of a table of ours."""
    for name in set(sa.inspect(target).get_table_names()) & {*Base.metadata.tables, _REVISIONS}:
        target.exec_driver_sql(f'DROP TABLE "{name}" CASCADE')
    target.exec_driver_sql("DROP FUNCTION IF EXISTS audit_entry_refuse()")


def _note_numbers(driver: Any, copy: sqlite3.Connection) -> None:
    """An id that was given out once is not given to another row, in the tables that promise so."""
    listed = copy.execute("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'")
    for (table,) in listed.fetchall():
        sequence = driver.execute(
            "SELECT pg_get_serial_sequence(%s, 'id')", (f'"{table}"',)
        ).fetchone()[0]
        last, is_used = driver.execute(f"SELECT last_value, is_called FROM {sequence}").fetchone()
        if is_used:
            copy.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
            copy.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, last))


def _continue_numbers(saved: sqlite3.Connection, driver: Any) -> None:
    """New rows get ids after those that are there, or were."""
    given = dict(saved.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
    for table in Base.metadata.sorted_tables:
        if "id" not in table.columns:
            continue
        rows = saved.execute(f'SELECT coalesce(max(id), 0) FROM "{table.name}"')
        if last := max(rows.fetchone()[0], given.get(table.name, 0)):
            place = f'"{table.name}"'
            driver.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", (place, last))
