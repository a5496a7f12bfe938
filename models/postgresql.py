"""PostgreSQL, working as SQLite does: one writes at a time, and whoever reads sees one moment.

The rules of the product are written for one writer: look, decide, write, commit, with nobody in
between. SQLite gives that by itself. Here a lock that every writing transaction takes first gives
the same, at one place, and no two of our transactions can wait for each other in a circle. Reading
takes no lock.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from models import clock

#: Any number, as long as nothing else of this database takes the same advisory lock.
WRITER = 7_204_311
#: The same, for locks of two numbers, of which the second is the id of an import.
_IMPORT = 7_204_312
#: Pages wait this long for another writer, then say so; the same as SQLite's busy_timeout.
LOCK_SECONDS = 10
#: What is silent this long is asked whether it lives, three times: else the lock of a writer whose
#: network was cut would be held for hours. The client's side asks the same of the server.
_SILENT, _AGAIN, _TIMES = 30, 10, 3
#: Connections that stay open once they were needed.
_KEPT = 5
_ENGINE_OPTIONS = {
    # A server that was restarted is met by the pool, not by a person.
    "pool_pre_ping": True,
    "pool_recycle": 1800,
    # Who finds none free waits as long as for another writer.
    "pool_timeout": LOCK_SECONDS,
    "connect_args": {
        # Also what keeps a restore from a database that is in use.
        "application_name": "drawpack",
        "connect_timeout": 5,
        "keepalives_idle": _SILENT,
        "keepalives_interval": _AGAIN,
        "keepalives_count": _TIMES,
        # What was sent and never arrived is given up after a minute, not after the quarter of an
        # hour that TCP takes by itself. Milliseconds.
        "tcp_user_timeout": (_SILENT + _AGAIN * _TIMES) * 1000,
    },
}


def engine_options(connections: int) -> dict[str, Any]:
    """For at most so many connections of one process."""
    kept = min(_KEPT, connections)
    return _ENGINE_OPTIONS | {"pool_size": kept, "max_overflow": connections - kept}


def set_up(connection: Any, patience: int = LOCK_SECONDS) -> None:
    """A new connection of the driver, which waits so many seconds for another writer."""
    # Only here is the driver known to be installed.
    from psycopg.types.numeric import IntLoader  # noqa: PLC0415

    # The type of a sum of cents, which is as whole as they are.
    connection.adapters.register_loader("numeric", IntLoader)
    connection.execute(
        f"SET lock_timeout = '{patience}s'; SET tcp_keepalives_idle = {_SILENT};"
        f" SET tcp_keepalives_interval = {_AGAIN}; SET tcp_keepalives_count = {_TIMES};"
        f" SET tcp_user_timeout = '{_SILENT + _AGAIN * _TIMES}s'"
    )
    before = datetime.now(UTC)
    [server] = connection.execute("SELECT clock_timestamp()").fetchone()
    clock.compare(server, before, datetime.now(UTC))
    connection.commit()


def begin(connection: sa.Connection, *, may_write: bool) -> None:
    """Every statement of a writing transaction sees what others committed before it; a reading
    one sees the moment of its first, and can write nothing past the lock."""
    dialect, driver = connection.dialect, connection.connection.driver_connection
    # The driver sends both with its BEGIN.
    dialect.set_isolation_level(driver, "READ COMMITTED" if may_write else "REPEATABLE READ")  # type: ignore[arg-type]
    dialect.set_readonly(driver, not may_write)  # type: ignore[attr-defined]
    if may_write:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER})")


@contextmanager
def at_work(engine: sa.Engine, import_job_id: int) -> Iterator[None]:
    """While this lasts every host can tell that somebody works on this import. The server ends it
    where he dies: at once with his process, within about a minute with his network."""
    if engine.dialect.name != "postgresql":
        yield
        return
    connection = engine.raw_connection()
    driver: Any = connection.driver_connection
    # It goes back to no pool: whatever happens here, its end is the end of the lock.
    connection.detach()
    try:
        driver.autocommit = True
        driver.execute("SELECT pg_advisory_lock_shared(%s, %s)", (_IMPORT, import_job_id))
        yield
    finally:
        driver.close()


def is_at_work(session: sa.orm.scoped_session[Any], import_job_id: int) -> bool:
    """Whether somebody of any host is; False for SQLite, which has one host."""
    if session.get_bind().dialect.name != "postgresql":
        return False
    held = sa.text(
        "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted"
        " AND classid = :kind AND objid = :id AND objsubid = 2 AND database ="
        " (SELECT oid FROM pg_database WHERE datname = current_database()))"
    )
    return bool(session.scalar(held, {"kind": _IMPORT, "id": import_job_id}))
