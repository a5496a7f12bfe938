"""What a power cut may not take: the order of syncs and renames."""

import os
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa

from models import db
from services import import_uploads, storage
from services.backups import places
from services.files import keep

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="reads /proc")


@pytest.fixture
def synced(monkeypatch):
    """Names at the moment of each fsync: (path, names in it if it is a folder)."""
    seen = []
    real = os.fsync

    def fsync(descriptor):
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        seen.append((path, sorted(each.name for each in path.iterdir()) if path.is_dir() else None))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    return seen


def has(synced, folder, name):
    """Whether `folder` was synced when it had that name."""
    return any(path == folder and name in (names or ()) for path, names in synced)


def lasts(synced, path):
    """Whether each name on the way to `path` is on the disk."""
    data = storage.data_dir()
    steps = [path, *path.parents[: len(path.relative_to(data).parts) - 1]]
    return all(has(synced, step.parent, step.name) for step in steps)


def test_an_uploaded_file_and_its_name_are_on_the_disk_before_its_row(context, synced):
    kept = keep(BytesIO(b"%PDF-1.7 a waiver"), "waiver.pdf")

    assert [path.suffix for path, names in synced if names is None] == [".part"]
    assert lasts(synced, storage.original(kept.sha256))


def test_what_is_written_at_once_lasts(context, synced):
    storage.write_atomically(storage.drawn("ab" * 32), b"%PDF")

    assert lasts(synced, storage.drawn("ab" * 32))


def test_a_finished_backup_lasts_before_its_row_says_so(context, synced):
    pdf = places.dark(7) / "Backup.pdf"
    pdf.write_bytes(b"%PDF")

    path = places.publish(7, pdf, {"volumes": [], "originals": None})

    assert has(synced, pdf.parent / "whole", "Backup.pdf")
    assert has(synced, path.parent.parent, "7")


def test_an_uploaded_project_lasts(context, synced):
    folder = import_uploads.place("f" * 32)
    import_uploads.keep({".zip": (BytesIO(b"PK"), "project.zip")}, folder)

    assert has(synced, folder / "zip", "project.zip")
    assert has(synced, folder, "zip")
    assert has(synced, folder.parent, folder.name)


@pytest.mark.sqlite("a server has its own settings")
def test_a_commit_is_on_the_disk(context):
    assert db.session.scalar(sa.text("PRAGMA synchronous")) == 2
