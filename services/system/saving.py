"""`flask system backup`: everything that must not be lost, in one file, while people work."""

import logging
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import sqlalchemy as sa

import settings
from services import audit, durable, formats, objects, storage
from services.objects import StoreDamaged, StoreUnreachable
from services.system import archive, contents
from services.system.archive import DATA, DATABASE, MANIFEST, Manifest, Member
from services.system.failures import SystemBackupError, disk_in_words
from services.system.snapshots import revision_of, snapshot

#: What is deleted between the copy of the database and that of the files makes another round
#: necessary; nobody deletes that fast for ever.
_ROUNDS = 3
_UNDONE = "no backup was made"
_STAGING = ".drawpack-backup-"
#: No backup takes this long: what is older was left behind by one that was killed.
_ORPHANED = timedelta(days=2)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Saved:
    """What was saved. `missing`: named by the database, but gone or changed in the data folder
    itself, so that no backup can have it."""

    files: int
    size: int
    missing: list[str]


def save(file: Path, now: datetime, *, is_forced: bool = False) -> Saved:
    """Write a backup to `file`, whole or not at all; minutes for many gigabytes.

    Takes no lock that anybody waits for. Raises SystemBackupError; then nothing was written.
    """
    file = file.absolute()
    _check_place(file, is_forced=is_forced)
    with (
        disk_in_words(_UNDONE, file.parent),
        # Beside the file: what is whole then moves to its name in one step.
        TemporaryDirectory(prefix=_STAGING, dir=file.parent) as folder,
    ):
        _sweep(file.parent, now)
        part = Path(folder, "backup.zip")
        part.touch(mode=0o600)
        saved = _write(part, Path(folder, DATABASE), now)
        durable.sync(part)
        _check_place(file, is_forced=is_forced)
        durable.rename(part, file)
    note_saved(file.name, saved)
    return saved


def note_saved(name: str, saved: Saved) -> None:
    lost = {"missing": saved.missing[:20]} if saved.missing else {}
    try:
        audit.note("system.saved", detail={"file": name, "files": saved.files, **lost})
    except sa.exc.DBAPIError:
        # The backup is there all the same.
        log.warning("the backup could not be noted in the audit log")


def _check_place(file: Path, *, is_forced: bool) -> None:
    if file.is_dir():
        raise SystemBackupError(
            f"{file} is a folder; name the file to write, or give --incremental to keep backups "
            "in the folder that share their files."
        )
    if file.exists() and not is_forced:
        raise SystemBackupError(f"{file} exists already. Name another file, or give --force.")
    if not file.parent.is_dir():
        raise SystemBackupError(f"There is no folder {file.parent}.")
    if file.parent.resolve().is_relative_to(storage.data_dir()):
        raise SystemBackupError(
            f"{file} lies in the data folder, which it is to save. Name a place on another disk."
        )
    needed = sum(_size(path) for _, path in contents.saved_files())
    free = shutil.disk_usage(file.parent).free
    if needed > free:
        raise SystemBackupError(
            f"The disk of {file.parent} has {formats.size(free)} left and the backup needs "
            f"{formats.size(needed)}: {_UNDONE}."
        )


def _sweep(folder: Path, now: datetime) -> None:
    for left in folder.glob(f"{_STAGING}*"):
        if left.is_dir() and left.stat().st_mtime < (now - _ORPHANED).timestamp():
            shutil.rmtree(left, ignore_errors=True)


def _size(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def _write(part: Path, copy: Path, now: datetime) -> Saved:
    # Most of what is saved is compressed already.
    with ZipFile(part, "w", ZIP_STORED) as zipped:

        def add(name: str, path: Path) -> Member:
            try:
                return archive.add(zipped, name, path, now, compress=ZIP_STORED)
            except UnicodeEncodeError as e:
                raise SystemBackupError(
                    f"The file {name!a} has a name that cannot be written down. Rename or remove "
                    "it."
                ) from e

        members, missing = gather(copy, add)
        members[DATABASE] = archive.add(zipped, DATABASE, copy, now, compress=ZIP_DEFLATED)
        zipped.writestr(MANIFEST, manifest_of(copy, members, now).to_json(), ZIP_DEFLATED)
    return Saved(len(members) - 1, sum(each.size for each in members.values()), missing)


def gather(copy: Path, add: Callable[[str, Path], Member]) -> tuple[dict[str, Member], list[str]]:
    """Have `add` keep every file, and lay a copy of the database to `copy` that names none which
    is not kept; what was kept, and what cannot be because the data folder has lost it.

    `add` raises FileNotFoundError for a file that was deleted since it was listed.
    """
    members: dict[str, Member] = {}
    missing: list[str] = []
    # The files first, which takes long; then the database, and what came in meanwhile.
    _add_new(members, add)
    for _ in range(_ROUNDS):
        snapshot(copy)
        _add_new(members, add)
        _add_stored(copy, members, add)
        missing = lacking(copy, members)
        if not missing:
            break
    return members, missing


def manifest_of(copy: Path, members: dict[str, Member], now: datetime) -> Manifest:
    return Manifest(now.isoformat(), settings.version(), revision_of(copy), members)


def _add_new(members: dict[str, Member], add: Callable[[str, Path], Member]) -> None:
    for name, path in contents.saved_files():
        if DATA + name not in members:
            with suppress(FileNotFoundError):
                members[DATA + name] = add(DATA + name, path)


def _add_stored(copy: Path, members: dict[str, Member], add: Callable[[str, Path], Member]) -> None:
    """What only the store has is fetched for the moment that it takes to keep it."""
    depot = objects.depot()
    if depot is None:
        return
    named = contents.named_files(copy)
    for name in lacking(copy, members):
        try:
            # Not into the data folder: what lies there, others may be reading.
            with depot.fetched(storage.data_dir() / name, named[name]) as path:
                if path:
                    members[DATA + name] = add(DATA + name, path)
        except StoreUnreachable as e:
            raise SystemBackupError(f"{e} {_UNDONE[0].upper()}{_UNDONE[1:]}.") from e
        except StoreDamaged:
            log.warning("other bytes in the store than were put there: %s", name)


def lacking(database: Path, members: dict[str, Member]) -> list[str]:
    """The files that a database names and `members` have not, or not with these bytes."""
    return [
        name
        for name, digest in sorted(contents.named_files(database).items())
        if DATA + name not in members or members[DATA + name].sha256 != digest
    ]
