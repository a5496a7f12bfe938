"""Clears the store of what no row names.

Every host puts objects there before their rows are committed, so a young one may be an upload in
progress, and an old one may be put there again at any moment. It is therefore looked at once more
and deleted under the lock of who writes rows; `storage.put_originals` says what that is worth.
"""

import logging
import re
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

import sqlalchemy as sa

from binder.fragment import FRAGMENT_VERSION
from models import Backup, BackupStatus, ImportJob, StoredFile, db, reading, writing
from services import objects, storage
from services.objects import Depot, Stored

#: By then an upload has its row.
KEPT_FOR = timedelta(days=1)
#: Objects deleted under one lock: a moment, for others wait.
_AT_ONCE = 16
#: Names to ask the database for at a time.
_ASKED = 500
#: What we name an object, and where in it the name of its owner stands. Everything else in the
#: bucket is somebody else's, and stays.
_ORIGINAL = re.compile(r"files/[0-9a-f]{2}/([0-9a-f]{64})")
_PREVIEW = re.compile(r"previews/[0-9a-f]{2}/([0-9a-f]{64})\.png")
_BACKUP = re.compile(r"backups/([1-9][0-9]{0,17})/[^/]+")
_IMPORT = re.compile(r"imports/([0-9a-f]{32})/.+")
_FRAGMENT = re.compile(r"prepared-([0-9]+)/[0-9a-f]{2}/[0-9a-f]{64}\.pdf")
#: Of a look at the store that was killed; nobody owns one.
_CHECK = re.compile(r"checks/([0-9a-f]{32})")
T = TypeVar("T")

log = logging.getLogger(__name__)


def leftovers(now: datetime) -> Iterator[Stored]:
    """Objects that no row names and that are older than a day. Raises StoreUnreachable."""
    if not _is_ours():
        return
    before = now - KEPT_FOR
    for some in _batched(objects.below(storage.data_dir()), _ASKED):
        old = {each.name: each for each in some if each.changed < before}
        with reading():
            needed = _needed(old)
        yield from (each for name, each in old.items() if name not in needed)


def clean(now: datetime) -> int:
    """Delete the leftovers; how many. Raises StoreUnreachable."""
    depot = objects.depot()
    if depot is None:
        return 0
    names = [each.name for each in leftovers(now)]
    return sum(_delete(depot, some, now) for some in _batched(iter(names), _AT_ONCE))


def _is_ours() -> bool:
    """Whether the database belongs to this store: an empty one, or one of another installation,
    names none of its uploads, and would have all of them thrown away."""
    originals = (
        each.name
        for each in objects.below(storage.data_dir() / "files")
        if _ORIGINAL.fullmatch(each.name)
    )
    is_empty = True
    for some in _batched(originals, _ASKED):
        is_empty = False
        with reading():
            if _needed(some):
                return True
    if not is_empty:
        log.warning("the database names none of the uploads in the store; nothing is deleted")
    return is_empty


def _batched(each: Iterator[T], most: int) -> Iterator[list[T]]:
    while some := list(islice(each, most)):
        yield some


def _delete(depot: Depot, names: Collection[str], now: datetime) -> int:
    with writing(), ThreadPoolExecutor(_AT_ONCE) as pool:
        # Begins the transaction, and with it the lock.
        needed = _needed(names)
        found = pool.map(depot.objects.find, sorted(set(names) - needed))
        gone = [each.name for each in found if each and each.changed < now - KEPT_FOR]
        if gone:
            depot.objects.delete(gone)
    return len(gone)


def _needed(names: Collection[str]) -> set[str]:
    """Those that rows name, that others made, and that only drawing them again would name."""
    originals, previews = _owners(_ORIGINAL, names), _owners(_PREVIEW, names)
    backups, imports = _owners(_BACKUP, names), _owners(_IMPORT, names)
    versions = _owners(_FRAGMENT, names)
    digests = {*originals.values(), *previews.values()}
    stored = sa.select(StoredFile.sha256).where(StoredFile.sha256.in_(digests))
    uploaded = sa.select(ImportJob.folder).where(ImportJob.folder.in_(imports.values()))
    finished = _with_files([*map(int, backups.values())])
    living = {str(FRAGMENT_VERSION), *db.session.scalars(stored), *db.session.scalars(uploaded)}
    living.update(map(str, db.session.scalars(finished)))
    ours = originals | previews | backups | imports | versions | _owners(_CHECK, names)
    return {name for name in names if name not in ours or ours[name] in living}


def _owners(pattern: re.Pattern[str], names: Collection[str]) -> dict[str, str]:
    return {name: match[1] for name in names if (match := pattern.fullmatch(name))}


def _with_files(ids: Collection[int]) -> sa.Select[int]:
    is_wanted = sa.or_(
        Backup.path.is_not(None),
        Backup.status.in_((BackupStatus.QUEUED, BackupStatus.RUNNING)),
    )
    there = Backup.files_removed_at.is_(None)
    return sa.select(Backup.id).where(Backup.id.in_(ids), there, is_wanted)
