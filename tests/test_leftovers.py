"""What killed processes left behind goes; what anybody works on stays."""

import os
from datetime import timedelta

from models import ImportJob, ImportStatus, db, utcnow
from services import import_uploads, leftovers, storage
from services.backups import places
from tests.backup_rows import make_backup
from tests.factories import make_project


def make(path, *, age):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"half")
    at = (utcnow() - age).timestamp()
    for each in (path, path.parent):
        os.utime(each, (at, at))
    return path


def test_only_what_is_unfinished_old_and_of_nothing_that_runs_goes(context):
    old, new = leftovers.KEPT_FOR * 2, timedelta(minutes=1)
    project = make_project()
    running = make_backup(project, status="running", heartbeat_at=utcnow())
    done = make_backup(project)
    for status, folder in ((ImportStatus.READY, "a"), (ImportStatus.DONE, "b")):
        db.session.add(ImportJob(title="t", folder=folder * 32, status=status))
    db.session.commit()
    data, digest = storage.data_dir(), "ab" * 32
    finished = storage.data_dir() / done.path
    kept = [
        make(storage.work() / "new.part", age=new),
        make(storage.work() / f"backup-{running.id}" / "half.pdf", age=old),
        make(import_uploads.place("a" * 32) / "zip" / "project.zip", age=old),
        make(data / "prepared" / "ab" / f"{digest}.pdf", age=old),
        make(storage.original(digest), age=old),
        finished,
    ]
    gone = [
        make(storage.work() / "import-x1" / "deep" / "file.csv", age=old).parent.parent,
        make(places.dark(done.id) / "half.pdf", age=old).parent,
        make(import_uploads.place("b" * 32) / "zip" / "project.zip", age=old).parent.parent,
        make(import_uploads.place("c" * 32) / "zip" / "project.zip", age=old).parent.parent,
        make(data / "prepared" / "ab" / f".{digest}.pdf.0123", age=old),
        make(data / "previews" / "ab" / f".{digest}.png.77.part", age=old),
        make(storage.outbox() / ".mail.eml.x.part", age=old),
        make(storage.work() / "old.part", age=old),
    ]
    at = (utcnow() - old).timestamp()
    for folder in gone:
        os.utime(folder, (at, at))

    assert leftovers.sweep(utcnow()) == len(gone)

    assert [path for path in gone if path.exists()] == []
    assert [path for path in kept if not path.exists()] == []
    assert leftovers.sweep(utcnow()) == 0


def test_what_is_worked_on_again_since_it_was_listed_stays(context, monkeypatch):
    path = make(storage.work() / "backup-7" / "half.pdf", age=leftovers.KEPT_FOR * 2)
    listed = leftovers.old(utcnow())
    assert path.parent in listed
    path.write_bytes(b"again")
    monkeypatch.setattr(leftovers, "old", lambda _: listed)

    assert leftovers.sweep(utcnow()) == 0
    assert path.read_bytes() == b"again"
