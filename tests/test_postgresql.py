"""What PostgreSQL must do as SQLite does, on a private server; `make test-postgres` runs all tests
there."""

import multiprocessing
import os
import threading
from datetime import date, timedelta
from unittest.mock import ANY

import psycopg
import pypdf
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from jobs import imports
from models import (
    AuditEntry,
    Backup,
    BackupStatus,
    Base,
    Contract,
    ImportJob,
    ImportStatus,
    Project,
    SovLine,
    User,
    base,
    db,
    postgresql,
    reading,
    utcnow,
    writing,
)
from services import audit, import_uploads, invoice_creation
from services.audit.verifying import Verified
from services.audit.verifying import verify as verify_chain
from services.importing import import_project
from services.invoice_creation import NotCreated
from services.system import schema
from supervisor.database import prepare
from tests.backup_rows import add_invoice, make_tower
from tests.conftest import sign_in, wait_for
from tests.factories import make_contract, make_line, make_period, make_project
from tests.on_postgresql import databases, new
from tests.test_importing import EXAMPLE

__all__ = ["databases", "new"]


def outside(app):
    """A connection that is none of the product's."""
    url = sa.make_url(app.config["SQLALCHEMY_DATABASE_URI"]).set(drivername="postgresql")
    return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)


def at_once(app, work, count=4):
    """Have `count` threads do the same at the same moment; what each answered or raised."""
    found, start = [], threading.Barrier(count)
    # Whoever has looked may write, and so keeps the others from it.
    db.session.rollback()

    def run():
        with app.app_context():
            start.wait()
            try:
                found.append(work())
            except Exception as e:  # noqa: BLE001
                found.append(e)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_migrations_give_what_the_models_say_and_nothing_is_left_to_do(new):
    prepare(new)

    with db.engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []
        migrated = promises(connection)
        connection.rollback()
        connection.exec_driver_sql("CREATE SCHEMA models; SET search_path TO models")
        Base.metadata.create_all(connection)
        assert promises(connection) == migrated
        connection.rollback()


def promises(connection):
    """Columns, constraints, indexes and triggers of the current schema; Alembic does not compare
    all of them."""
    inspector = sa.inspect(connection)
    columns = {
        (table, column["name"], str(column["type"]), column["nullable"])
        for table in inspector.get_table_names()
        for column in inspector.get_columns(table)
    }
    query = sa.text(
        "SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid)"
        " FROM pg_constraint c WHERE c.connamespace = current_schema()::regnamespace"
        " UNION SELECT tablename, indexname, replace(indexdef, schemaname || '.', '')"
        " FROM pg_indexes WHERE schemaname = current_schema()"
        " UNION SELECT t.tgrelid::regclass::text, t.tgname, t.tgtype::text FROM pg_trigger t"
        " JOIN pg_class r ON r.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND r.relnamespace = current_schema()::regnamespace"
    )
    kept = {tuple(row) for row in connection.execute(query)}
    return {row for row in columns | kept if row[0] != "alembic_version"}


def test_an_older_database_is_copied_to_a_file_and_brought_up_to_date(new, tmp_path):
    command.upgrade(schema.migrate.get_config(str(schema.MIGRATIONS)), "0005")
    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO project (number, name, timezone, owner, general_contractor, architect,"
            " address, created) VALUES ('26-014', 'Dam', 'UTC', '', '', '', '', now())"
        )

    prepare(new)

    assert db.session.scalar(sa.select(Project.number)) == "26-014"
    [copy] = (tmp_path / "before-migration").iterdir()
    assert copy.name.endswith("-0005.db")
    with schema.working_on(copy):
        assert schema.current() == "0005"
        assert db.session.scalar(sa.select(Project.number)) == "26-014"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET email = 'x@example.org'",
        "DELETE FROM audit_entry WHERE id = 1",
        "TRUNCATE audit_entry",
        "INSERT INTO audit_entry SELECT * FROM audit_entry WHERE id = 1",
    ],
)
def test_the_audit_log_is_only_added_to(context, statement):
    audit.note("settings.changed")

    with pytest.raises(sa.exc.IntegrityError), writing():
        db.session.execute(sa.text(statement))


def test_acts_at_the_same_moment_make_one_chain(app, context):
    def act():
        for number in range(5):
            audit.note("settings.changed", detail={"number": number})

    assert at_once(app, act) == [None] * 4

    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == 20
    assert verify_chain() == Verified(20, ANY)


def test_of_several_who_press_once_one_makes_the_invoice(app, context, alice):
    project = make_project()
    contract = make_contract(project)
    make_line(contract)
    make_period(project, status="open")
    db.session.commit()
    contract_id = contract.id

    def press(position=None):
        begun = db.session.get_one(Contract, contract_id)
        made = invoice_creation.create(
            begun, "", date(2026, 7, 1), user_id=alice, is_administrator=True, position=position
        )
        return made.position

    found = at_once(app, lambda: press(1))
    assert found.count(1) == 1
    assert [type(each) for each in found if each != 1] == [NotCreated] * 3
    # Without the number that a form had, each makes the next.
    assert sorted(at_once(app, press)) == [2, 3, 4, 5]


def test_no_update_is_lost_when_many_read_and_then_write(app, context):
    line_id = make_line(make_contract(make_project()), scheduled_value=0).id
    db.session.commit()

    def add():
        for _ in range(10):
            with writing():
                db.session.get_one(SovLine, line_id).scheduled_value += 1

    at_once(app, add)

    db.session.rollback()
    assert db.session.get_one(SovLine, line_id).scheduled_value == 40


def test_a_backup_is_claimed_by_one_of_many(app, context):
    backup = Backup(project=make_project(), number=1, request={})
    db.session.add(backup)
    db.session.commit()
    backup_id = backup.id

    assert sorted(at_once(app, lambda: db.session.get_one(Backup, backup_id).claim())) == [
        False, False, False, True
    ]  # fmt: skip


def test_who_reads_waits_for_nobody_and_sees_one_moment(app, context):
    project_id = make_project(name="Before").id
    db.session.commit()
    name = sa.select(Project.name).where(Project.id == project_id)
    go, seen = threading.Event(), []

    def look():
        with app.app_context(), reading():
            seen.append(db.session.scalar(name))
            go.wait(10)
            seen.append(db.session.scalar(name))

    reader = threading.Thread(target=look)
    with writing():
        db.session.execute(sa.update(Project).values(name="After"))
        reader.start()
        wait_for(lambda: seen, what="the reader", seconds=5)
    go.set()
    reader.join()

    assert seen == ["Before", "Before"]
    assert db.session.scalar(name) == "After"


def test_who_reads_cannot_write_past_the_lock(context):
    with pytest.raises(sa.exc.DBAPIError, match="read-only"), reading():
        db.session.execute(sa.delete(Project))


def test_a_writer_that_is_in_the_way_for_long_is_said(app, client, monkeypatch):
    monkeypatch.setattr(base, "_patience", 0.1)
    with app.app_context():
        db.engine.dispose()
        with outside(app) as writer, writer.transaction():
            writer.execute("SELECT pg_advisory_xact_lock(%s)", (postgresql.WRITER,))
            answer = client.post("/account/name", data={"name": "Alice"})
            assert client.get("/projects").status_code == 200

    assert answer.status_code == 503
    assert "Nothing of yours was changed; try again" in answer.text


def test_a_job_waits_for_another_writer_as_long_as_on_sqlite(app, monkeypatch):
    monkeypatch.setattr(base, "_patience", base.PATIENCE_OF_PAGES)
    with app.app_context():
        for change, seconds in ((lambda: None, "10s"), (base.be_patient, "5min")):
            change()
            db.engine.dispose()
            assert db.session.scalar(sa.text("SHOW lock_timeout")) == seconds
            db.session.remove()
        db.engine.dispose()


def test_a_server_that_was_restarted_is_met_by_the_pool(app, client):
    assert client.get("/projects").status_code == 200
    send_everybody_away(app)

    assert client.get("/projects").status_code == 200


def send_everybody_away(app):
    with outside(app) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.mark.parametrize("path", ["/fails", "/api/fails"])
def test_a_connection_that_is_lost_in_the_middle_is_said(app, alice, path):
    def view():
        db.session.execute(sa.select(User.id))
        send_everybody_away(app)
        db.session.execute(sa.select(User.id))

    app.testing = False
    app.add_url_rule(path, view_func=view, methods=["POST"])
    browser = sign_in(app, "alice@example.org")

    answer = browser.post(path)
    assert answer.status_code == 503
    assert "The database cannot be reached" in answer.text
    assert "look whether it was saved" in answer.text
    assert browser.get("/projects").status_code == 200


def test_a_server_that_is_away_is_said_without_asking_it(app, client, databases):
    databases.drop(app.config["SQLALCHEMY_DATABASE_URI"])

    page = client.get("/projects")
    assert page.status_code == 503
    assert "<h1>The database cannot be reached</h1>" in page.text
    assert client.get("/projects", headers={"HX-Request": "true"}).status_code == 503
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.json["database"]) == (503, "failed")
    result = app.test_cli_runner().invoke(args=["system", "check"])
    assert "FAILED   Database" in result.output
    assert "does not exist" in result.output


def test_a_forked_process_opens_a_connection_of_its_own(app, context):
    def number():
        with reading():
            return db.session.scalar(sa.text("SELECT pg_backend_pid()"))

    own = number()
    here, there = multiprocessing.Pipe()
    child = os.fork()
    if child == 0:
        try:
            there.send([number(), number()])
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    first, again = here.recv()

    assert first == again != own
    assert number() == own


def test_a_project_is_imported_and_its_backup_compiled_by_a_worker(app, client, work, smtp):
    with app.app_context():
        import_project(EXAMPLE)
        tower = make_tower()
        invoice = add_invoice(tower, "SC-4")
        db.session.commit()
        home, chosen = f"/projects/{tower.id}/backups", invoice.id
    assert client.post(home, data={"invoice": chosen}).status_code == 303

    work()

    with app.app_context():
        backup = db.session.scalars(sa.select(Backup)).one()
        assert backup.status == BackupStatus.DONE, backup.error
        path = app.config["DATA_DIR"] / backup.path
        assert len(pypdf.PdfReader(path).pages) == backup.pages
    assert len(smtp.messages) == 1
    assert client.get("/projects").text.count("/invoicing") >= 2


def test_the_check_names_the_server(app, context):
    output = app.test_cli_runner().invoke(args=["system", "check"]).output

    assert "OK       Database      PostgreSQL " in output


def test_every_integer_that_a_form_takes_fits_its_column(app, client):
    """PostgreSQL checks what SQLite lets pass; ids in addresses may be any number."""
    for number in (2**31, 2**63, 2**70):
        assert client.get(f"/projects/{number}/invoicing").status_code == 404


@pytest.mark.parametrize("most", [1, 5, 20])
def test_a_process_opens_no_more_connections_than_the_setting_says(app, most):
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    options = postgresql.engine_options(most) | {"pool_timeout": 0.01}
    engine = sa.create_engine(url, **options)
    try:
        held = [engine.connect() for _ in range(most)]
        with pytest.raises(sa.exc.TimeoutError):
            engine.connect()
        for each in held:
            each.close()
    finally:
        engine.dispose()


def test_an_import_of_another_host_is_not_ended_because_redis_forgot_it(app, context):
    job = ImportJob(
        title="A.zip", folder="f" * 32, status=ImportStatus.IMPORTING,
        changed_at=utcnow() - timedelta(minutes=5),
    )  # fmt: skip
    db.session.add(job)
    db.session.commit()
    # Elsewhere: nobody of this host has the folder.
    with postgresql.at_work(db.engine, job.id):
        imports.sweep()
        assert job.status == ImportStatus.IMPORTING
        with outside(app) as server:
            # As when that host dies.
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE objsubid = 2 AND objid = %s",
                (job.id,),
            )
        wait_for_the_end(job)
        imports.sweep()
        assert job.status == ImportStatus.FAILED


def wait_for_the_end(job):
    """A server takes a moment to notice that a connection was closed."""
    wait_for(lambda: not postgresql.is_at_work(db.session, job.id), what="the end of the lock")


def test_who_imports_says_so_to_all_hosts_even_with_one_connection(context, monkeypatch):
    job = ImportJob(title="A.zip", folder="f" * 32)
    db.session.add(job)
    db.session.commit()
    options = postgresql.engine_options(1) | {"pool_timeout": 0.01}
    engine = sa.create_engine(db.engine.url, **options)
    # Until here only: the application closes the connections of its own.
    with monkeypatch.context() as small:
        small.setitem(db.engines, None, engine)
        with import_uploads.at_work(job):
            assert postgresql.is_at_work(db.session, job.id)
            assert not postgresql.is_at_work(db.session, job.id + 1)
        wait_for_the_end(job)
        db.session.remove()
        engine.dispose()
