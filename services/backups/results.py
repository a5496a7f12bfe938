"""The files of a finished backup: one PDF or its volumes, and the ZIP of originals."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models import Backup
from services import objects, storage


@dataclass(frozen=True, slots=True)
class BackupFile:
    """A file to download. `volume` counts from 1; `pages` is 0 for a ZIP."""

    path: Path
    size: int
    sha256: str
    pages: int = 0
    volume: int = 1


def files_of(backup: Backup) -> list[BackupFile]:
    """The PDFs in order; empty while there are none, or when somebody removed one from the disk.

    With a store they need not be on this host: whoever opens one brings it first.
    """
    files = list(_files(backup))
    return [] if objects.is_lost(*(file.path for file in files)) else files


def _files(backup: Backup) -> Iterator[BackupFile]:
    if not backup.path or backup.files_removed_at:
        return
    first = storage.data_dir() / backup.path
    manifest = backup.manifest or {}
    for number, row in enumerate(manifest.get("volumes", ()), 1):
        path = first.with_name(row["name"])
        yield BackupFile(path, row["bytes"], row["sha256"], row["pages"], number)
    if not manifest.get("volumes"):
        yield BackupFile(first, backup.size or 0, backup.sha256 or "", backup.pages or 0)


def pdf_of(backup: Backup, volume: int = 1) -> Path | None:
    """The finished PDF, or that volume of it; None where there is none."""
    return next((file.path for file in files_of(backup) if file.volume == volume), None)


def originals_of(backup: Backup) -> BackupFile | None:
    """The ZIP of the files as they were received, if one was asked for and is still there."""
    row = (backup.manifest or {}).get("originals")
    if not row or not backup.path or backup.files_removed_at:
        return None
    path = (storage.data_dir() / backup.path).with_name(row["name"])
    return None if objects.is_lost(path) else BackupFile(path, row["bytes"], row["sha256"])
