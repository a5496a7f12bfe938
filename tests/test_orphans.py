"""Files that no row names go, and nothing else ever does."""

import fcntl
import io
import os
import threading
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from jobs import housekeeping
from models import Backup, StoredFile, db, utcnow
from services import drawings, files, orphans, retention, storage
from services.backups import places
from services.objects import holding
from tests.backup_rows import add_invoice, make_backup, make_tower
from tests.factories import make_file, make_project

NOW = utcnow()
OLD = (NOW - timedelta(days=3)).timestamp()


def age(*paths):
    for path in paths:
        for each in [path, *path.rglob("*")] if path.is_dir() else [path]:
            os.utime(each, (OLD, OLD))


def put(path, content=b"orphan"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def stray(content=b"nobody's"):
    """Bytes that were stored, and whose row never came."""
    digest, _ = storage.keep(io.BytesIO(content))
    age(storage.original(digest))
    return storage.original(digest)


def name_one():
    """A file with its row, by which the database is known to be that of the folder."""
    make_file(b"somebody's")
    db.session.commit()


def names(found):
    return {orphan.path for orphan in found}


def test_each_kind_of_file_goes_only_without_its_row(context):
    kept = make_file(b"somebody's")
    project = make_tower()
    invoice = add_invoice(project, "SC-1")
    backup = make_backup(project)
    db.session.commit()
    drawings.draw(invoice.id)
    drawings.prepare(invoice.content_key)
    data = storage.data_dir()
    lost = [
        stray(),
        put(storage.prepared("ab" * 32)),
        put(storage.drawn("cd" * 32)),
        put(data / "previews" / "ef" / f"{'ef' * 32}.png"),
        put(places.folder(9999) / "old.pdf").parent,
    ]
    put(storage.prepared(kept.sha256))
    put(files.preview_path(kept.sha256))
    put(data / "backups" / "notes of the administrator" / "read.me")
    age(*[data / name for name in ("files", "prepared", "drawn", "previews", "backups")])
    before = {path for path in data.rglob("*") if path.is_file()}

    assert names(orphans.find(NOW)) == set(lost)
    assert housekeeping.sweep_orphans(NOW) == len(lost)
    gone = before - {path for path in data.rglob("*") if path.is_file()}
    assert {path if path.parent.name != "9999" else path.parent for path in gone} == set(lost)
    assert places.folder(backup.id).exists()
    assert not list(storage.work().iterdir())
    assert housekeeping.sweep_orphans(NOW) == 0


def test_what_is_young_stays(context):
    name_one()
    digest, _ = storage.keep(io.BytesIO(b"its row comes in a moment"))

    assert list(orphans.find(NOW)) == []
    assert names(orphans.find(NOW + timedelta(days=2))) == {storage.original(digest)}


def test_the_same_bytes_uploaded_again_are_young_again_and_not_newer(context):
    path = stray(b"sent twice")
    written = path.stat().st_mtime_ns

    storage.keep(io.BytesIO(b"sent twice"))

    assert list(orphans.find(NOW)) == []
    assert path.stat().st_mtime_ns == written


def test_a_row_or_a_touch_that_comes_while_it_sweeps_brings_the_file_back(context):
    name_one()
    named, touched = stray(b"named meanwhile"), stray(b"touched meanwhile")
    found = list(orphans.find(NOW))
    assert names(found) == {named, touched}
    make_file(b"named meanwhile")
    db.session.commit()
    os.utime(named, (OLD, OLD))
    os.utime(touched, ns=(NOW.timestamp().__int__() * 10**9, touched.stat().st_mtime_ns))

    assert not any(orphans._throw_away(orphan, NOW) for orphan in found)
    assert named.read_bytes() == b"named meanwhile"
    assert touched.read_bytes() == b"touched meanwhile"


def test_no_upload_loses_its_bytes_to_a_sweep_at_the_same_time(app):
    """The same old bytes are swept and uploaded again and again, by two who know nothing of each
    other."""
    stop, stored = threading.Event(), []

    def sweep():
        with app.app_context():
            while not stop.is_set():
                orphans.sweep(NOW)
            db.session.remove()

    sweeper = threading.Thread(target=sweep)
    sweeper.start()
    try:
        with app.app_context():
            for number in range(40):
                content = b"%d" % number
                stored.append(stray(content))
                files.record(files.keep(io.BytesIO(content), "a.pdf"))
                db.session.commit()
            db.session.remove()
    finally:
        stop.set()
        sweeper.join()
    # Only now: for a moment the sweep lays aside what it then puts back.
    assert [path.name for path in stored] == [
        sha256(path.read_bytes()).hexdigest() for path in stored
    ]


def test_what_retention_was_kept_from_removing_is_found(context, monkeypatch):
    project = make_project()
    backup = make_backup(project, finished_at=NOW - timedelta(days=100))
    db.session.commit()
    retention.choose(retention.Rule(days=90))
    folder = places.folder(backup.id)
    with monkeypatch.context() as patch:
        patch.setattr(places, "remove", lambda _: None)
        retention.apply(NOW)
    age(folder)
    assert folder.exists()

    assert housekeeping.sweep_orphans(NOW) == 1
    assert not folder.exists()
    assert db.session.get(Backup, backup.id) is not None


@pytest.mark.parametrize("arguments", [["--dry-run"], []])
def test_the_command_names_what_goes(app, arguments):
    with app.app_context():
        name_one()
        path = stray()
    said = app.test_cli_runner().invoke(args=["system", "sweep", *arguments])

    assert said.exit_code == 0, said.output
    assert str(path.relative_to(app.config["DATA_DIR"])) in said.stdout
    assert path.exists() == bool(arguments)


@pytest.mark.parametrize("others", [0, 1])
def test_a_database_that_names_none_of_the_files_has_none_thrown_away(context, others):
    """It is empty, or that of another installation: somebody mistyped its name."""
    paths = [stray(b"%d" % number) for number in range(3)]
    for number in range(others):
        db.session.add(StoredFile(sha256=f"{number:064x}", size=1))
    db.session.commit()

    assert orphans.sweep(NOW) == []
    assert all(path.exists() for path in paths)


def test_a_database_that_goes_away_in_mid_sweep_loses_no_file(context, monkeypatch):
    path = stray()
    (orphan,) = list(orphans._uploads(OLD + 1))
    monkeypatch.setattr(db.session, "get", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        orphans._throw_away(orphan, NOW)
    assert path.exists()


def test_a_sweep_that_is_killed_at_any_step_leaves_each_upload_in_its_place(context, monkeypatch):
    """Never under another name, where nobody would look for bytes that are uploaded again."""
    name_one()
    path = stray()
    (orphan,) = list(orphans.find(NOW))

    def killed(*_, **__):
        raise KeyboardInterrupt

    for step in ("unlink", "stat"):
        with monkeypatch.context() as patch:
            patch.setattr(Path, step, killed)
            with pytest.raises(KeyboardInterrupt):
                orphans._throw_away(orphan, NOW)
        assert path.read_bytes() == b"nobody's"
    with monkeypatch.context() as patch:
        patch.setattr(orphans, "reading", killed)
        with pytest.raises(KeyboardInterrupt):
            orphans._throw_away(orphan, NOW)
    assert path.read_bytes() == b"nobody's"
    assert not list(storage.work().iterdir())


def test_bytes_that_were_harmed_are_laid_anew_past_a_sweep_that_looks(context):
    """The sweep has looked at the old file and is about to remove it: the new one waits."""
    name_one()
    path = stray(b"harmed")
    path.write_bytes(b"other")
    age(path)
    laid = threading.Thread(target=lay_in, args=(context, b"harmed"))
    with holding._lock(storage.data_dir(), fcntl.LOCK_EX):
        laid.start()
        laid.join(0.2)
        assert path.read_bytes() == b"other"
        path.unlink()
    laid.join()
    assert path.read_bytes() == b"harmed"


def lay_in(app, content):
    with app.app_context():
        storage.lay(io.BytesIO(content))


def test_a_backup_that_got_its_row_back_keeps_its_folder(context):
    name_one()
    backup = make_backup(make_project())
    db.session.commit()
    folder = put(places.folder(backup.id) / "old.pdf").parent

    assert not orphans._throw_away(orphans.Orphan(folder, 6), NOW)
    assert folder.exists()
