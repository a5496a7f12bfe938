"""An export as a folder, as a ZIP on disk, or as a ZIP that is sent while it is made."""

import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from pathvalidate import sanitize_filename

from services import objects, storage
from services.exporting.gather import ExportRefused, ProjectExport

#: Of every member, so that the same project gives the same bytes.
_DATE = (1980, 1, 1, 0, 0, 0)
#: Members from here on need the larger headers, which a stream must announce beforehand.
_LARGE = 1 << 31


def write_folder(export: ProjectExport, target: Path) -> None:
    """Write into `target`, which must not be there or be empty; whole or not at all."""
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise ExportRefused(f"{target} is there already; choose another name.")
    part = _part_of(target)
    try:
        part.mkdir(parents=True)
        for name, content in export.tables:
            (part / name).write_bytes(content)
        for place in export.files:
            path = part / place.path
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(objects.bring(storage.original(place.sha256)), path)
        part.replace(target)
    except OSError as e:
        raise ExportRefused(f"{target} cannot be written: {e.strerror}.") from e
    finally:
        shutil.rmtree(part, ignore_errors=True)


def write_zip(export: ProjectExport, target: Path) -> None:
    """Write `target`, which must not be there; whole or not at all."""
    if target.exists():
        raise ExportRefused(f"{target} is there already; choose another name.")
    part = _part_of(target)
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.writelines(stream_zip(export))
        part.replace(target)
    except OSError as e:
        raise ExportRefused(f"{target} cannot be written: {e.strerror}.") from e
    finally:
        part.unlink(missing_ok=True)


def stream_zip(export: ProjectExport) -> Iterator[bytes]:
    """The bytes of a ZIP in pieces; at most one piece of one file is in memory.

    Tables are compressed; files are not, for PDFs and pictures are so already. Needs no app
    context once it has begun, so a download holds no connection to the database.
    """
    sources = [storage.original(place.sha256) for place in export.files]
    return _stream(export, sources, objects.bringing())


def _stream(
    export: ProjectExport, sources: list[Path], bring: Callable[[Path], Path]
) -> Iterator[bytes]:
    top = str(sanitize_filename(export.number, platform="universal")).strip(" .") or "project"
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name, content in export.tables:
            archive.writestr(_member(f"{top}/{name}", zipfile.ZIP_DEFLATED), content)
            yield sink.taken()
        for place, source in zip(export.files, sources, strict=True):
            member = _member(f"{top}/{place.path}", zipfile.ZIP_STORED)
            with (
                bring(source).open("rb") as file,
                archive.open(member, "w", force_zip64=place.size >= _LARGE) as written,
            ):
                while piece := file.read(storage.PIECE):
                    written.write(piece)
                    yield sink.taken()
    yield sink.taken()


def _member(name: str, method: int) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _DATE)
    member.compress_type = method
    member.external_attr = 0o644 << 16
    return member


def _part_of(target: Path) -> Path:
    return target.with_name(f".{target.name}.{uuid4().hex}.part")


class _Sink(io.RawIOBase):
    """Takes what the archive writes until somebody sends it on. It cannot seek."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self.pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        taken = b"".join(self.pieces)
        self.pieces.clear()
        return taken
