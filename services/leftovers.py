"""What processes that were killed left unfinished on the disk: found, and thrown away once nobody
can be at work on it any more."""

import logging
import os
import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from models import Backup, BackupStatus, ImportJob, db, reading
from models.import_job import RUNNING
from services import storage

#: Nothing of ours goes on for so long without writing.
KEPT_FOR = timedelta(hours=6)
#: Where files are made under a name that begins with a dot, beside the one that they get.
_MADE_BESIDE = ("drawn", "prepared", "previews", "outbox", "files")

log = logging.getLogger(__name__)


def sweep(now: datetime) -> int:
    """Throw away what is unfinished, belongs to nothing that runs, and was not written to for
    `KEPT_FOR`; how many files and folders."""
    found = [path for path in old(now) if _throw_away(path, now)]
    if found:
        log.info("cleared away what was left unfinished: %s", [path.name for path in found])
    return len(found)


def old(now: datetime) -> list[Path]:
    """What `sweep` throws away."""
    with reading():
        return [path for path in unfinished() if _is_old(path, now)]


def _throw_away(path: Path, now: datetime) -> bool:
    # Asked again: a backup that runs again has made its folder anew since it was listed.
    if not _is_old(path, now):
        return False
    shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    return True


def _is_old(path: Path, now: datetime) -> bool:
    return _newest(path) < (now - KEPT_FOR).timestamp()


def unfinished() -> Iterator[Path]:
    """All that is unfinished, also what somebody works on now and old."""
    data = storage.data_dir()
    yield from _in(data / "work", but={f"backup-{row}" for row in _running()})
    yield from _in(data / "imports", but=_uploads())
    yield from (path for path in _in(data) if path.name.startswith(".secret-key."))
    yield from (path for path in _in(data) if path.name.startswith(".check-"))
    for name in _MADE_BESIDE:
        for place, _, names in os.walk(data / name):
            yield from (Path(place, each) for each in names if each.startswith("."))


def _in(folder: Path, but: Iterable[str] = ()) -> Iterator[Path]:
    known = set(but)
    if folder.is_dir():
        yield from (path for path in sorted(folder.iterdir()) if path.name not in known)


def _running() -> list[int]:
    is_running = Backup.status == BackupStatus.RUNNING
    return list(db.session.scalars(sa.select(Backup.id).where(is_running)))


def _uploads() -> list[str]:
    """The folders of uploads that wait or are worked on. Of others the files are of no use: they
    were imported, or a person uploads them again."""
    waiting = [*RUNNING, "uploaded", "ready", "confirmed"]
    return list(
        db.session.scalars(sa.select(ImportJob.folder).where(ImportJob.status.in_(waiting)))
    )


def _newest(path: Path) -> float:
    """When anything in it was written last."""
    try:
        below = path.rglob("*") if path.is_dir() else ()
        return float(max(each.lstat().st_mtime for each in [path, *below]))
    except FileNotFoundError:
        # It went while we looked: somebody works on it.
        return float("inf")
