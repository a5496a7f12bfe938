"""What rows name and what the store has, compared: missing files, other bytes, and leftovers."""

import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa

from binder.fragment import FRAGMENT_VERSION
from models import Backup, BackupStatus, ImportJob, StoredFile, db, reading
from services import objects, storage
from services.objects import Depot, Stored
from services.system.contents import of_backup

#: Bytes are put there before their row is committed, and by hosts that nobody hears of.
KEPT_FOR = timedelta(days=1)
_AT_ONCE = 4
_DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Verified:
    """How many files rows name, and those that are not there or have other bytes."""

    files: int
    missing: list[str]
    damaged: list[str]


def named() -> dict[str, str]:
    """The SHA-256 of every file that a row names, by its name in the store."""
    data = storage.data_dir()
    with reading():
        digests = db.session.scalars(sa.select(StoredFile.sha256)).all()
        done = db.session.execute(
            sa.select(Backup.path, Backup.sha256, Backup.manifest).where(
                Backup.status == BackupStatus.DONE, Backup.files_removed_at.is_(None)
            )
        ).all()
    found = {storage.original(each).relative_to(data).as_posix(): each for each in digests}
    for path, digest, manifest in done:
        found.update(of_backup(path, digest, manifest))
    return found


def missing(wanted: Mapping[str, str]) -> list[str]:
    """Those of `wanted` that the store has not, by its list. Raises StoreUnreachable."""
    there = {each.name for folder in ("files", "backups") for each in objects.below(_at(folder))}
    return sorted(wanted.keys() - there)


def verify() -> Verified:
    """Read every file that a row names from the store and compare its digest: as long as all that
    takes to arrive. Raises StoreUnreachable."""
    depot, wanted = objects.depot(), named()
    if depot is None:
        return Verified(0, [], [])
    lost = missing(wanted)
    rest = sorted(wanted.keys() - set(lost))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        digests = pool.map(lambda name: _digest(depot, name), rest)
        damaged = [name for name, got in zip(rest, digests, strict=True) if got != wanted[name]]
    return Verified(len(wanted), lost, damaged)


def leftovers(now: datetime) -> Iterator[Stored]:
    """Objects that no row names and that are older than a day. Raises StoreUnreachable."""
    wanted, before = named(), now - KEPT_FOR
    with reading():
        kept = {f"imports/{folder}" for folder in db.session.scalars(sa.select(ImportJob.folder))}
        kept |= {
            Path(path).parent.as_posix()
            for path in db.session.scalars(
                sa.select(Backup.path).where(Backup.files_removed_at.is_(None))
            )
            if path
        }
    digests = {name.rpartition("/")[2] for name in wanted}
    if not wanted:
        # An empty database would have everything thrown away; a store that it fills loses nothing.
        return
    for each in objects.below(storage.data_dir()):
        if each.changed < before and not _is_needed(each.name, wanted, digests, kept):
            yield each


def _is_needed(name: str, wanted: Mapping[str, str], digests: set[str], kept: set[str]) -> bool:
    folder, _, rest = name.partition("/")
    if folder == "files":
        return name in wanted or not _DIGEST.fullmatch(rest.rpartition("/")[2])
    if folder == "backups" and not rest.partition("/")[0].isdigit():
        # Somebody else's, in a bucket that is not ours alone.
        return True
    if folder in {"backups", "imports"}:
        return "/".join(name.split("/")[:2]) in kept
    if folder == "previews":
        return rest.rpartition("/")[2].removesuffix(".png") in digests
    # Fragments of drawings bear names that only drawing them again would tell.
    return not (folder.startswith("prepared-") and folder != f"prepared-{FRAGMENT_VERSION}")


def clean(now: datetime) -> int:
    """Delete the leftovers; how many. Raises StoreUnreachable."""
    depot = objects.depot()
    names = [each.name for each in leftovers(now)]
    if depot and names:
        depot.objects.delete(names)
    return len(names)


def _digest(depot: Depot, name: str) -> str:
    found = depot.objects.fetch(name)
    digest = sha256()
    for piece in found[1] if found else ():
        digest.update(piece)
    return digest.hexdigest()


def _at(folder: str) -> Path:
    return storage.data_dir() / folder
