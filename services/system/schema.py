"""The revision of the database, and the newest that this program knows."""

from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import Migrate

import settings
from models import db

MIGRATIONS = settings.ROOT / "migrations"

migrate = Migrate()


def current() -> str | None:
    """The revision that the database is at; None for one without tables."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head(folder: Path = MIGRATIONS) -> str | None:
    """The newest revision in `folder`."""
    return ScriptDirectory(str(folder)).get_current_head()


def known(folder: Path = MIGRATIONS) -> set[str]:
    """All revisions in `folder`."""
    return {script.revision for script in ScriptDirectory(str(folder)).walk_revisions()}
