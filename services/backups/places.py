"""Where a backup's files lie: in the dark while they are made, in one folder once whole."""

import json
import shutil
from pathlib import Path
from typing import Any

from services import storage


def dark(backup_id: int) -> Path:
    """An empty folder to make the backup in; nobody looks into it."""
    path = _dark(backup_id)
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def folder(backup_id: int) -> Path:
    """The folder of a finished backup: the PDF and its manifest, nothing else."""
    return storage.backups() / str(backup_id)


def manifest_of(pdf: Path) -> Path:
    """The manifest lies beside the PDF, under its name and `.json`."""
    return pdf.with_name(f"{pdf.name.removesuffix('.pdf')}.json")


def publish(backup_id: int, pdf: Path, manifest: dict[str, Any]) -> Path:
    """Bring the finished PDF and its manifest to light in one step; the PDF's new path."""
    whole = pdf.parent / "whole"
    whole.mkdir()
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    storage.write_atomically(manifest_of(whole / pdf.name), text.encode())
    pdf.replace(whole / pdf.name)
    target = folder(backup_id)
    shutil.rmtree(target, ignore_errors=True)
    whole.replace(target)
    return target / pdf.name


def clear(backup_id: int) -> None:
    """Remove what lies in the dark."""
    shutil.rmtree(_dark(backup_id), ignore_errors=True)


def remove(backup_id: int) -> None:
    """Remove everything of this backup."""
    clear(backup_id)
    shutil.rmtree(folder(backup_id), ignore_errors=True)


def _dark(backup_id: int) -> Path:
    return storage.work() / f"backup-{backup_id}"
