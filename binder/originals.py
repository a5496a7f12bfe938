"""The files as they were received, in a ZIP beside the backup."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from pathvalidate import sanitize_filename

from binder.errors import Cancelled
from binder.plan import Document, Invoice, LeftOut, Plan

#: Bytes of UTF-8 that a name in the ZIP may have: people unpack it somewhere deep.
_LONGEST = 120
_COPY = 1 << 20


@dataclass(frozen=True, slots=True)
class Original:
    """A file as it was received, and its name in the ZIP: `SC-004/7/01 delivery slip.pdf`."""

    name: str
    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class Zipped:
    """The finished ZIP: its name, bytes, SHA-256, and how many files are in it."""

    name: str
    bytes: int
    sha256: str
    files: int


def originals_of(plan: Plan) -> list[Original]:
    """Every file that the backup is made of or goes without, once for each invoice."""
    found: dict[tuple[Invoice, str, str], Path] = {}
    rows: list[Document | LeftOut] = [*plan.documents, *plan.left_out]
    for row in rows:
        if row.original is not None:
            found.setdefault((row.invoice, row.sha256, row.name), row.original)
    return list(_named(found))


def _named(found: dict[tuple[Invoice, str, str], Path]) -> Iterator[Original]:
    counts: dict[tuple[str, int], int] = {}
    folders: dict[str, str] = {}
    for (invoice, sha256, name), path in found.items():
        contract = invoice.contract.number
        folder = folders.setdefault(contract, _folder(contract, set(folders.values())))
        order = counts[contract, invoice.position] = counts.get((contract, invoice.position), 0) + 1
        yield Original(f"{folder}/{invoice.position}/{order:02} {_safe(name)}", path, sha256)


def _folder(contract: str, taken: set[str]) -> str:
    """A name for the contract that no other has, also where capitals do not count."""
    lower = {name.casefold() for name in taken}
    wanted = name = _safe(contract)
    number = 1
    while name.casefold() in lower:
        number += 1
        name = f"{wanted} ({number})"
    return name


def _safe(name: str) -> str:
    spaced = "".join(
        " " if char in '/\\:*?"<>|' or not char.isprintable() else char for char in name
    )
    clean = str(sanitize_filename(" ".join(spaced.split()), platform="universal")).strip(" .")
    stem, ending = os.path.splitext(clean)  # noqa: PTH122 - a name, not a path
    room = _LONGEST - len(ending.encode())
    return (stem.encode()[:room].decode(errors="ignore").rstrip() + ending)[-_LONGEST:] or "file"


def write_originals(plan: Plan, path: Path, name: str, cancelled: Callable[[], bool]) -> Zipped:
    """Write the ZIP of `plan` to `path`: stored, not packed, and the same bytes every time.

    It is to be called `name`. Raises Cancelled between files, and OSError for one that cannot be
    read.
    """
    originals = originals_of(plan)
    with ZipFile(path, "w", ZIP_STORED) as archive:
        for original in originals:
            if cancelled():
                raise Cancelled("The backup was cancelled; nothing was written.")
            info = ZipInfo(
                original.name, max(plan.requested_at.timetuple()[:6], (1980, 1, 1, 0, 0, 0))
            )
            info.external_attr = 0o644 << 16
            info.create_system = 3
            info.file_size = original.path.stat().st_size
            with original.path.open("rb") as source, archive.open(info, "w") as entry:
                shutil.copyfileobj(source, entry, _COPY)
    with path.open("rb+") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Zipped(name, path.stat().st_size, digest, len(originals))
