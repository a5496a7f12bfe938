"""The record of what went into a backup, kept beside the PDF and in the database.

docs/binder.md describes its form.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Self

from billing.money import decimal_string
from binder.facts import FileFacts
from binder.layout import Layout, PieceKind
from binder.originals import Zipped
from binder.plan import Addendum, Document, Invoice, LeftOut, Plan, Removed

#: Version of the manifest's own form.
MANIFEST_VERSION = 3

#: What is known only once the files are written, and so is no part of `inputs_sha256`.
_RESULTS = frozenset({"pages", "bytes", "sha256", "volumes", "originals"})


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One document: where it starts in its volume, counted from 1, and how many pages it has."""

    contract: str
    position: int
    kind: str
    name: str
    sha256: str
    #: Pages here, and pages that intake counted.
    pages: int
    pages_in: int
    first_page: int
    volume: int
    #: What intake learned about the file; empty for pages of ours.
    facts: Mapping[str, Any]
    #: In an addendum “new” or “changed”; else empty.
    mark: str = ""
    #: Code of an attachment's document type; empty for what is none.
    document_type: str = ""
    #: Of a drawing: the digest of what it shows; else empty.
    shows: str = ""

    @classmethod
    def of(cls, document: Document, volume: int, first_page: int) -> Self:
        """The entry of `document`, which starts at page `first_page` of `volume`."""
        invoice = document.invoice
        return cls(
            contract=invoice.contract.number,
            position=invoice.position,
            kind=document.kind.value,
            name=document.name,
            sha256=document.sha256,
            pages=document.pages,
            pages_in=document.pages,
            first_page=first_page,
            volume=volume,
            facts=_facts(document.facts),
            mark=document.mark.value if document.mark else "",
            document_type=document.document_type,
            shows=document.shows,
        )


def _facts(facts: FileFacts | None) -> dict[str, Any]:
    """Without what the entry says itself, and without a size for each of thousands of pages."""
    if facts is None:
        return {}
    told = facts.to_json()
    for key in ("pages", "page_sizes", "problem", "sentence"):
        del told[key]
    return told


@dataclass(frozen=True, slots=True)
class ManifestLeftOut:
    """One file that stayed out, and why."""

    contract: str
    position: int
    name: str
    reason: str

    @classmethod
    def of(cls, left_out: LeftOut) -> Self:
        """The entry of a file that stayed out."""
        invoice = left_out.invoice
        return cls(invoice.contract.number, invoice.position, left_out.name, left_out.reason)


@dataclass(frozen=True, slots=True)
class ManifestInvoice:
    """An invoice as the index shows it; amounts as decimal strings."""

    contract: str
    company: str
    position: int
    number: str
    period: str
    status: str
    signed: str
    this_period: str
    total_retainage: str
    payment_due: str
    #: What became of each required document, in words.
    required: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, invoice: Invoice) -> Self:
        """The entry of an invoice."""
        return cls(
            contract=invoice.contract.number,
            company=invoice.contract.company,
            position=invoice.position,
            number=invoice.number,
            period=invoice.period,
            status=invoice.status,
            signed=invoice.signed,
            this_period=decimal_string(invoice.gross_this_period),
            total_retainage=decimal_string(invoice.total_retainage),
            payment_due=decimal_string(invoice.payment_due),
            required=list(invoice.required),
        )


@dataclass(frozen=True, slots=True)
class ManifestAddendum:
    """What an addendum follows: backup, its digest, and the number on its last page."""

    to: int
    #: ISO 8601 with its offset.
    requested_at: str
    sha256: str
    last_page: int
    #: What is gone since: contract, position, name.
    removed: tuple[Removed, ...]

    @classmethod
    def of(cls, addendum: Addendum) -> Self:
        """The same in plain words."""
        at = addendum.requested_at.isoformat()
        return cls(addendum.to, at, addendum.sha256, addendum.last_page, addendum.removed)


@dataclass(frozen=True, slots=True)
class ManifestFurniture:
    """Pages of ours: a cover, an index, a divider."""

    kind: str
    pages: int
    first_page: int
    volume: int


@dataclass(frozen=True, slots=True)
class ManifestVolume:
    """One of several files."""

    name: str
    pages: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What is in the PDF whose bytes have the digest `sha256`. `pages` counts every page, ours
    included.

    In several volumes `pages` and `bytes` are sums, and `sha256` is that of the volumes' digests
    in hexadecimal, one after the other.
    """

    title: str
    project_name: str
    project_number: str
    #: Number of the backup in its project.
    backup: int
    requested_by: str
    #: ISO 8601 with its offset.
    requested_at: str
    recipe: Mapping[str, Any]
    invoices: tuple[ManifestInvoice, ...]
    entries: tuple[ManifestEntry, ...]
    left_out: tuple[ManifestLeftOut, ...]
    furniture: tuple[ManifestFurniture, ...]
    #: Programs that have a hand in the bytes.
    versions: Mapping[str, str]
    #: Of an addendum, what it follows.
    addendum: ManifestAddendum | None = None
    pages: int = 0
    bytes: int = 0
    sha256: str = ""
    #: Empty when the backup is one file.
    volumes: tuple[ManifestVolume, ...] = ()
    #: The ZIP of the files as they were received, if it was asked for.
    originals: Zipped | None = None
    version: int = field(default=MANIFEST_VERSION)

    @classmethod
    def of(cls, plan: Plan, layout: Layout, versions: Mapping[str, str]) -> Self:
        """What is to be written; `finished` adds what came of it."""
        placed = zip(plan.documents, layout.places(), strict=True)
        return cls(
            title=plan.title,
            project_name=plan.project_name,
            project_number=plan.project_number,
            backup=plan.number,
            requested_by=plan.requested_by,
            requested_at=plan.requested_at.isoformat(),
            recipe=plan.recipe.to_json(),
            invoices=tuple(
                ManifestInvoice.of(invoice)
                for invoice in dict.fromkeys(document.invoice for document in plan.documents)
            ),
            entries=tuple(ManifestEntry.of(document, *place) for document, place in placed),
            left_out=tuple(ManifestLeftOut.of(row) for row in plan.left_out),
            furniture=tuple(_furniture(layout)),
            versions=versions,
            addendum=ManifestAddendum.of(plan.addendum) if plan.addendum else None,
        )

    @cached_property
    def inputs_sha256(self) -> str:
        """SHA-256 of everything but the results, as JSON without blanks and with sorted keys."""
        inputs = {key: value for key, value in self._told().items() if key not in _RESULTS}
        text = json.dumps(inputs, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def finished(self, volumes: Sequence[ManifestVolume], originals: Zipped | None) -> Self:
        """The same once its files are written."""
        if len(volumes) == 1:
            [whole] = volumes
            sha256 = whole.sha256
        else:
            digests = "".join(volume.sha256 for volume in volumes)
            sha256 = hashlib.sha256(digests.encode()).hexdigest()
        return replace(
            self,
            pages=sum(volume.pages for volume in volumes),
            bytes=sum(volume.bytes for volume in volumes),
            sha256=sha256,
            volumes=tuple(volumes) if len(volumes) > 1 else (),
            originals=originals,
        )

    def _told(self) -> dict[str, Any]:
        told = _row(self)
        for key in ("invoices", "entries", "left_out", "furniture", "volumes"):
            told[key] = [_row(row) for row in told[key]]
        told["originals"] = _row(self.originals) if self.originals else None
        told["addendum"] = _addendum(self.addendum) if self.addendum else None
        return told

    def to_json(self) -> dict[str, Any]:
        """As plain data: `entries`, `left_out`, `pages`, `sha256` and the circumstances."""
        return {**self._told(), "inputs_sha256": self.inputs_sha256}


def _addendum(addendum: ManifestAddendum) -> dict[str, Any]:
    return _row(addendum) | {"removed": [_row(each) for each in addendum.removed]}


def _row(record: Any) -> dict[str, Any]:
    """A record by the names of its fields. `dataclasses.asdict` would copy every fact of thousands
    of entries."""
    return {each.name: getattr(record, each.name) for each in fields(record)}


def _furniture(layout: Layout) -> Iterator[ManifestFurniture]:
    for volume in layout.volumes:
        for piece in volume.pieces:
            if piece.kind is not PieceKind.DOCUMENT:
                yield ManifestFurniture(
                    piece.kind.value, piece.pages, piece.first_page, volume.number
                )
