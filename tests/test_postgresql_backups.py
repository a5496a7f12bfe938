"""Backups of an installation whose database is on a server: of the same form as others."""

import os
import sqlite3
import threading
from contextlib import closing
from hashlib import sha256

import pytest
import sqlalchemy as sa

from app import create_app
from models import AuditEntry, Backup, Project, StoredFile, db, utcnow
from services import storage
from services.audit.verifying import Verified
from services.audit.verifying import verify as verify_chain
from services.system import crossing
from services.system.failures import SystemBackupError
from services.system.increments import save_increment
from services.system.restoring import restore
from services.system.saving import save
from services.system.verifying import verify
from supervisor.database import prepare
from tests.backup_rows import make_backup
from tests.conftest import make_user
from tests.factories import make_attachment, make_contract, make_file, make_invoice, make_project
from tests.on_postgresql import databases
from tests.test_system_backups import rows

__all__ = ["databases"]


def installation(folder, url):
    folder.mkdir()
    (folder / "secret-key").write_text(f"of {folder.name}")
    return create_app({"DATA_DIR": folder, "SQLALCHEMY_DATABASE_URI": url})


@pytest.fixture
def install(tmp_path, databases):
    """Make installations, each with a data folder and an empty database of its own."""
    made = []

    def make(name, *, on_server=True):
        url = databases.make(tmp_path, is_migrated=False) if on_server else ""
        app = installation(tmp_path / name, url or f"sqlite:///{tmp_path / name}/drawpack.db")
        made.append((app, url))
        return app

    yield make
    for app, url in made:
        app.extensions["redis"].close()
        with app.app_context():
            db.engine.dispose()
        if url:
            databases.drop(url)


def fill(app):
    """Something of everything that people would miss."""
    prepare(app)
    make_user(app, "alice@example.org", "Alice Ådams \N{PILE OF POO}", is_administrator=True)
    with app.app_context():
        project = make_project(number="26-014", name="Łódź\t\\N\n’ “x”")
        make_attachment(make_invoice(make_contract(project)), b"%PDF- a waiver")
        first = make_backup(project)
        db.session.delete(make_backup(project))
        db.session.commit()
        assert first.manifest
        db.session.remove()


def content(app, path):
    """All rows of its database, and when each number was last given out."""
    with app.app_context():
        path.unlink(missing_ok=True)
        crossing.to_file(path)
        db.engine.dispose()
    # The end of all sessions, and the entries about it, are all that differs.
    return {
        name: sorted(found, key=repr)
        for name, found in rows(path, but={"user", "audit_entry"}).items()
    }


def test_from_a_server_to_a_file_and_to_another_server_nothing_changes(install, tmp_path):
    here, box, there = install("here"), install("box", on_server=False), install("there")
    fill(here)

    with here.app_context():
        assert save(tmp_path / "1.zip", utcnow()).missing == []
    with box.app_context():
        assert "Restored the database and 5 files" in restore(tmp_path / "1.zip", utcnow())[0]
        save(tmp_path / "2.zip", utcnow())
        found = verify(tmp_path / "2.zip")
        assert (found.damage, found.missing) == ([], [])
    with there.app_context():
        restore(tmp_path / "2.zip", utcnow())

    assert content(there, tmp_path / "there.db") == content(here, tmp_path / "here.db")
    with there.app_context():
        assert (there.config["DATA_DIR"] / "secret-key").read_text() == "of here"
        # What was there, that it came to the box, that it was saved there, that it came back.
        entries = db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry))
        assert verify_chain() == Verified(entries, db.session.scalar(last_hash()))
        # The number of the backup that was deleted is not given out again.
        again = make_backup(db.session.scalars(sa.select(Project)).one())
        assert again.id == 3
        db.session.rollback()
        assert make_project().id == 2
        db.session.rollback()
    prepare(there)


def last_hash():
    return sa.select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)


def test_a_server_is_saved_while_people_write(install, tmp_path):
    app, folder = install("here"), tmp_path / "backups"
    folder.mkdir()
    fill(app)
    stop, written = threading.Event(), []

    def work():
        with app.app_context():
            while not stop.is_set():
                data = os.urandom(2000)
                make_file(data)
                db.session.commit()
                written.append(sha256(data).hexdigest())
            db.session.remove()

    writer = threading.Thread(target=work)
    writer.start()
    try:
        with app.app_context():
            save_increment(folder, utcnow())
            before = list(written)
            saved = save(tmp_path / "1.zip", utcnow())
    finally:
        stop.set()
        writer.join()

    assert saved.missing == []
    assert before
    with app.app_context():
        assert verify(folder).damage == verify(folder).missing == []
    box = install("box", on_server=False)
    with box.app_context():
        restore(tmp_path / "1.zip", utcnow())
        digests = set(db.session.scalars(sa.select(StoredFile.sha256)))
        assert set(before) <= digests
        for digest in digests:
            assert sha256(storage.original(digest).read_bytes()).hexdigest() == digest


def test_what_is_there_is_refused_or_set_aside_and_never_while_it_is_in_use(install, tmp_path):
    app, file = install("here"), tmp_path / "1.zip"
    fill(app)
    with app.app_context():
        save(file, utcnow())
        db.session.add(Project(number="NEWER", name="Since then"))
        db.session.commit()

        with pytest.raises(SystemBackupError, match="is not empty"):
            restore(file, utcnow())
        other = sa.create_engine(app.config["SQLALCHEMY_DATABASE_URI"])
        with other.connect(), pytest.raises(SystemBackupError, match=r"is in use \(1 connection\)"):
            restore(file, utcnow(), sets_aside=True)
        other.dispose()
        said = restore(file, utcnow(), sets_aside=True)

        assert db.session.scalars(sa.select(Project.number)).all() == ["26-014"]
        assert any("What was there before lies in" in line for line in said)
        [aside] = (app.config["DATA_DIR"] / "before-restore").iterdir()
        numbers = {row[1] for row in rows(aside / "database.db")["project"]}
        assert numbers == {"26-014", "NEWER"}


def test_what_the_server_cannot_hold_changes_nothing(install, tmp_path):
    box, app = install("box", on_server=False), install("here")
    fill(box)
    fill(app)
    with closing(sqlite3.connect(tmp_path / "box" / "drawpack.db")) as connection, connection:
        connection.execute("UPDATE project SET number = ?", ("x" * 61,))
    with box.app_context():
        save(tmp_path / "1.zip", utcnow())
    before = content(app, tmp_path / "before.db")

    with app.app_context():
        said = r"value too long .*; COPY project, line 1, column number\)"
        with pytest.raises(SystemBackupError, match=said):
            restore(tmp_path / "1.zip", utcnow(), sets_aside=True)

    assert content(app, tmp_path / "after.db") == before
    with app.app_context():
        backup = db.session.scalars(sa.select(Backup)).one()
        assert (app.config["DATA_DIR"] / backup.path).exists()


def test_a_database_of_somebody_else_is_not_saved(install, tmp_path):
    app = install("here")
    with app.app_context():
        with pytest.raises(SystemBackupError, match="at revision none"):
            save(tmp_path / "1.zip", utcnow())
        assert not (tmp_path / "1.zip").exists()
