"""`flask system backup --incremental`: a further backup in a folder of backups."""

import os
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path

from services import durable, formats
from services.system.archive import DATABASE, MANIFEST, Member
from services.system.failures import SystemBackupError, disk_in_words
from services.system.repository import NAME_FORMAT, Repository, Seen
from services.system.saving import Saved, gather, manifest_of, note_saved
from services.system.verifying import damage_of

_UNDONE = "no backup was made"


@dataclass(frozen=True, slots=True)
class Increment(Saved):
    """`copied` of the files, with `copied_size` bytes, were not there before; `removed` older
    backups are gone."""

    place: Path
    copied: int
    copied_size: int
    removed: int


class _Copying:
    """Keeps files; remembers which need not be read again."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._before: Seen = repository.seen()
        self.seen: Seen = {}
        self.copied = self.copied_size = 0

    def add(self, name: str, path: Path) -> Member:
        stat = path.stat()
        size, changed, digest = self._before.get(name, (-1, -1, ""))
        if (size, changed) == (stat.st_size, stat.st_mtime_ns):
            member = Member(size, digest)
            if self._repository.holds(member):
                self.seen[name] = (size, changed, digest)
                return member
        member = self._repository.keep(path)
        self.copied += 1
        self.copied_size += member.size
        self.seen[name] = (member.size, stat.st_mtime_ns, member.sha256)
        return member


def save_increment(folder: Path, now: datetime, *, keep: int | None = None) -> Increment:
    """Add a backup to the folder, whole or not at all, and remove all but the newest `keep`.

    A file with the size and time of change of the last time is not read again. Takes no lock that
    anybody who works waits for. Raises SystemBackupError.
    """
    repository = Repository(folder)
    with disk_in_words(_UNDONE, folder), repository.held():
        place = repository.place(now)
        if place.exists():
            raise SystemBackupError(f"{place} exists already. Try again in a second.")
        dark = place.with_name(f".{place.name}")
        shutil.rmtree(dark, ignore_errors=True)
        dark.mkdir(mode=0o700)
        try:
            increment = _write(repository, dark, place, now)
            durable.rename(dark, place)
        finally:
            shutil.rmtree(dark, ignore_errors=True)
        removed = repository.prune(keep) if keep else 0
    note_saved(place.name, increment)
    return replace(increment, removed=removed)


def _write(repository: Repository, dark: Path, place: Path, now: datetime) -> Increment:
    copying, copy = _Copying(repository), dark / DATABASE
    members, missing = gather(copy, copying.add)
    # The files are what was hashed while they were copied; the copy of the database is looked at.
    if damage := damage_of(copy):
        raise SystemBackupError(f"{damage[0][0].upper()}{damage[0][1:]}; {_UNDONE}.")
    copy.chmod(0o600)
    members[DATABASE] = _hashed(copy)
    manifest = dark / MANIFEST
    manifest.touch(mode=0o600)
    manifest.write_text(manifest_of(copy, members, now).to_json())
    for path in (copy, manifest, dark):
        durable.sync(path)
    repository.note_seen(copying.seen)
    size = sum(each.size for each in members.values())
    return Increment(len(members) - 1, size, missing, place, copying.copied, copying.copied_size, 0)


def _hashed(path: Path) -> Member:
    with path.open("rb") as file:
        return Member(os.fstat(file.fileno()).st_size, file_digest(file, "sha256").hexdigest())


def newest(folder: Path) -> datetime | None:
    """When the newest backup of the folder was begun; None where there is none, or no folder."""
    try:
        snapshots = Repository(folder).snapshots()
    except OSError:
        return None
    times = [_time(path) for path in snapshots]
    return max(filter(None, times), default=None)


def _time(path: Path) -> datetime | None:
    try:
        return datetime.strptime(path.name, NAME_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None


def in_words(increment: Increment) -> str:
    files = formats.counted(increment.files, "file")
    text = (
        f"Saved the database and {files} ({formats.size(increment.size)}); copied "
        f"{formats.counted(increment.copied, 'file')} ({formats.size(increment.copied_size)}) "
        "that were new or changed."
    )
    if increment.removed:
        text += f" Removed {formats.counted(increment.removed, 'older backup')}."
    return text
