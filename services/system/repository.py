"""A folder of backups that share their files: what was there the last time is not copied again.

    drawpack-backups.json     says what the folder is
    objects/ab/abcdef…        the bytes of each file, once, under their SHA-256
    snapshots/2026-11-22-02-15-00/{manifest.json,database.db}    one backup each
    seen.json                 what needs not be read again; losing it only costs time

Each backup is whole: none needs another one, and any of them can be deleted.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO
from uuid import uuid4
from zipfile import ZipFile

from services import storage
from services.storage import PIECE
from services.system import archive
from services.system.archive import (
    DATABASE,
    FORMAT,
    MANIFEST,
    Manifest,
    Member,
    Members,
    NotABackup,
    understood,
)
from services.system.failures import SystemBackupError

MARK = "drawpack-backups.json"
SNAPSHOTS, OBJECTS, _SEEN, _LOCK = "snapshots", "objects", "seen.json", "lock"
NAME_FORMAT = "%Y-%m-%d-%H-%M-%S"

#: Size, time of change and SHA-256 of a file when it was last saved, by its name.
Seen = dict[str, tuple[int, int, str]]


class Repository:
    """One folder. Whoever writes holds its lock, so that nobody removes what another one counts
    on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Make the folder what it is, and keep others from writing to it. Raises
        SystemBackupError while somebody else does, or where it is something else."""
        self._claim()
        descriptor = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as e:
                raise SystemBackupError(f"Another backup is being made in {self.folder}.") from e
            yield
        finally:
            os.close(descriptor)

    def _claim(self) -> None:
        if self.folder.resolve().is_relative_to(storage.data_dir().resolve()):
            raise SystemBackupError(
                f"{self.folder} lies in the data folder, which it is to save. Name a place on "
                "another disk."
            )
        if not self.folder.is_dir():
            raise SystemBackupError(f"There is no folder {self.folder}.")
        if is_repository(self.folder):
            return
        if any(self.folder.iterdir()):
            raise SystemBackupError(
                f"{self.folder} holds something else. Name an empty folder for the backups."
            )
        for name in (SNAPSHOTS, OBJECTS):
            (self.folder / name).mkdir(mode=0o700, exist_ok=True)
        storage.write_atomically(self.folder / MARK, json.dumps({"format": FORMAT}).encode())

    def snapshots(self) -> list[Path]:
        """The finished backups, oldest first."""
        found = self.folder / SNAPSHOTS
        return sorted(path for path in found.iterdir() if not path.name.startswith("."))

    def place(self, now: datetime) -> Path:
        return self.folder / SNAPSHOTS / now.astimezone(UTC).strftime(NAME_FORMAT)

    def object(self, digest: str) -> Path:
        return self.folder / OBJECTS / digest[:2] / digest

    def holds(self, member: Member) -> bool:
        with suppress(FileNotFoundError):
            return self.object(member.sha256).stat().st_size == member.size
        return False

    def keep(self, path: Path) -> Member:
        """The bytes of a file, copied unless they are there. Raises FileNotFoundError."""
        digest, size = sha256(), 0
        part = self.folder / OBJECTS / f".{uuid4().hex}.part"
        try:
            with path.open("rb") as source, open(part, "xb", opener=_private) as target:
                while piece := source.read(PIECE):
                    digest.update(piece)
                    size += len(piece)
                    target.write(piece)
                target.flush()
                os.fsync(target.fileno())
            member = Member(size, digest.hexdigest())
            if not self.holds(member):
                target_path = self.object(member.sha256)
                target_path.parent.mkdir(mode=0o700, exist_ok=True)
                part.replace(target_path)
        finally:
            part.unlink(missing_ok=True)
        return member

    def seen(self) -> Seen:
        try:
            read = json.loads((self.folder / _SEEN).read_bytes())
            return {str(name): (int(a), int(b), str(c)) for name, (a, b, c) in read.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def note_seen(self, seen: Seen) -> None:
        storage.write_atomically(self.folder / _SEEN, json.dumps(seen).encode())

    def prune(self, keep: int) -> int:
        """Remove all backups but the newest `keep`, and the files that none of the others has;
        how many backups were removed."""
        snapshots = self.snapshots()
        old = snapshots[: -max(keep, 1)]
        for path in old:
            shutil.rmtree(path)
        if old:
            self._sweep(snapshots[len(old) :])
        return len(old)

    def _sweep(self, snapshots: list[Path]) -> None:
        # What cannot be read names we do not know which files: then none is removed.
        named = {
            member.sha256 for path in snapshots for member in read_manifest(path).members.values()
        }
        for path in (self.folder / OBJECTS).rglob("*"):
            if path.is_file() and path.name not in named:
                path.unlink()
        for path in (self.folder / SNAPSHOTS).glob(".*"):
            shutil.rmtree(path, ignore_errors=True)


class Snapshot:
    """One backup of a repository, read as if it were a ZIP."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._folder = folder
        self._repository = Repository(folder.parent.parent)
        self._manifest = manifest

    def namelist(self) -> list[str]:
        members = self._manifest.members.items()
        there = [name for name, each in members if self._path(name, each).is_file()]
        return [*there, MANIFEST]

    def open(self, name: str, /) -> IO[bytes]:
        return self._path(name, self._manifest.members[name]).open("rb")

    def _path(self, name: str, member: Member) -> Path:
        if name == DATABASE:
            return self._folder / DATABASE
        return self._repository.object(member.sha256)


def is_repository(path: Path) -> bool:
    return (path / MARK).is_file()


@contextmanager
def opened(file: Path) -> Iterator[tuple[Members | ZipFile, Manifest]]:
    """A backup and what it says of itself: a file, one folder below `snapshots/`, or the newest of
    a repository. Raises NotABackup, or OSError."""
    if not file.is_dir():
        with archive.opened(file) as found:
            yield found
        return
    folder = file
    if is_repository(file):
        snapshots = Repository(file).snapshots()
        if not snapshots:
            raise NotABackup(f"There is no backup in {file} yet.")
        folder = snapshots[-1]
    if not is_repository(folder.absolute().parent.parent):
        raise NotABackup(f"{file} is not a folder made by “flask system backup --incremental”.")
    folder = folder.absolute()
    manifest = read_manifest(folder)
    yield Snapshot(folder, manifest), manifest


def read_manifest(folder: Path) -> Manifest:
    try:
        return understood(json.loads((folder / MANIFEST).read_bytes()), folder)
    except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError) as e:
        raise NotABackup(f"{folder} is damaged: its list of contents cannot be read.") from e


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
