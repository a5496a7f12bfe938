"""Every version whose tables anybody may have: its rows come through to today unharmed.

Nothing was released yet, so the files of `tests/schemas/` are milestones, named by their revision,
made with the program as it was then. A release adds its own: `make schema VERSION=0.1.0`.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from app import create_app
from models import Base, Invoice, User, db
from services import audit, invoice_json, sheets
from services.system import schema
from supervisor.checks import CannotStart
from supervisor.database import prepare
from tests.schemas.__main__ import dump

FILES = sorted((Path(__file__).parent / "schemas").glob("*.sql"))


#: What a revision changes on purpose: 0005 made “general contractors”, which nobody had chosen,
#: “as the company says”.
CHANGED = {("project", "dictionary")}


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def old(request, tmp_path):
    """An installation whose database is of that version."""
    with closing(sqlite3.connect(tmp_path / "drawpack.db")) as connection:
        connection.executescript(request.param.read_text())
    shutil.copy(tmp_path / "drawpack.db", tmp_path / "before.db")
    uri = f"sqlite:///{tmp_path / 'drawpack.db'}"
    app = create_app({"DATA_DIR": tmp_path, "SQLALCHEMY_DATABASE_URI": uri})
    yield app
    app.extensions["redis"].close()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def contents(path):
    """Each value by table, number of the row and column."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        names = [name for (name,) in tables if not name.startswith(("sqlite_", "alembic_"))]
        return {
            (name, number, column): row[column]
            for name in names
            for number, row in enumerate(
                connection.execute(f'SELECT * FROM "{name}" ORDER BY 1, 2')
            )
            for column in row.keys()  # noqa: SIM118 - a row is no mapping
        }


def test_its_rows_come_through_unharmed(old, tmp_path):
    prepare(old)

    with old.app_context():
        assert schema.current() == schema.head()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, Base.metadata) == []
            assert connection.execute(sa.text("PRAGMA foreign_key_check")).all() == []
            assert connection.scalar(sa.text("PRAGMA integrity_check")) == "ok"
    before, after = contents(tmp_path / "before.db"), contents(tmp_path / "drawpack.db")
    columns = {(table, column) for table, _, column in after}
    changed = {
        key: (value, after.get(key))
        for key, value in before.items()
        if (key[0], key[2]) in columns
        and (key[0], key[2]) not in CHANGED
        and after.get(key) != value
    }
    assert changed == {}
    assert {table for table, _, _ in before} <= {table for table, _ in columns}


def test_its_money_is_what_it_was_and_its_record_unbroken(old):
    prepare(old)
    with old.app_context():
        invoices = db.session.scalars(sa.select(Invoice).order_by(Invoice.id)).all()
        told = [invoice_json.describe(each)["summary"] for each in invoices]
        assert [each["total_completed_and_stored_to_date"] for each in told] == ["1000.00"] * 2
        sheets.recalculate([each.contract_id for each in invoices])
        assert [invoice_json.describe(each)["summary"] for each in invoices] == told
        assert db.session.scalar(sa.select(User.name)) == "Olga Old"
        assert not isinstance(audit.verify(), audit.Broken)


def test_a_database_of_a_newer_version_is_one_clear_sentence(old, tmp_path):
    with closing(sqlite3.connect(tmp_path / "drawpack.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = dump(tmp_path / "drawpack.db")

    with pytest.raises(CannotStart, match=r"newer or another version of Drawpack.*9999") as said:
        prepare(old)

    assert "\n" not in str(said.value)
    assert dump(tmp_path / "drawpack.db") == before
