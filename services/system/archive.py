"""The file that a backup of the installation is: a ZIP whose last member says what is in it.

`manifest.json` has every other member with its size and SHA-256; `database.db` is the database as
it was at one moment, `data/…` the files of the data folder.
"""

import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import IO, Any, Protocol
from zipfile import BadZipFile, ZipFile, ZipInfo

from services.storage import PIECE
from services.system.contents import LEFT_OUT
from services.system.failures import SystemBackupError

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database.db"
DATA = "data/"
#: A manifest of some million files; what claims to be larger is none.
_LARGEST_MANIFEST = 512 * 1024**2
_DAMAGE = (BadZipFile, zlib.error, LZMAError, EOFError, NotImplementedError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Member:
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    made: str
    program: str
    revision: str
    #: Every member but the manifest itself.
    members: Mapping[str, Member]

    def to_json(self) -> str:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1)


class Members(Protocol):
    """What a backup holds: a ZIP, or a folder that looks like one."""

    def namelist(self) -> list[str]: ...

    def open(self, name: str, /) -> IO[bytes]: ...


class NotABackup(SystemBackupError):
    """The file is something else, cut off, or damaged where it says what it is."""


def add(archive: ZipFile, name: str, path: Path, now: datetime, *, compress: int) -> Member:
    """Copy a file into the archive. Raises FileNotFoundError where it is gone."""
    info = ZipInfo(name, now.timetuple()[:6])
    info.compress_type, info.external_attr = compress, 0o600 << 16
    digest, size = sha256(), 0
    # Opened before the member begins: what is gone leaves no empty one.
    with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
        while piece := source.read(PIECE):
            digest.update(piece)
            size += len(piece)
            target.write(piece)
    return Member(size, digest.hexdigest())


@contextmanager
def opened(file: Path) -> Iterator[tuple[ZipFile, Manifest]]:
    """The archive and what it says of itself. Raises NotABackup, or OSError."""
    with file.open("rb") as stream:
        try:
            archive = ZipFile(stream)
        except _DAMAGE as e:
            raise NotABackup(_why_no_archive(file)) from e
        with archive:
            yield archive, _manifest(archive, file)


def copy_out(archive: Members, name: str, member: Member, target: IO[bytes] | None) -> str:
    """Read a member, into `target` if there is one; what is wrong with it, or ""."""
    digest, size = sha256(), 0
    try:
        with archive.open(name) as source:
            while piece := source.read(PIECE):
                size += len(piece)
                # Whatever it would grow to, it is not what was saved.
                if size > member.size:
                    return f"{name} is larger than it was"
                digest.update(piece)
                if target:
                    target.write(piece)
    except _DAMAGE:
        return f"{name} cannot be read"
    return "" if (size, digest.hexdigest()) == (member.size, member.sha256) else f"{name} differs"


def disagreements(archive: Members, manifest: Manifest) -> list[str]:
    """How the members differ from what the manifest lists."""
    names = archive.namelist()
    held, listed = set(names), {*manifest.members, MANIFEST}
    found = [f"{name} is missing" for name in sorted(listed - held)]
    found += [f"{name} is in it but not listed" for name in sorted(held - listed)]
    return found if len(held) == len(names) else [*found, "a name is in it twice"]


def _why_no_archive(file: Path) -> str:
    with file.open("rb") as stream:
        if stream.read(4) == b"PK\x03\x04":
            return f"{file} is cut off or damaged: its end is missing."
    return f"{file} is not a backup made by “flask system backup”."


def _manifest(archive: ZipFile, file: Path) -> Manifest:
    try:
        info = archive.getinfo(MANIFEST)
        if info.file_size > _LARGEST_MANIFEST:
            raise NotABackup(f"{file} is not a backup made by “flask system backup”.")
        return understood(json.loads(archive.read(info)), file)
    except KeyError as e:
        raise NotABackup(f"{file} is not a backup made by “flask system backup”.") from e
    except (*_DAMAGE, ValueError, TypeError, AttributeError) as e:
        raise NotABackup(f"{file} is damaged: its list of contents cannot be read.") from e


def understood(read: dict[str, Any], file: Path) -> Manifest:
    if read["format"] != FORMAT:
        raise NotABackup(f"{file} was made by a newer version of Drawpack. Update the program.")
    members = {
        name: Member(int(row["size"]), str(row["sha256"])) for name, row in read["members"].items()
    }
    if strange := next((name for name in members if not _is_ours(name)), None):
        raise NotABackup(f"{file} names a file that no backup has: “{strange!a}”.")
    if DATABASE not in members:
        raise NotABackup(f"{file} contains no database.")
    return Manifest(str(read["made"]), str(read["program"]), str(read["revision"]), members)


def _is_ours(name: str) -> bool:
    """Whether it stays below the folder that it is put into, whoever wrote the archive."""
    if name == DATABASE:
        return True
    path = PurePosixPath(name.removeprefix(DATA))
    is_plain = path.as_posix() == name.removeprefix(DATA) and "\0" not in name
    return (
        name.startswith(DATA)
        and is_plain
        and not path.is_absolute()
        and bool(path.parts)
        and ".." not in path.parts
        and path.parts[0] not in LEFT_OUT
        and not path.parts[0].startswith(".")
    )
