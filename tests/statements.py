"""Counts what is asked of the database, for tests that it does not grow with the rows."""

from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import Engine


@contextmanager
def counted_statements():
    """Yields a list that gathers the SQL statements made inside."""
    statements = []

    def note(_connection, _cursor, statement, *_):
        # Which PostgreSQL is told at the beginning of a transaction, where SQLite is told BEGIN.
        if "pg_advisory_xact_lock" not in statement:
            statements.append(statement)

    sa.event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(Engine, "before_cursor_execute", note)
