"""How a migration runs: all pending revisions in one transaction, or none of them.

On SQLite a table is altered by making a new one, copying and dropping the old one. With foreign
keys on, that drop deletes the children of every row (ON DELETE CASCADE), so they are off while it
runs, and checked before the commit.
"""

from typing import Any

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app

from models.base import UtcDateTime


class BrokenForeignKeys(Exception):
    """A migration left rows that point at nothing; it was rolled back."""


def run() -> None:
    migrate = current_app.extensions["migrate"]
    with migrate.db.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            # Detached, so that the pragma goes when this connection does. SQLite ignores it inside
            # a transaction; asking the driver begins none.
            connection.detach()
            connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
        context.configure(
            connection=connection,
            target_metadata=migrate.db.metadata,
            render_item=_render_item,
            process_revision_directives=_drop_empty_revision,
            # SQLite's DDL is transactional once the driver is kept from committing by itself
            # (models/base.py); Alembic assumes that it is not.
            transactional_ddl=True,
            **migrate.configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
            if is_sqlite:
                _check_foreign_keys(connection)


def _check_foreign_keys(connection: sa.Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        table, row, parent, _ = broken[0]
        count = "1 row" if len(broken) == 1 else f"{len(broken)} rows"
        raise BrokenForeignKeys(
            f"{count} would point at nothing, the first in {table} (row {row}), "
            f"which refers to {parent}"
        )


def _render_item(kind: str, item: Any, _context: AutogenContext) -> str | bool:
    """Revisions name SQLAlchemy's types, never ours: they must not change when the models do."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime()"
    return False


def _drop_empty_revision(_context: Any, _revision: Any, directives: list[Any]) -> None:
    if directives and directives[0].upgrade_ops.is_empty():
        directives.clear()


run()
