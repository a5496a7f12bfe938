"""What a ZIP must not be, asked before anything of it is unpacked. A workbook is a ZIP too."""

import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from services.formats import size
from services.importing.cells import quoted
from services.importing.problems import ImportRefused, Problem

_MOST_PROBLEMS = 100
_LONGEST_NAME = 255
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
_KINDS = {0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK}
#: What reading a damaged member raises, whatever it was packed by; bzip2 an OSError without number.
DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError)
#: Old Office files and encrypted new ones begin like this.
_COMPOUND = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class ZipLimits:
    """What an archive may hold; sizes in bytes, unpacked."""

    members: int = 100_000
    total: int = 20_000_000_000
    #: A member larger than `small` may unpack to this many times its packed size.
    ratio: int = 300
    small: int = 10_000_000


LIMITS = ZipLimits()
WORKBOOK_LIMITS = ZipLimits(members=5_000, total=1_000_000_000)


def check_archive(path: Path, limits: ZipLimits) -> None:
    """Raises `ImportRefused` with everything that is wrong with the archive."""
    with open_archive(path) as archive:
        check_members(archive, path.name, limits)


def open_archive(path: Path) -> zipfile.ZipFile:
    """Opened for reading. Raises `ImportRefused`."""
    try:
        try:
            # Some programs write UTF-8 names without saying so.
            return zipfile.ZipFile(path, metadata_encoding="utf-8")
        except UnicodeDecodeError:
            return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as e:
        raise ImportRefused([Problem(path.name, _no_archive(path))]) from e


def _no_archive(path: Path) -> str:
    try:
        with path.open("rb") as file:
            is_compound = file.read(4) == _COMPOUND
    except OSError as e:
        return f"the file cannot be read: {e.strerror}."
    if is_compound:
        return (
            "this workbook is protected by a password or in the format of old programs; save it "
            "as .xlsx without a password."
        )
    return "this is no ZIP, or it is damaged."


def check_members(archive: zipfile.ZipFile, name: str, limits: ZipLimits) -> None:
    members = archive.infolist()
    problems = list(_of_the_whole(members, name, limits))
    seen: set[str] = set()
    files = {place_of(member).as_posix() for member in members if not member.is_dir()}
    for member in members:
        why = _why_not(member, limits) or _collision(member, seen, files)
        if why and len(problems) < _MOST_PROBLEMS:
            problems.append(Problem(f"{name}: {_shown(member)}", why))
        seen.add(place_of(member).as_posix())
    if problems:
        raise ImportRefused(problems)


def place_of(member: zipfile.ZipInfo) -> PurePosixPath:
    """Where it wants to lie. Some programs write backslashes between folders."""
    return PurePosixPath(member.filename.replace("\\", "/"))


def _of_the_whole(
    members: list[zipfile.ZipInfo], name: str, limits: ZipLimits
) -> Iterator[Problem]:
    if len(members) > limits.members:
        yield Problem(name, f"it holds {len(members):,} files; the limit is {limits.members:,}.")
    total = sum(member.file_size for member in members)
    if total > limits.total:
        yield Problem(name, f"it unpacks to {size(total)}; the limit is {size(limits.total)}.")


def _why_not(member: zipfile.ZipInfo, limits: ZipLimits) -> str:
    """The first thing that speaks against a member; empty for a good one."""
    place = place_of(member)
    kind = stat.S_IFMT(member.external_attr >> 16)
    leads_out = place.is_absolute() or ".." in place.parts or not place.parts
    is_long = any(len(part.encode(errors="replace")) > _LONGEST_NAME for part in place.parts)
    unpacked = max(limits.small, limits.ratio * member.compress_size)
    doubts = (
        (kind == stat.S_IFLNK, "this is a link; put the file itself into the ZIP."),
        (kind not in _KINDS, "this is not a regular file."),
        (leads_out or _has_drive(place), "the name leads out of the folder that the ZIP holds."),
        (is_long, f"the name is longer than {_LONGEST_NAME} bytes."),
        (member.flag_bits & 1, "the file is encrypted; make the ZIP without a password."),
        (member.compress_type not in _METHODS, "the file is packed in a rare way; use plain ZIP."),
        (
            member.file_size > unpacked,
            f"it unpacks to more than {limits.ratio} times its size; no honest file does.",
        ),
    )
    return next((why for is_so, why in doubts if is_so), "")


def _has_drive(place: PurePosixPath) -> bool:
    return bool(place.parts) and place.parts[0][1:2] == ":"


def _collision(member: zipfile.ZipInfo, seen: set[str], files: set[str]) -> str:
    place = place_of(member)
    if not member.is_dir() and place.as_posix() in seen:
        return "the name is there twice."
    if any(parent.as_posix() in files for parent in place.parents):
        return "the name is a file's and a folder's at once."
    return ""


def _shown(member: zipfile.ZipInfo) -> str:
    return quoted(member.filename).strip("“”")
