"""Files that no row names: found, and thrown away once they are older than a day.

Bytes are stored before their row is, so a young file without one may be an upload in progress.
What was not finished at all is the business of `leftovers`.
"""

import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import file_digest
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa

from models import Backup, BackupStatus, Invoice, StoredFile, db, reading
from services import storage
from services.objects import holding

KEPT_FOR = timedelta(days=1)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Orphan:
    """A file, or the folder of a backup, with its size in bytes."""

    path: Path
    size: int
    #: Uploaded bytes, which are nowhere else; everything else can be made again.
    is_original: bool = False


def find(now: datetime) -> Iterator[Orphan]:
    """All of them; a question to the database for each of 256 folders, so no list grows large."""
    before = (now - KEPT_FOR).timestamp()
    if not _is_ours():
        return
    yield from _uploads(before)
    keys = _drawings()
    yield from _derived("previews", set(), before)
    yield from _derived("prepared", _fragments_of(keys), before)
    for path in _files(storage.data_dir() / "drawn"):
        if _name(path) not in keys and _is_older(path, before):
            yield Orphan(path, path.stat().st_size)
    yield from _backups(before)


def sweep(now: datetime) -> list[Orphan]:
    """Throw them away; those that went. Never one that got its row meanwhile."""
    return [orphan for orphan in list(find(now)) if _throw_away(orphan, now)]


def _is_ours() -> bool:
    """Whether the database belongs to this folder: an empty one, or one of another installation,
    names none of its files, and would have all of them thrown away."""
    shards = list(_shards("files"))
    if not any(True for shard in shards for _ in _files(shard)):
        return True
    if any(path.name in _stored(shard.name) for shard in shards for path in _files(shard)):
        return True
    log.warning("the database names none of the uploads in the data folder; nothing is swept")
    return False


def _uploads(before: float) -> Iterator[Orphan]:
    for shard in _shards("files"):
        named = _stored(shard.name)
        for path in _files(shard):
            if path.name not in named and _is_older(path, before):
                yield Orphan(path, path.stat().st_size, is_original=True)


def _derived(folder: str, others: set[str], before: float) -> Iterator[Orphan]:
    for shard in _shards(folder):
        named = _stored(shard.name) | others
        for path in _files(shard):
            if _name(path) not in named and _is_older(path, before):
                yield Orphan(path, path.stat().st_size)


def _backups(before: float) -> Iterator[Orphan]:
    with reading():
        there = Backup.files_removed_at.is_(None)
        known = {str(row) for row in db.session.scalars(sa.select(Backup.id).where(there))}
    folder = storage.data_dir() / "backups"
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        # What has another name is none of ours.
        if path.is_dir() and path.name.isdigit() and path.name not in known:
            files = [each for each in path.rglob("*") if each.is_file()]
            if path.stat().st_mtime < before and all(_is_older(each, before) for each in files):
                yield Orphan(path, sum(each.stat().st_size for each in files))


def _stored(shard: str) -> set[str]:
    chosen = sa.select(StoredFile.sha256).where(StoredFile.sha256.startswith(shard))
    with reading():
        return set(db.session.scalars(chosen))


def _drawings() -> set[str]:
    """The keys of what invoices look like now, or looked like for a backup that waits."""
    waiting = Backup.status.in_((BackupStatus.QUEUED, BackupStatus.RUNNING))
    with reading():
        keys = set(db.session.scalars(sa.select(Invoice.content_key)))
        for request in db.session.scalars(sa.select(Backup.request).where(waiting)):
            keys |= {row.get("content_key") for row in request.get("invoices", ())}
    return {key for key in keys if key}


def _fragments_of(keys: set[str]) -> set[str]:
    """A drawing's fragment bears the hash of the drawing."""
    found = set()
    for key in keys:
        with suppress(FileNotFoundError), storage.drawn(key).open("rb") as file:
            found.add(file_digest(file, "sha256").hexdigest())
    return found


def _shards(folder: str) -> Iterator[Path]:
    place = storage.data_dir() / folder
    for path in sorted(place.iterdir()) if place.is_dir() else ():
        if path.is_dir() and len(path.name) == 2:
            yield path


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(place, name) for name in sorted(names) if not name.startswith("."))


def _name(path: Path) -> str:
    return path.name.split(".", 1)[0]


def _is_older(path: Path, before: float) -> bool:
    """Whether nobody has written it, or stored the same bytes again, since."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return False
    return max(stat.st_mtime, stat.st_atime) < before


def _throw_away(orphan: Orphan, now: datetime) -> bool:
    """Asks again: many were listed before, and somebody may have come for this one meanwhile."""
    path, before = orphan.path, (now - KEPT_FOR).timestamp()
    if path.is_dir():
        return _remove_folder(path)
    if orphan.is_original:
        with reading():
            if db.session.get(StoredFile, path.name) is not None:
                return False
    # Who stores the same bytes again touches them first, under the same lock: either he is seen
    # here, or he finds them gone and lays his own.
    return holding.removed(storage.data_dir(), path, before)


def _remove_folder(path: Path) -> bool:
    there = Backup.id == int(path.name), Backup.files_removed_at.is_(None)
    with reading():
        if db.session.scalar(sa.select(Backup.id).where(*there)) is not None:
            return False
    # Whole or not at all: what is left of one that was killed in between is swept from there.
    aside = storage.work() / f"orphan-{uuid4().hex}"
    path.rename(aside)
    shutil.rmtree(aside)
    return True
