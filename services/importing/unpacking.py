"""A ZIP laid out as a folder, below the data folder, for as long as it is read."""

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from services import storage
from services.formats import size
from services.importing.places import is_litter, names_inside
from services.importing.problems import ImportRefused, Problem
from services.importing.zip_checks import (
    DAMAGE,
    LIMITS,
    ZipLimits,
    check_members,
    open_archive,
    place_of,
)

#: Bytes left free on the disk for everything else.
_RESERVE = 500_000_000


@contextmanager
def unpacked(path: Path, limits: ZipLimits = LIMITS) -> Iterator[Path]:
    """The folder that has the project in it. Raises `ImportRefused`."""
    with open_archive(path) as archive:
        check_members(archive, path.name, limits)
        with TemporaryDirectory(prefix="import-", dir=storage.work()) as folder:
            _unpack(archive, path.name, Path(folder))
            yield _top(Path(folder))


def _unpack(archive: zipfile.ZipFile, name: str, folder: Path) -> None:
    members = [member for member in archive.infolist() if not _is_litter(member)]
    total, free = sum(m.file_size for m in members), shutil.disk_usage(folder).free
    if total + _RESERVE > free:
        why = f"it unpacks to {size(total)}, and the disk has {size(free)} left."
        raise ImportRefused([Problem(name, why)])
    for member in members:
        target = folder / place_of(member)
        try:
            if member.is_dir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as packed, target.open("xb") as file:
                shutil.copyfileobj(packed, file, storage.PIECE)
        except (*DAMAGE, OSError, ValueError) as e:
            place = f"{name}: {place_of(member)}"
            raise ImportRefused([Problem(place, _why(e))]) from e


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return f"the file cannot be unpacked: {error.strerror}."
    if isinstance(error, (*DAMAGE, OSError)):
        return "the file is damaged in the ZIP."
    return "the file cannot be unpacked: its name cannot be kept."


def _is_litter(member: zipfile.ZipInfo) -> bool:
    return any(is_litter(part) for part in place_of(member).parts)


def _top(folder: Path) -> Path:
    """Through folders that hold nothing but one folder: most ZIPs have one around everything."""
    while True:
        match names_inside(folder, folder):
            case [name] if (folder / name).is_dir() and name not in {"attachments", "signed"}:
                folder /= name
            case _:
                return folder
