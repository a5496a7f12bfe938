"""Nothing is lost: an installation saved while people work, and brought back elsewhere."""

import errno
import fcntl
import json
import os
import sqlite3
import threading
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pytest
from alembic import command

from app import create_app
from models import Backup, MailDelivery, MailKind, MailState, StoredFile, User, db, utcnow
from services import storage
from services.system import schema
from services.system.failures import SystemBackupError, disk_in_words
from services.system.restoring import restore
from services.system.saving import save
from services.system.verifying import verify
from tests.backup_rows import make_backup
from tests.conftest import make_user, sign_in
from tests.factories import make_attachment, make_contract, make_file, make_invoice, make_project

#: What is different with a server is in test_postgresql_backups.py.
pytestmark = pytest.mark.sqlite("a file that is copied and put in place")


def database_at(revision, folder):
    app = create_app(elsewhere(folder))
    with app.app_context():
        command.upgrade(schema.migrate.get_config(str(schema.MIGRATIONS)), revision)
        db.session.remove()
        db.engine.dispose()
    app.extensions["redis"].close()
    return folder / "drawpack.db"


def elsewhere(folder):
    uri = f"sqlite:///{folder / 'drawpack.db'}"
    return {"DATA_DIR": folder, "SQLALCHEMY_DATABASE_URI": uri, "WTF_CSRF_ENABLED": False}


@pytest.fixture
def data(app):
    """A data folder with something of everything that people would miss."""
    data = app.config["DATA_DIR"]
    (data / "secret-key").write_text("our own")
    make_user(app, "alice@example.org", "Alice Adams", is_administrator=True)
    with app.app_context():
        project = make_project(number="26-014")
        invoice = make_invoice(make_contract(project))
        make_attachment(invoice, b"%PDF- a waiver")
        make_backup(project)
        db.session.commit()
        db.session.remove()
    for name in ("prepared/ab/abc.pdf", "logs/web.log", "work/x.part", "outbox/one.eml"):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(name)
    return data


@pytest.fixture
def fresh(tmp_path, app):
    """Another installation, with nothing in it but the key that every command makes."""
    folder = tmp_path / "fresh"
    folder.mkdir()
    (folder / "secret-key").write_text("a new one")
    other = create_app(elsewhere(folder))
    yield other
    other.extensions["redis"].close()
    with other.app_context():
        db.engine.dispose()


@pytest.fixture
def file(app, data, tmp_path):
    """A backup of it."""
    path = tmp_path / "saved.zip"
    with app.app_context():
        assert save(path, utcnow()).missing == []
    return path


def bring_back(app, file, **options):
    with app.app_context():
        return "\n".join(restore(file, utcnow(), **options))


def refused(app, file, match, **options):
    before = tree(app.config["DATA_DIR"])
    with pytest.raises(SystemBackupError, match=match):
        bring_back(app, file, **options)
    assert tree(app.config["DATA_DIR"]) == before


def tree(folder):
    """Names and bytes of all files, but for locks and what SQLite keeps beside a database."""
    locks = {"lock", "cache-lock"}
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in locks and not path.name.endswith(("-wal", "-shm"))
    }


def rows(database, *, but=()):
    with closing(sqlite3.connect(database)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = {name for (name,) in names if not name.startswith("sqlite")} - set(but)
        return {each: connection.execute(f'SELECT * FROM "{each}"').fetchall() for each in tables}


def change(source, target, edit):
    """A copy of a backup whose members `edit` changed."""
    with ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    edit(members)
    with ZipFile(target, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target


def test_what_comes_back_is_what_was_saved(app, data, file, fresh):
    said = bring_back(fresh, file)

    there = fresh.config["DATA_DIR"]
    # The one session version and the entry about it are all that differs.
    but = {"user", "audit_entry", "sqlite_sequence"}
    assert rows(there / "drawpack.db", but=but) == rows(data / "drawpack.db", but=but)
    kept = {name: content for name, content in tree(data).items() if name != "drawpack.db"}
    for name in ("prepared/ab/abc.pdf", "logs/web.log", "work/x.part"):
        del kept[name]
    found = tree(there)
    del found["drawpack.db"]
    assert found == kept
    assert found["secret-key"] == b"our own"
    assert (there / "secret-key").stat().st_mode & 0o777 == 0o600
    assert file.stat().st_mode & 0o777 == 0o600
    assert "Restored the database and" in said
    assert "everybody signs in again" in said


def test_it_is_consistent_while_people_write(app, data, tmp_path, fresh):
    stop = threading.Event()
    written = []

    def work():
        with app.app_context():
            while not stop.is_set():
                content = os.urandom(2000)
                make_file(content)
                db.session.commit()
                written.append(sha256(content).hexdigest())
            db.session.remove()

    writer = threading.Thread(target=work)
    writer.start()
    try:
        for number in range(4):
            before = list(written)
            with app.app_context():
                assert save(tmp_path / f"{number}.zip", utcnow()).missing == []
    finally:
        stop.set()
        writer.join()

    assert before
    bring_back(fresh, tmp_path / "3.zip")
    with fresh.app_context():
        digests = set(db.session.scalars(db.select(StoredFile.sha256)))
        assert set(before) <= digests
        for digest in digests:
            assert sha256(storage.original(digest).read_bytes()).hexdigest() == digest


def test_an_older_database_comes_back_with_the_tables_of_today(app, data, tmp_path, fresh):
    for suffix in ("", "-wal", "-shm"):
        (data / f"drawpack.db{suffix}").unlink(missing_ok=True)
    with app.app_context():
        db.engine.dispose()
    old = database_at("0001", data)
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute(
            "INSERT INTO user (id, email, name, password_hash, is_administrator, is_active,"
            " session_version, created) VALUES (7, 'old@example.org', 'Old', 'x', 1, 1, 3,"
            " '2026-01-02')"
        )
    with app.app_context():
        # The log of acts came later, so this one cannot be noted; the backup is made all the same.
        save(tmp_path / "old.zip", utcnow())

    said = bring_back(fresh, tmp_path / "old.zip")

    assert "was brought from revision 0001 to" in said
    with fresh.app_context():
        assert schema.current() == schema.head()
        user = db.session.get(User, 7)
        assert user.name == "Old"
        db.session.remove()


def test_sessions_end_and_nothing_goes_on_by_itself(app, data, tmp_path, fresh):
    browser = sign_in(app, "alice@example.org")
    cookie = browser.get_cookie("session").value
    with app.app_context():
        backup = db.session.get(Backup, 1)
        db.session.add(make_running(backup))
        db.session.add(
            MailDelivery(
                project_id=backup.project_id,
                backup_id=backup.id,
                kind=MailKind.READY,
                email="alice@example.org",
                name="Alice",
                next_try_at=utcnow(),
            )
        )
        db.session.commit()
        save(tmp_path / "saved.zip", utcnow())

    said = bring_back(fresh, tmp_path / "saved.zip")

    assert "1 backup" in said
    assert "1 mail waited" in said
    with fresh.app_context():
        assert db.session.get(Backup, 2).status == "failed"
        mail = db.session.scalars(db.select(MailDelivery)).one()
        assert (mail.state, mail.next_try_at) == (MailState.FAILED, None)
        db.session.remove()
    fresh.config["SECRET_KEY"] = app.config["SECRET_KEY"]
    again = fresh.test_client()
    again.set_cookie("session", cookie)
    assert again.get("/projects").status_code == 303
    assert browser.get("/projects").status_code == 200
    sign_in(fresh, "alice@example.org")


def make_running(backup):
    now = utcnow()
    return Backup(
        project_id=backup.project_id,
        number=2,
        request=backup.request,
        status="running",
        heartbeat_at=now,
        started_at=now,
    )


def test_a_file_that_the_data_folder_lost_is_named(app, data, tmp_path, fresh):
    with app.app_context():
        digest = db.session.scalars(db.select(StoredFile.sha256)).one()
        storage.original(digest).unlink()
        db.session.remove()
    runner = app.test_cli_runner()
    file = str(tmp_path / "saved.zip")

    answer = runner.invoke(args=["system", "backup", file])
    assert answer.exit_code == 2
    assert digest in answer.stderr
    answer = runner.invoke(args=["system", "verify", file])
    assert answer.exit_code == 1
    assert f"the database names files/{digest[:2]}/{digest}" in answer.stderr

    assert f"MISSING: the database names files/{digest[:2]}" in bring_back(fresh, Path(file))


def test_the_commands_say_what_they_did(app, data, fresh, tmp_path):
    file = str(tmp_path / "saved.zip")
    for arguments, words in (
        (["backup", file], file),
        (["verify", file], "is whole: the database and"),
    ):
        answer = app.test_cli_runner().invoke(args=["system", *arguments])
        assert answer.exit_code == 0, answer.output
        assert words in answer.stdout
    answer = fresh.test_cli_runner().invoke(args=["system", "restore", file])
    assert answer.exit_code == 0, answer.output
    answer = app.test_cli_runner().invoke(args=["system", "backup", file])
    assert answer.exit_code == 1
    assert "exists already" in answer.stderr
    assert app.test_cli_runner().invoke(args=["system", "backup", file, "--force"]).exit_code == 0


def test_where_it_cannot_be_written_nothing_is_left(app, data, tmp_path):
    before = sorted(tmp_path.iterdir())
    with app.app_context():
        for place, words in (
            (data / "in.zip", "lies in the data folder"),
            (tmp_path / "nowhere" / "a.zip", "There is no folder"),
            (tmp_path, "is a folder"),
        ):
            with pytest.raises(SystemBackupError, match=words):
                save(place, utcnow())
        (data / "drawpack.db").write_text("This is a letter. " * 500)
        with pytest.raises(SystemBackupError, match="cannot be copied"):
            save(tmp_path / "a.zip", utcnow())
    assert sorted(tmp_path.iterdir()) == before


def test_a_full_disk_is_a_sentence(tmp_path):
    with (
        pytest.raises(SystemBackupError, match="is full: no backup was made"),
        disk_in_words("no backup was made", tmp_path),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_cut_off_or_wrong_file_is_refused(file, fresh, tmp_path):
    content = file.read_bytes()
    cut, letter, other = (tmp_path / name for name in ("cut.zip", "letter.zip", "other.zip"))
    cut.write_bytes(content[: len(content) // 2])
    letter.write_text("Dear sirs")
    with ZipFile(other, "w") as archive:
        archive.writestr("readme.txt", "another program's")

    refused(fresh, cut, "cut off or damaged")
    refused(fresh, letter, "is not a backup")
    refused(fresh, other, "is not a backup")
    refused(fresh, tmp_path / "none.zip", "No such file")


def test_every_changed_byte_is_found(file, fresh, tmp_path):
    def spoil(name):
        def edit(members):
            found = next(each for each in members if each.startswith(name))
            members[found] = members[found][:-1] + b"?"

        return edit

    for name in ("data/files/", "data/backups/", "database.db"):
        changed = change(file, tmp_path / "changed.zip", spoil(name))
        with fresh.app_context():
            assert len(verify(changed).damage) == 1
        refused(fresh, changed, "is damaged")
    dropped = change(file, tmp_path / "dropped.zip", lambda members: members.pop("data/secret-key"))
    refused(fresh, dropped, "data/secret-key is missing")


def test_no_name_leads_out_of_the_folder(file, fresh, tmp_path):
    def smuggle(name):
        def edit(members):
            manifest = json.loads(members["manifest.json"])
            members[name] = b"x"
            manifest["members"][name] = {"size": 1, "sha256": sha256(b"x").hexdigest()}
            members["manifest.json"] = json.dumps(manifest)

        return edit

    for name in ("data/../../escape", "/etc/x", "data//etc/x", "escape", "data/lock", "data/.x/y"):
        hostile = change(file, tmp_path / "hostile.zip", smuggle(name))
        refused(fresh, hostile, "names a file that no backup has")
    assert not (tmp_path / "escape").exists()


def test_data_that_is_there_is_never_overwritten(app, data, file, fresh):
    with app.app_context():
        make_file(b"newer than the backup")
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    refused(app, file, "is not empty")

    said = bring_back(app, file, sets_aside=True)

    assert "What was there before lies in" in said
    (aside,) = (data / "before-restore").iterdir()
    assert len(rows(aside / "drawpack.db")["stored_file"]) == 2
    assert len(rows(data / "drawpack.db")["stored_file"]) == 1
    # What was put aside is not saved again with the next backup.
    with app.app_context():
        saved = save(file.with_name("next.zip"), utcnow())
        assert saved.missing == []
    with ZipFile(file.with_name("next.zip")) as archive:
        assert not [name for name in archive.namelist() if "before-restore" in name]


def test_what_killed_ones_left_behind_is_cleared_away(app, data, file, fresh):
    there = fresh.config["DATA_DIR"]
    (there / ".restore-killed").mkdir()
    (there / ".restore-killed" / "database.db").write_text("half")
    bring_back(fresh, file)
    assert not list(there.glob(".*"))

    old, young = (file.parent / f".drawpack-backup-{name}" for name in ("old", "young"))
    for folder in (old, young):
        folder.mkdir()
    os.utime(old, (0, 0))
    with app.app_context():
        save(file.with_name("next.zip"), utcnow())
    assert (old.exists(), young.exists()) == (False, True)


def test_it_is_refused_while_drawpack_runs(app, data, file, fresh):
    there = fresh.config["DATA_DIR"]
    with (there / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused(fresh, file, "Drawpack is running")

    # A web server that nobody supervises.
    with closing(sqlite3.connect(data / "drawpack.db")) as connection:
        connection.execute("SELECT count(*) FROM user").fetchone()
        refused(app, file, "Another program has the database", sets_aside=True)


def test_a_backup_of_a_newer_version_is_refused(app, data, fresh, tmp_path):
    with closing(sqlite3.connect(data / "drawpack.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with app.app_context():
        save(tmp_path / "future.zip", utcnow())

    refused(fresh, tmp_path / "future.zip", "newer version of Drawpack")
