"""What survives a power cut: bytes once their file is synced, a name once its folder is."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Wait until the bytes of a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(path: Path) -> Path:
    """Make a folder and those above it, with names that last."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(exist_ok=True)
        sync(path.parent)
    return path


def rename(source: Path, target: Path) -> None:
    """Put `source`, which is synced itself, in the place of `target`; it lasts on return."""
    source.replace(target)
    sync(target.parent)
