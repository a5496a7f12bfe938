"""`flask system restore`: a backup becomes the data folder, whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from models import db
from services import formats, storage
from services.system import contents, crossing
from services.system.archive import DATA, DATABASE, Manifest, Members
from services.system.failures import SystemBackupError, disk_in_words
from services.system.holding import held, refuse_if_open
from services.system.renewing import Renewed, renew
from services.system.repository import opened
from services.system.verifying import Verified, examine

_UNDONE = "nothing was restored"
#: A folder that holds nothing else has nothing to lose: every command makes a secret key.
_SECRETS = ("secret-key", "setup-key")
_NOBODYS = {"lock", "cache-lock", "logs", *_SECRETS}
_STAYS = {"lock", "cache-lock", "logs", "before-restore"}
_STAGING = ".restore-"
#: What was on a server before, as a file.
_BEFORE = "before.db"


def restore(file: Path, now: datetime, *, sets_aside: bool = False) -> list[str]:
    """Bring a backup back into the data folder; returns what was done, sentence by sentence.

    Everything is laid beside, verified and migrated first; only then does it take its place. What
    was there before is moved to `before-restore/`, never deleted, and only if `sets_aside`.
    Raises SystemBackupError.
    """
    data, database = storage.data_dir(), contents.database_path()
    db.engine.dispose()
    with disk_in_words(_UNDONE, data), held(data), opened(file) as (source, manifest):
        _sweep(data)
        if _is_occupied(data, database):
            if not sets_aside:
                raise SystemBackupError(
                    f"{data} is not empty. Restore into an empty folder (DRAWPACK_DATA_DIR), or "
                    "give --set-aside to move what is there into its folder before-restore."
                )
            refuse_if_open(database)
        _check_space(data, manifest)
        with TemporaryDirectory(prefix=_STAGING, dir=data) as folder:
            verified = _laid_out(file, source, manifest, Path(folder))
            renewed = renew(Path(folder, DATABASE), now, manifest.made)
            if database is None and sets_aside and crossing.tables():
                crossing.to_file(Path(folder, _BEFORE))
            aside = data / "before-restore" / f"{now:%Y-%m-%d-%H-%M-%S}" if sets_aside else None
            _put_in_place(Path(folder), data, database, aside)
            # What we tell of must survive the next power cut.
            os.sync()
    return list(_report(file, verified, renewed, aside))


def _sweep(data: Path) -> None:
    """What a restore that was killed has left; we hold the lock, so none is running."""
    for left in data.glob(f"{_STAGING}*"):
        shutil.rmtree(left, ignore_errors=True)


def _is_occupied(data: Path, database: Path | None) -> bool:
    if database.exists() if database else crossing.tables():
        return True
    entries = [entry for entry in data.iterdir() if entry.name not in _NOBODYS]
    return any(
        entry.is_file() or any(path.is_file() for path in entry.rglob("*")) for entry in entries
    )


def _check_space(data: Path, manifest: Manifest) -> None:
    needed = sum(member.size for member in manifest.members.values())
    free = shutil.disk_usage(data).free
    if needed > free:
        raise SystemBackupError(
            f"The disk of {data} has {formats.size(free)} left and the backup needs "
            f"{formats.size(needed)}: {_UNDONE}."
        )


def _laid_out(file: Path, source: Members, manifest: Manifest, folder: Path) -> Verified:
    verified = examine(source, manifest, folder, all_of_it=True)
    if verified.damage:
        raise SystemBackupError(f"{file} is damaged: {verified.damage[0]}; {_UNDONE}.")
    for name in _SECRETS:
        key = folder / DATA / name
        if key.exists():
            key.chmod(0o600)
    return verified


def _put_in_place(folder: Path, data: Path, database: Path | None, aside: Path | None) -> None:
    moved: list[tuple[Path, Path]] = []
    try:
        for source, target in _moves(folder, data, database, aside):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(source, target)
            moved.append((source, target))
        if database is None:
            crossing.from_file(folder / DATABASE)
    except (OSError, SystemBackupError):
        for source, target in reversed(moved):
            shutil.move(target, source)
        raise


def _moves(
    folder: Path, data: Path, database: Path | None, aside: Path | None
) -> Iterator[tuple[Path, Path]]:
    """Which file goes where, in order: the old out of the way, the new in, the database last."""
    if aside:
        stays = [entry.name for entry in data.iterdir() if entry.name.startswith(_STAGING)]
        for entry in sorted(data.iterdir()):
            if entry.name not in {*_STAYS, *stays}:
                yield entry, aside / entry.name
        if database is None and (folder / _BEFORE).exists():
            yield folder / _BEFORE, aside / DATABASE
        for suffix in ("", "-wal", "-shm") if database else ():
            beside = Path(f"{database}{suffix}")
            if beside.exists():
                yield beside, aside / beside.name
    saved = folder / DATA
    for entry in sorted(saved.iterdir()) if saved.exists() else ():
        yield from _into(entry, data / entry.name)
    if database:
        yield folder / DATABASE, database


def _into(source: Path, target: Path) -> Iterator[tuple[Path, Path]]:
    """An empty folder that is there already, perhaps a link to a larger disk, is filled."""
    if not target.is_dir():
        yield source, target
        return
    for entry in sorted(source.iterdir()):
        yield from _into(entry, target / entry.name)


def _report(file: Path, verified: Verified, renewed: Renewed, aside: Path | None) -> Iterator[str]:
    manifest = verified.manifest
    files = formats.counted(len(manifest.members) - 1, "file")
    yield (
        f"Restored the database and {files} ({formats.size(verified.size)}) from {file}, which "
        f"Drawpack {manifest.program} made at {manifest.made[:16].replace('T', ' ')} UTC."
    )
    if renewed.before != renewed.revision:
        yield f"The database was brought from revision {renewed.before} to {renewed.revision}."
    if aside:
        yield f"What was there before lies in {aside}; delete it when nobody misses it."
    for name in verified.missing:
        yield f"MISSING: the database names {name}, which was lost before the backup was made."
    yield "All sessions were ended and links for new passwords withdrawn: everybody signs in again."
    if renewed.backups:
        count = formats.counted(renewed.backups, "backup")
        yield f"{count} that were being compiled count as failed; run them again."
    if renewed.mails:
        count = formats.counted(renewed.mails, "mail")
        yield f"{count} waited to be sent; nobody sends them now unless you do (see each backup)."
    if f"{DATA}secret-key" not in manifest.members:
        yield (
            "The backup has no secret key, because it came from DRAWPACK_SECRET_KEY: set that to "
            "the same value, or the kept passwords of other services must be entered again."
        )
    yield "What was revoked since (links, upload pages, API tokens, accounts) works again: look."
