"""Brings the database up to date before anything else touches it: `python -m supervisor.database`.

A process of its own, so that the supervisor stays small. Its last line of output is what the
supervisor needs to know, as JSON (see `State`), or the sentence that says what went wrong.
"""

import json
import sqlite3
import sys
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from flask import Flask, current_app

import settings
from models import Project, User, db, use_database, utcnow
from models.failures import reason
from services import users
from services.system import crossing, schema
from services.system.schema import MIGRATIONS, migrate
from supervisor.checks import CannotStart

COPIES_KEPT = 3


@dataclass(frozen=True)
class State:
    #: Nobody has used this installation yet: no account, no project.
    is_unused: bool
    #: There is no account, so the first administrator needs the key in the file `setup-key`.
    needs_administrator: bool


def main() -> None:
    try:
        state = prepare(bare_app())
    except CannotStart as e:
        sys.exit(str(e))
    sys.stdout.write(json.dumps(asdict(state)) + "\n")


def bare_app() -> Flask:
    """The database without the product around it, which would take seconds to import."""
    app = Flask("drawpack")
    app.config.from_mapping(settings.load())
    use_database(app)
    migrate.init_app(app, db)
    return app


def prepare(app: Flask) -> State:
    """Migrate, and say what is there; raises `CannotStart` with the reason."""
    with app.app_context():
        try:
            upgrade(MIGRATIONS, utcnow())
            return _state()
        except (sa.exc.DBAPIError, sqlite3.Error) as e:
            where = db.engine.url.database or db.engine.url.host
            raise CannotStart(f"The database {where} cannot be used: {reason(e)}.") from e
        finally:
            db.session.remove()
            db.engine.dispose()


def upgrade(folder: Path, now: datetime) -> None:
    """Run the revisions in `folder` that the database lacks, all or none, after copying it."""
    current, head = _revisions(folder)
    if current == head:
        return
    copied_to = copy_aside(current, now) if current else None
    config = migrate.get_config(str(folder))
    try:
        command.upgrade(config, "head")
    # A revision is code of any kind: whatever stopped it, the database is as it was before.
    except Exception as e:
        raise CannotStart(
            f"The database could not be brought up to date and is unchanged ({_first_line(e)})."
            + (f" A copy of it lies in {copied_to}." if copied_to else "")
        ) from e


def copy_aside(revision: str, now: datetime) -> Path:
    """The database as it is now, as a SQLite file."""
    folder = current_app.config["DATA_DIR"] / "before-migration"
    folder.mkdir(exist_ok=True)
    copy: Path = folder / f"{now:%Y-%m-%d-%H-%M-%S}-{revision}.db"
    if db.engine.dialect.name == "sqlite":
        # Straight to the driver: SQLAlchemy would begin a transaction, and VACUUM takes none.
        with closing(db.engine.raw_connection()) as connection:
            connection.cursor().execute("VACUUM INTO ?", (str(copy),))
    else:
        crossing.to_file(copy)
    for old in sorted(folder.glob("*.db"))[:-COPIES_KEPT]:
        old.unlink()
    return copy


def _revisions(folder: Path) -> tuple[str | None, str | None]:
    """Of the database, and the newest we know."""
    current = schema.current()
    if current and current not in schema.known(folder):
        raise CannotStart(
            f"The data folder {current_app.config['DATA_DIR']} was used by a newer or another "
            f"version of Drawpack: its database is at revision {current}, which this one does not "
            "know. Update the program, restore a copy of the folder before-migration, or start "
            "with another folder (DRAWPACK_DATA_DIR)."
        )
    return current, schema.head(folder)


def _state() -> State:
    if User.exist():
        return State(is_unused=False, needs_administrator=False)
    users.setup_key()
    has_project = db.session.scalar(sa.select(sa.exists().select_from(Project)))
    return State(is_unused=not has_project, needs_administrator=True)


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0] or type(error).__name__


if __name__ == "__main__":
    main()
