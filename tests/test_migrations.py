"""Migrations give exactly the models, all or nothing, and lose no row."""

import sqlite3
from datetime import UTC, datetime, timedelta
from shutil import copytree

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from app import create_app
from models import Base, db
from supervisor.checks import CannotStart
from supervisor.database import COPIES_KEPT, MIGRATIONS, State, prepare, upgrade

#: What a database on a server does is in test_postgresql.py.
pytestmark = pytest.mark.sqlite("a file that migrations rebuild")
NOW = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)


@pytest.fixture
def empty(tmp_path):
    """An application whose database does not exist yet."""
    path = tmp_path / "drawpack.db"
    app = create_app({"DATA_DIR": tmp_path, "SQLALCHEMY_DATABASE_URI": f"sqlite:///{path}"})
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    app.extensions["redis"].close()


@pytest.fixture
def revisions(tmp_path):
    """A copy of our revisions to add others to."""
    folder = copytree(MIGRATIONS, tmp_path / "migrations")
    return lambda name, body: add_revision(folder, name, body)


def add_revision(folder, name, body):
    parent = ScriptDirectory(str(folder)).get_current_head()
    (folder / "versions" / f"{name}.py").write_text(
        f"import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision = {name!r}\ndown_revision = {parent!r}\n\n\ndef upgrade():\n{body}"
    )
    return folder


def shape(engine):
    """All that a database promises, in a form to compare."""
    inspector = sa.inspect(engine)
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column["default"])
                for column in inspector.get_columns(table)
            },
            "primary key": inspector.get_pk_constraint(table),
            "foreign keys": plain(inspector.get_foreign_keys(table)),
            "uniques": plain(inspector.get_unique_constraints(table)),
            "checks": plain(inspector.get_check_constraints(table)),
            "indexes": plain(inspector.get_indexes(table)),
            # Alembic's comparison does not see it, nor does a batch migration keep it by itself.
            "is_autoincrement": "AUTOINCREMENT" in definition(engine, table),
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def definition(engine, table):
    with engine.connect() as connection:
        query = sa.text("SELECT sql FROM sqlite_master WHERE name = :table")
        return connection.scalar(query, {"table": table})


def plain(rows):
    """Without order, and the condition of a partial index as text."""
    texts = [
        {**row, "dialect_options": {k: str(v) for k, v in row.get("dialect_options", {}).items()}}
        for row in rows
    ]
    return sorted(texts, key=str)


def query(path, statement):
    connection = sqlite3.connect(path)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


def add_project_with_company(path):
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(
            "INSERT INTO project (id, number, name, timezone, owner, general_contractor, architect,"
            " address, dictionary, created)"
            " VALUES (1, '26-014', 'Dam', 'UTC', '', '', '', '', 'owners', '2026-11-22')"
        )
        connection.execute(
            "INSERT INTO company (id, project_id, name, address) VALUES (1, 1, 'Acme', '')"
        )
    connection.close()


def test_there_is_one_line_of_revisions():
    assert len(ScriptDirectory(str(MIGRATIONS)).get_heads()) == 1


def test_an_upgraded_database_is_what_the_models_say(empty, tmp_path):
    upgrade(MIGRATIONS, NOW)
    from_models = sa.create_engine(f"sqlite:///{tmp_path / 'models.db'}")
    Base.metadata.create_all(from_models)

    assert shape(db.engine) == shape(from_models)
    from_models.dispose()


def test_autogenerate_finds_nothing_to_do(empty):
    upgrade(MIGRATIONS, NOW)
    with db.engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)

        assert compare_metadata(context, Base.metadata) == []


def test_a_failing_revision_leaves_nothing_behind(empty, revisions, tmp_path):
    upgrade(MIGRATIONS, NOW)
    before = query(tmp_path / "drawpack.db", "SELECT name, sql FROM sqlite_master")
    revisions("good", "    op.create_table('good', sa.Column('id', sa.Integer()))\n")
    folder = revisions(
        "bad",
        "    op.create_table('half', sa.Column('id', sa.Integer()))\n"
        "    op.execute('INSERT INTO nowhere VALUES (1)')\n",
    )

    with pytest.raises(CannotStart, match=r"is unchanged \(.*no such table: nowhere.*\)\. A copy"):
        upgrade(folder, NOW)

    assert query(tmp_path / "drawpack.db", "SELECT name, sql FROM sqlite_master") == before


def test_rebuilding_a_table_keeps_the_rows_that_refer_to_it(empty, revisions, tmp_path):
    upgrade(MIGRATIONS, NOW)
    add_project_with_company(tmp_path / "drawpack.db")
    folder = revisions(
        "widen",
        "    with op.batch_alter_table('project') as batch:\n"
        "        batch.alter_column('name', type_=sa.String(500))\n",
    )

    upgrade(folder, NOW)

    assert query(tmp_path / "drawpack.db", "SELECT name FROM company") == [("Acme",)]
    assert shape(db.engine)["project"]["columns"]["name"][0] == "VARCHAR(500)"
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_revision_that_orphans_rows_is_rolled_back(empty, revisions, tmp_path):
    upgrade(MIGRATIONS, NOW)
    add_project_with_company(tmp_path / "drawpack.db")
    folder = revisions("orphan", "    op.execute('DELETE FROM project')\n")

    with pytest.raises(CannotStart, match="1 row would point at nothing, the first in company"):
        upgrade(folder, NOW)

    assert query(tmp_path / "drawpack.db", "SELECT count(*) FROM project") == [(1,)]


def test_the_database_is_copied_before_it_changes_and_few_copies_are_kept(
    empty, revisions, tmp_path
):
    upgrade(MIGRATIONS, NOW)
    assert not (tmp_path / "before-migration").exists()
    add_project_with_company(tmp_path / "drawpack.db")

    for number in range(COPIES_KEPT + 2):
        folder = revisions(f"r{number}", f"    op.execute('DELETE FROM company')  # {number}\n")
        upgrade(folder, NOW + timedelta(minutes=number))

    copies = sorted((tmp_path / "before-migration").iterdir())
    assert [copy.name for copy in copies] == [
        "2026-11-22-17-32-00-r1.db",
        "2026-11-22-17-33-00-r2.db",
        "2026-11-22-17-34-00-r3.db",
    ]
    assert query(copies[0], "SELECT number FROM project") == [("26-014",)]


def test_nothing_to_do_makes_no_copy(empty, tmp_path):
    upgrade(MIGRATIONS, NOW)
    upgrade(MIGRATIONS, NOW)

    assert not (tmp_path / "before-migration").exists()


def test_data_of_a_newer_version_is_refused(empty, revisions):
    upgrade(revisions("future", "    pass\n"), NOW)

    said = r"newer or another version of Drawpack: its .* revision future"
    with pytest.raises(CannotStart, match=said):
        upgrade(MIGRATIONS, NOW)


def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "drawpack.db").write_text("This is a letter, not a database. " * 50)
    uri = f"sqlite:///{tmp_path}/drawpack.db"
    app = create_app({"DATA_DIR": tmp_path, "SQLALCHEMY_DATABASE_URI": uri})

    with pytest.raises(CannotStart, match=r"drawpack\.db cannot be used: file is not a database\."):
        prepare(app)


def test_a_new_database_is_unused_until_there_is_a_project_or_an_account(tmp_path, empty):
    assert prepare(empty) == State(is_unused=True, needs_administrator=True)

    add_project_with_company(tmp_path / "drawpack.db")
    assert prepare(empty) == State(is_unused=False, needs_administrator=True)
