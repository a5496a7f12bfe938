"""A folder of backups: each is whole, and none copies what another one has."""

import fcntl
import json
import os
import threading
from datetime import timedelta
from hashlib import sha256

import pytest

from models import AuditEntry, StoredFile, db, utcnow
from services import storage
from services.system.failures import SystemBackupError
from services.system.increments import newest, save_increment
from services.system.verifying import verify
from tests.factories import make_file
from tests.test_system_backups import bring_back, data, fresh, rows, tree

__all__ = ["data", "fresh"]
pytestmark = pytest.mark.sqlite("a file that is copied; test_postgresql_backups.py has a server")
NOW = utcnow()


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "backups"
    path.mkdir()
    return path


@pytest.fixture
def saved(app, data, folder):
    """Make a further backup so many hours later."""

    def save(hours=0, keep=None):
        with app.app_context():
            return save_increment(folder, NOW + timedelta(hours=hours), keep=keep)

    return save


def add_file(app, content):
    with app.app_context():
        make_file(content)
        db.session.commit()
        db.session.remove()


def objects(folder):
    return {path.name for path in (folder / "objects").rglob("*") if path.is_file()}


def test_only_what_is_new_is_copied_and_each_backup_is_whole(app, data, folder, saved, fresh):
    first = saved()
    add_file(app, b"a waiver that came later")
    second = saved(1)

    assert first.copied == first.files
    assert (second.copied, second.files) == (1, first.files + 1)
    assert second.missing == []
    with app.app_context():
        for place in (folder, first.place, second.place):
            found = verify(place)
            assert (found.damage, found.missing) == ([], [])
    said = bring_back(fresh, folder)
    there = fresh.config["DATA_DIR"]
    but = {"user", "audit_entry", "sqlite_sequence"}
    assert rows(there / "drawpack.db", but=but) == rows(data / "drawpack.db", but=but)
    kept = set(tree(data)) - {"prepared/ab/abc.pdf", "logs/web.log", "work/x.part"}
    assert set(tree(there)) == kept
    assert "everybody signs in again" in said


def test_an_earlier_one_can_be_brought_back(app, data, saved, fresh):
    first = saved()
    add_file(app, b"a waiver that came later")
    saved(1)

    bring_back(fresh, first.place)

    assert len(rows(fresh.config["DATA_DIR"] / "drawpack.db")["stored_file"]) == 1


def test_what_changed_is_copied_again(app, data, folder, saved):
    (data / "outbox" / "one.eml").write_text("changed, and longer")
    saved()
    (data / "outbox" / "one.eml").write_text("of the same size!!!")
    again = saved(1)

    assert again.copied == 1
    assert sha256(b"of the same size!!!").hexdigest() in objects(folder)
    # Without its memory it only reads more.
    (folder / "seen.json").write_text("not JSON")
    assert saved(2).copied == again.files
    assert saved(3).copied == 0


def test_older_ones_go_and_with_them_what_only_they_had(app, data, folder, saved):
    saved()
    (data / "outbox" / "one.eml").unlink()
    saved(1)
    (folder / "objects" / ".killed.part").write_text("half")
    gone = sha256(b"outbox/one.eml").hexdigest()
    assert gone in objects(folder)

    third = saved(2, keep=2)

    assert third.removed == 1
    assert len(list((folder / "snapshots").iterdir())) == 2
    assert gone not in objects(folder)
    assert ".killed.part" not in objects(folder)
    with app.app_context():
        assert verify(folder).damage == []


def test_nothing_is_removed_while_a_list_cannot_be_read(app, data, folder, saved):
    saved()
    damaged = saved(1).place / "manifest.json"
    damaged.write_text("{")
    before = objects(folder)

    with pytest.raises(SystemBackupError, match="its list of contents cannot be read"):
        saved(2, keep=2)

    assert before <= objects(folder)


def test_a_changed_or_missing_object_is_found_and_not_brought_back(app, data, folder, saved, fresh):
    place = saved().place
    members = json.loads((place / "manifest.json").read_text())["members"]
    digest = members["data/outbox/one.eml"]["sha256"]
    path = folder / "objects" / digest[:2] / digest
    path.write_bytes(b"outbox/one.ems")

    with app.app_context():
        assert verify(folder).damage == ["data/outbox/one.eml differs"]
    with pytest.raises(SystemBackupError, match="is damaged"):
        bring_back(fresh, folder)
    path.unlink()
    with app.app_context():
        assert verify(folder).damage == ["data/outbox/one.eml is missing"]
    # The next one makes it good, for the file is still there.
    assert saved(1).copied == 1
    with app.app_context():
        assert verify(folder).damage == []


def test_it_is_consistent_while_people_write(app, data, folder, saved, fresh):
    stop, written = threading.Event(), []

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
        for number in range(3):
            before = list(written)
            assert saved(number).missing == []
    finally:
        stop.set()
        writer.join()

    bring_back(fresh, folder)
    with fresh.app_context():
        digests = set(db.session.scalars(db.select(StoredFile.sha256)))
        assert set(before) <= digests
        for digest in digests:
            assert sha256(storage.original(digest).read_bytes()).hexdigest() == digest
        db.session.remove()


def test_it_takes_an_empty_folder_or_its_own_and_one_at_a_time(app, data, folder, saved, tmp_path):
    with app.app_context():
        (tmp_path / "letters").mkdir()
        (tmp_path / "letters" / "one.txt").write_text("Dear sirs")
        for place, words in (
            (data / "inside", "lies in the data folder"),
            (tmp_path / "nowhere", "There is no folder"),
            (tmp_path / "letters", "holds something else"),
        ):
            with pytest.raises(SystemBackupError, match=words):
                save_increment(place, NOW)
    assert sorted(path.name for path in (tmp_path / "letters").iterdir()) == ["one.txt"]
    saved()
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(SystemBackupError, match="Another backup is being made"):
            saved(1)


def test_the_command_says_what_it_did(app, data, folder):
    def run(*arguments):
        return app.test_cli_runner().invoke(args=["system", *arguments])

    said = run("backup", str(folder), "--incremental", "--keep", "2")
    assert said.exit_code == 0, said.output
    assert "that were new or changed" in said.stdout
    assert said.stdout.splitlines()[-1].startswith(f"{folder}/snapshots/")
    assert run("verify", str(folder)).exit_code == 0
    assert "give --incremental" in run("backup", str(folder)).stderr
    assert run("backup", str(folder / "x.zip"), "--keep", "2").exit_code == 64
    with app.app_context():
        assert newest(folder) is not None
        assert db.session.scalars(db.select(AuditEntry.action)).all().count("system.saved") == 1
