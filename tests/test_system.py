"""What administrators, terminals and monitors learn about the installation."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis

from models import StoredFile, db, utcnow
from services import audit
from services.system import clocks, inside, outside
from services.system.result import State, worst
from tests.conftest import free_port, wait_for
from tests.factories import make_file


@pytest.fixture
def lonely(app):
    """Without its queue."""
    redis = app.extensions["redis"]
    app.extensions["redis"] = Redis.from_url(f"redis://127.0.0.1:{free_port()}/0")
    yield app
    app.extensions["redis"].close()
    app.extensions["redis"] = redis


def found(results):
    return {each.name: each.state for each in results}


def run(app, *arguments):
    return app.test_cli_runner().invoke(args=["system", *arguments])


def test_the_page_says_what_is_there_and_what_is_missing(app, client):
    page = client.get("/system").text
    assert "LibreOffice is not installed" in page
    assert "No worker is running" in page
    assert "A test page was drawn and read again." in page

    app.config["SOFFICE"] = Path("/opt/office/soffice")
    page = client.get("/system").text

    assert "/opt/office/soffice" in page
    assert "makes pages of Word and Excel files" in page


def test_the_versions_name_the_database_that_is_used(app):
    with app.app_context():
        said = outside.versions().sentence
        is_sqlite = db.engine.dialect.name == "sqlite"
    assert ("SQLite" in said, "psycopg" in said) == (is_sqlite, not is_sqlite)


def test_it_says_where_nobody_can_tell(lonely, client):
    assert "The queue cannot be reached" in client.get("/system").text


def test_only_administrators_read_it(app, client, member):
    assert client.get("/projects").text.count('href="/system"') == 1
    assert "/system" not in member.get("/projects").text
    assert member.get("/system").status_code in {403, 404}


def test_the_command_ends_with_1_until_everything_works(app, worker):
    def answer():
        answer = run(app, "check", "--json")
        return answer, json.loads(answer.stdout)

    redis = app.extensions["redis"]
    wait_for(lambda: redis.scard("rq:workers"), what="the worker")
    said, told = answer()

    assert said.exit_code == 0
    # No LibreOffice in the tests, and no reason to save what they make.
    assert told["state"] == "warning"
    states = {each["name"]: each["state"] for each in told["results"]}
    assert {name for name, state in states.items() if state != "ok"} == {"Backup", "Office files"}
    assert {"Database", "Tables", "Disk space", "Workers", "Mail", "Clock"} <= set(states)
    assert run(app, "check").stdout.startswith("OK       Database      ")


@pytest.mark.sqlite("its journal, and whether its file is whole")
def test_the_journal_of_a_file_is_looked_at(context):
    told = {each.name: each for each in inside.database()}
    assert told["Database"].sentence.startswith("It is whole")
    assert told["Journal"].state == State.OK


def test_without_a_queue_the_command_fails(lonely):
    said = run(lonely, "check")

    assert said.exit_code == 1
    assert "FAILED   Queue" in said.stdout


@pytest.mark.sqlite("a file that somebody can damage")
def test_a_damaged_database_is_found(context):
    path = context.config["DATA_DIR"] / "drawpack.db"
    db.session.execute(db.select(StoredFile))
    db.session.remove()
    db.engine.dispose()
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 30] = b"\xff" * 4096 * 27
    path.write_bytes(content)

    assert found(inside.database())["Database"] == State.FAILED


@pytest.mark.sqlite("a file of something else")
def test_a_file_that_is_no_database_is_a_sentence(context):
    db.engine.dispose()
    (context.config["DATA_DIR"] / "drawpack.db").write_text("This is a letter. " * 500)

    (result,) = inside.database()

    assert result.state == State.FAILED
    assert "file is not a database" in result.sentence


def test_tables_of_another_revision_fail(context):
    assert found(inside.database())["Tables"] == State.OK
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")

    results = {each.name: each for each in inside.database()}

    assert results["Tables"].state == State.FAILED
    assert "at revision 0001, not" in results["Tables"].sentence


def test_a_clock_behind_the_newest_row_is_wrong(context):
    make_file(b"anything")
    db.session.commit()
    now = utcnow()

    assert clocks.clock(now).state == State.OK
    assert clocks.clock(now - timedelta(minutes=4)).state == State.OK
    assert clocks.clock(now - timedelta(hours=2)).state == State.FAILED
    ahead = clocks.clock(now + timedelta(hours=2))
    assert ahead.state == State.FAILED
    assert "but the file system of the data folder is " in ahead.sentence


def test_every_clock_beside_ours_is_asked(context):
    for ask in clocks._OTHERS.values():
        told = ask()
        assert told is None or abs(told - utcnow()) < timedelta(minutes=1)
    assert not list(context.config["DATA_DIR"].glob(".check-*"))


def test_mail_is_asked_for_without_sending_any(context, smtp):
    assert outside.mail().state == State.OK
    context.config["MAIL_USE_TLS"] = True
    assert "offers no STARTTLS" in outside.mail().sentence
    context.config["MAIL_PORT"] = free_port()
    assert "does not answer" in outside.mail().sentence
    context.config["MAIL_SERVER"] = ""
    assert outside.mail().state == State.WARNING
    assert smtp.messages == []


def test_a_backup_that_is_missing_or_old_is_asked_for(context):
    now = utcnow()
    assert "was never saved" in inside.backup(now).sentence
    audit.note("system.saved")

    assert inside.backup(now).state == State.OK
    assert "9 days ago" in inside.backup(now + timedelta(days=9, hours=1)).sentence


def test_a_worker_that_fell_silent_has_failed(context, worker):
    wait_for(lambda: context.extensions["redis"].scard("rq:workers"), what="the worker")

    assert found(outside.queue(utcnow()))["Workers"] == State.OK
    assert found(outside.queue(utcnow() + timedelta(hours=1)))["Workers"] == State.FAILED


def test_the_worst_part_is_the_state_of_the_whole():
    assert worst([]) == State.OK
    results = [outside.ok("a", ""), outside.failed("b", ""), outside.warning("c", "")]
    assert worst(results) == State.FAILED
    assert worst(results[:1] + results[2:]) == State.WARNING


def test_ready_says_503_while_database_or_data_folder_cannot_be_used(app):
    client = app.test_client()
    for path in ("/health/live", "/healthz"):
        assert client.get(path).status_code == 200
    assert client.get("/health/ready").json == {"database": "ok", "data_folder": "ok"}

    data = app.config["DATA_DIR"]
    app.config["DATA_DIR"] = data / "unmounted"
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json["data_folder"]) == (503, "failed")


@pytest.mark.sqlite("a file of something else; test_postgresql.py has a server that is away")
def test_ready_says_503_while_the_file_is_no_database(app):
    client, data = app.test_client(), app.config["DATA_DIR"]
    with app.app_context():
        db.engine.dispose()
    (data / "drawpack.db").write_text("This is a letter. " * 500)

    answer = client.get("/health/ready")

    assert (answer.status_code, answer.json["database"]) == (503, "failed")
    assert str(data) not in answer.text
