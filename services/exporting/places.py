"""Where each file of an export lies, under a name that every computer takes."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Self

from natsort import natsorted
from pathvalidate import is_valid_filename, sanitize_filename

from models import DocumentKind
from services.exporting.cells import day, yes_or_no
from services.importing.cells import BadCell, folder_name
from services.importing.documents import folder_name as folder_of
from services.importing.places import is_litter

_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Document:
    """A file of an invoice."""

    contract: str
    position: int
    name: str
    sha256: str
    size: int
    is_left_out: bool = False
    is_signed_copy: bool = False
    document_type: str = DocumentKind.BACKUP
    is_type_confirmed: bool = False
    expires: date | None = None
    #: Whether an import finds the same type by the name alone.
    is_type_guessed: bool = True

    @property
    def needs_row(self) -> bool:
        """Whether its name and its place say too little of it."""
        return bool(
            self.is_left_out
            or self.is_type_confirmed
            or self.expires
            or not (self.is_signed_copy or self.is_type_guessed)
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file goes, and its row in the table of files, if it needs one."""

    path: str
    sha256: str
    size: int
    row: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Folders:
    """The folder of each contract: its number, unless that is no good or somebody else's."""

    #: Those that the number does not tell, by contract number.
    named: Mapping[str, str]

    @classmethod
    def of(cls, numbers: Sequence[str]) -> Self:
        usual = {number: unicodedata.normalize("NFC", folder_of(number)) for number in numbers}
        users = Counter(name.casefold() for name in usual.values())
        named: dict[str, str] = {}
        for place, (number, name) in enumerate(usual.items(), 1):
            if users[name.casefold()] > 1 or not _serves(name):
                fresh = f"contract {place}"
                while fresh.casefold() in users:
                    fresh += "_"
                users[fresh.casefold()] += 1
                named[number] = fresh
        return cls(named)

    def folder(self, number: str) -> str:
        return self.named.get(number) or unicodedata.normalize("NFC", folder_of(number))


def placed(documents: Sequence[Document], folders: Folders) -> Iterator[Place]:
    """The places of one invoice's documents, in their order.

    Names stay as they are where every computer takes them and their natural order is the order of
    the attachments; else the files are numbered, and the table of files keeps the names.
    """
    attachments = [document for document in documents if not document.is_signed_copy]
    names = [document.name for document in attachments]
    on_disk = names if _tell_all(names) else [_numbered(*pair) for pair in enumerate(names, 1)]
    needs_rows = on_disk != names or any(document.needs_row for document in attachments)
    for document, name in zip(attachments, on_disk, strict=True):
        folder = PurePosixPath(
            "attachments", folders.folder(document.contract), str(document.position)
        )
        yield _place(folder / name, document, needs_row=needs_rows)
    for document in documents:
        if document.is_signed_copy:
            folder = PurePosixPath("signed", folders.folder(document.contract))
            path = folder / f"{document.position}.pdf"
            yield _place(path, document, needs_row=path.name != document.name)


def _place(path: PurePosixPath, document: Document, *, needs_row: bool) -> Place:
    row: dict[str, str] = {}
    if needs_row:
        row = {
            "path": str(path),
            "name": document.name if document.name != path.name else "",
            "left_out": "yes" if document.is_left_out else "",
            **_type_cells(document),
        }
    return Place(str(path), document.sha256, document.size, row)


def _type_cells(document: Document) -> dict[str, str]:
    """Nothing of a type that the name tells: an import guesses it again."""
    cells = {"expires": day(document.expires)}
    if document.is_type_confirmed or not (document.is_signed_copy or document.is_type_guessed):
        cells["document_type"] = document.document_type
        cells["type_confirmed"] = yes_or_no(document.is_type_confirmed)
    return cells


def _tell_all(names: Sequence[str]) -> bool:
    folded = {name.casefold() for name in names}
    return (
        len(folded) == len(names)
        and all(_is_plain(name) for name in names)
        and natsorted(sorted(names)) == list(names)
    )


def _is_plain(name: str) -> bool:
    return (
        name == unicodedata.normalize("NFC", name)
        and name == name.strip(" .")
        and len(name.encode()) <= _LONGEST_NAME
        and not is_litter(name)
        and is_valid_filename(name, platform="universal")
        and name.isprintable()
    )


def _numbered(number: int, name: str) -> str:
    """`007 Lien waiver.pdf`: what of the name every computer takes, behind its place."""
    printable = "".join(c for c in unicodedata.normalize("NFC", name) if c.isprintable())
    stem, dot, ending = sanitize_filename(printable, platform="universal").rpartition(".")
    if not stem or len(ending) > 10:
        stem, dot, ending = stem + dot + ending, "", ""
    short = stem.encode()[: _LONGEST_NAME - 60].decode(errors="ignore")
    return f"{number:03} {short}{dot}{ending}".strip(" .")


def _serves(folder: str) -> bool:
    try:
        return folder_name(folder) == folder and is_valid_filename(folder, platform="universal")
    except BadCell:
        return False
