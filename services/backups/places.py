"""Where a backup's files lie: in the dark while they are made, in one folder once whole."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

from services import durable, objects, storage

#: What a file of several has behind the backup's own name.
_VOLUME = re.compile(r" - volume \d+ of \d+$")


def dark(backup_id: int) -> Path:
    """An empty folder to make the backup in; nobody looks into it."""
    path = _dark(backup_id)
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def folder(backup_id: int) -> Path:
    """The folder of a finished backup: the PDF or its volumes, their manifest, and the ZIP of
    originals if it was asked for. Nothing else."""
    return storage.backups() / str(backup_id)


def manifest_of(pdf: Path) -> Path:
    """The manifest lies beside the PDF, under its name without the volume and `.json`."""
    return pdf.with_name(f"{_VOLUME.sub('', pdf.name.removesuffix('.pdf'))}.json")


def publish(backup_id: int, pdf: Path, manifest: dict[str, Any]) -> Path:
    """Bring the finished files and their manifest to light in one step; where the first PDF then
    lies.

    `pdf` is where it is, or would be but for its volumes, which lie beside it.
    """
    whole = pdf.parent / "whole"
    whole.mkdir()
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    storage.write_atomically(manifest_of(whole / pdf.name), text.encode())
    names: list[str] = [row["name"] for row in manifest["volumes"]] or [pdf.name]
    zipped = [manifest["originals"]["name"]] if manifest["originals"] else []
    for name in [*names, *zipped]:
        pdf.with_name(name).replace(whole / name)
    target = folder(backup_id)
    shutil.rmtree(target, ignore_errors=True)
    durable.sync(whole)
    durable.rename(whole, target)
    objects.put(*sorted(target.iterdir()))
    return target / names[0]


def clear(backup_id: int) -> None:
    """Remove what lies in the dark."""
    shutil.rmtree(_dark(backup_id), ignore_errors=True)


def remove(backup_id: int) -> None:
    """Remove everything of this backup."""
    remove_here(backup_id)
    objects.drop(folder(backup_id))


def remove_here(backup_id: int) -> None:
    """Remove what this host has of it. What another has put into the store is swept later."""
    clear(backup_id)
    shutil.rmtree(folder(backup_id), ignore_errors=True)


def _dark(backup_id: int) -> Path:
    return storage.work() / f"backup-{backup_id}"
