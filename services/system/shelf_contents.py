"""What rows name and what the store has, compared: missing files, and other bytes."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa

from models import Backup, BackupStatus, StoredFile, db, reading
from services import objects, storage
from services.objects import Depot
from services.system.contents import of_backup

_AT_ONCE = 4


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


def _digest(depot: Depot, name: str) -> str:
    found = depot.objects.fetch(name)
    digest = sha256()
    for piece in found[1] if found else ():
        digest.update(piece)
    return digest.hexdigest()


def _at(folder: str) -> Path:
    return storage.data_dir() / folder
