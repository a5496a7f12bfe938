"""Which files of a folder may be opened: regular ones, inside the folder, wherever links lead."""

import os
from pathlib import Path

from services.errors import AppError

#: What operating systems and programs leave in folders; never somebody's backup.
_LITTER = {"thumbs.db", "desktop.ini", "__macosx"}


class Refused(AppError):
    """A file or folder that is not opened; the message says why, but not which one."""


def is_litter(name: str) -> bool:
    return name.startswith((".", "~$")) or name.lower() in _LITTER


def file_inside(root: Path, path: Path) -> Path:
    """The real place of a readable regular file below `root`; raises `Refused`."""
    real = _inside(root, path)
    if not real.is_file():
        raise Refused("this is not a regular file.")
    if not os.access(real, os.R_OK):
        raise Refused("the file cannot be read: permission denied.")
    return real


def names_inside(root: Path, folder: Path) -> list[str]:
    """The names in a folder below `root`, sorted; raises `Refused`."""
    real = _inside(root, folder)
    try:
        return sorted(os.listdir(real))  # noqa: PTH208
    except OSError as e:
        raise Refused(f"the folder cannot be read: {e.strerror}.") from e


def _inside(root: Path, path: Path) -> Path:
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError) as e:
        is_link = path.is_symlink()
        raise Refused("the link leads nowhere." if is_link else "the file is missing.") from e
    if not real.is_relative_to(root.resolve()):
        raise Refused("the link leaves the project folder.")
    return real
