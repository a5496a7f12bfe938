"""`make schema`: keep the tables of a release, with some rows, for all later versions to migrate.

    .venv/bin/python -m tests.schemas 0.2.0        writes tests/schemas/0.2.0.sql

To be run at each release, with the version that is released.
"""

import os
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("Say which version: make schema VERSION=0.1.0")
    version = sys.argv[1]
    target = HERE / f"{version}.sql"
    if target.exists():
        sys.exit(f"{target} is there already: what was released does not change.")
    with tempfile.TemporaryDirectory() as folder:
        # Before the application reads its settings.
        os.environ.update(DRAWPACK_DATA_DIR=folder, DRAWPACK_SECRET_KEY="a fixture")
        fill(Path(folder))
        target.write_text(dump(Path(folder, "drawpack.db")))
    sys.stdout.write(f"{target}\n")


def dump(database: Path) -> str:
    with closing(sqlite3.connect(database)) as connection:
        return "\n".join(connection.iterdump()) + "\n"


def fill(folder: Path) -> None:
    """A database by our revisions, with a row of everything that money or law hangs on."""
    from alembic import command
    from flask_migrate import Migrate

    from app import create_app
    from models import db

    app = create_app()
    with app.app_context():
        migrate = Migrate(app, db, render_as_batch=True)
        migrations = Path(sys.modules["app"].__file__).parent / "migrations"
        command.upgrade(migrate.get_config(str(migrations)), "head")
        _rows(folder)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()


def _rows(folder: Path) -> None:
    from models import Access, Membership, User, db
    from services import audit
    from tests import backup_rows
    from tests.factories import make_contract, make_project

    user = User(email="old@example.org", name="Olga Old", password_hash="x", is_administrator=True)
    db.session.add(user)
    project = backup_rows.make_tower()
    db.session.flush()
    db.session.add(Membership(user_id=user.id, project_id=project.id, access=Access.ADMIN))
    for number in ("SC-1", "SC-2"):
        contract = make_contract(project, number=number)
        first = backup_rows.add_invoice(project, number, contract=contract)
        backup_rows.add_attachments(first, folder, 2)
    backup_rows.make_backup(project)
    make_project(number="other", name="Łódź – ”quoted” ' apostrophe")
    db.session.commit()
    audit.note("project.exported", project=project.id, user=user)


if __name__ == "__main__":
    main()
