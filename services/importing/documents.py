"""The files of a project folder: attachments and signed copies, by contract and position."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from natsort import natsorted

from services.importing.cells import BadCell, text
from services.importing.places import Refused, file_inside, is_litter, names_inside
from services.importing.problems import Report
from services.importing.records import ContractRecord, FileRecord, InvoiceRecord

#: The invoices of a project: (contract number, position).
InvoiceKeys = Collection[tuple[str, int]]

_POSITION = re.compile(r"\d{1,6}", re.ASCII)
_SIGNED = re.compile(r"(\d{1,6})\.pdf", re.ASCII | re.IGNORECASE)
_file_name = text(255)


@dataclass(frozen=True, slots=True)
class Document:
    """A file that belongs to an invoice."""

    contract: str
    position: int
    name: str
    #: Below the project folder, as the table of files writes it.
    place: str
    #: Where it really lies.
    path: Path
    is_left_out: bool = False
    #: "": guessed from the name.
    document_type: str = ""
    is_type_confirmed: bool = False
    expires: date | None = None


def folder_name(contract: str) -> str:
    """What the folder of a contract is called: its number, with "_" for "/"."""
    return contract.replace("/", "_")


@dataclass(frozen=True, slots=True)
class DocumentReader:
    """Walks `attachments` and `signed`; what it cannot place is reported, never dropped."""

    root: Path
    #: Contract numbers by the name of their folder.
    contracts: Mapping[str, str]
    invoices: InvoiceKeys
    report: Report

    def attachments(self) -> list[Document]:
        """Every attachment; those of one invoice in the natural order of their names."""
        return [
            document
            for contract, folder in self._contract_folders("attachments")
            for position, place in self._position_folders(contract, folder)
            for document in self._files(contract, position, place)
        ]

    def signed(self) -> list[Document]:
        """The signed copies, at most one for an invoice."""
        found: dict[tuple[str, int], Document] = {}
        for contract, folder in self._contract_folders("signed"):
            for name in self._names(folder):
                match = _SIGNED.fullmatch(name)
                position = int(match[1]) if match else None
                if position is None:
                    self._add(folder / name, "expected a file like 3.pdf, named after an invoice.")
                elif self._is_invoice(contract, position, folder / name):
                    if (contract, position) in found:
                        self._add(folder / name, f"invoice {position} has two signed copies.")
                    elif document := self._document(contract, position, folder / name):
                        found[contract, position] = document
        return list(found.values())

    def _contract_folders(self, top: str) -> Iterator[tuple[str, Path]]:
        if not (self.root / top).exists() and not (self.root / top).is_symlink():
            return
        contracts = self.report.shown(ContractRecord.file)
        for name in self._names(self.root / top):
            place = self.root / top / name
            if name not in self.contracts:
                self._add(place, f"there is no contract of this number in {contracts}.")
            elif not place.is_dir():
                self._add(place, "expected a folder named after a contract.")
            else:
                yield self.contracts[name], place

    def _position_folders(self, contract: str, folder: Path) -> Iterator[tuple[int, Path]]:
        seen: dict[int, str] = {}
        for name in self._names(folder):
            place = folder / name
            if not (_POSITION.fullmatch(name) and place.is_dir()):
                self._add(place, "expected a folder named after the position of an invoice.")
            elif not self._is_invoice(contract, int(name), place):
                pass
            elif int(name) in seen:
                self._add(place, f"“{seen[int(name)]}” is a folder of the same invoice.")
            else:
                seen[int(name)] = name
                yield int(name), place

    def _files(self, contract: str, position: int, folder: Path) -> Iterator[Document]:
        for name in natsorted(self._names(folder)):
            if document := self._document(contract, position, folder / name):
                yield document

    def _document(self, contract: str, position: int, path: Path) -> Document | None:
        try:
            # A name that is no text comes from another computer's encoding; nothing could show it.
            path.name.encode()
            name, place = _file_name(path.name), path.relative_to(self.root).as_posix()
            return Document(contract, position, name, place, file_inside(self.root, path))
        except UnicodeEncodeError:
            self._add(path, "the name of the file is not UTF-8.")
        except BadCell as e:
            self._add(path, f"the name cannot be kept: {e}")
        except Refused as e:
            self._add(path, str(e))
        return None

    def _is_invoice(self, contract: str, position: int, place: Path) -> bool:
        if (contract, position) in self.invoices:
            return True
        invoices = self.report.shown(InvoiceRecord.file)
        message = f"contract {contract} has no invoice {position} in {invoices}."
        self._add(place, message)
        return False

    def _names(self, folder: Path) -> list[str]:
        """The names in a folder, sorted, without what no person put there."""
        try:
            names = names_inside(self.root, folder)
        except Refused as e:
            self._add(folder, str(e))
            return []
        for name in filter(is_litter, names):
            self.report.notes.append(f"{self._shown(folder / name)}: ignored.")
        return [name for name in names if not is_litter(name)]

    def _add(self, place: Path, message: str) -> None:
        self.report.add(self._shown(place), message)

    def _shown(self, place: Path) -> str:
        shown = place.relative_to(self.root).as_posix()
        return "".join(c if c.isprintable() else "�" for c in shown)


def described(documents: Iterable[Document], table: Mapping[str, FileRecord]) -> list[Document]:
    """Documents with what the table of files says of them; those it lists come first, in its
    order."""
    places = {place: number for number, place in enumerate(table)}
    ordered = sorted(documents, key=lambda document: places.get(document.place, len(places)))
    return [_described(document, table.get(document.place)) for document in ordered]


def _described(document: Document, row: FileRecord | None) -> Document:
    if row is None:
        return document
    return replace(
        document,
        name=row.name or document.name,
        is_left_out=row.left_out,
        document_type=row.document_type,
        is_type_confirmed=bool(row.document_type) and row.type_confirmed,
        expires=row.expires,
    )
