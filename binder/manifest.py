"""The record of what went into a backup, kept beside the PDF and in the database."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from binder.plan import Document, LeftOut, Plan

#: Version of the manifest's own form.
MANIFEST_VERSION = 1


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One document: where it starts, counted from 1, and how many pages it has."""

    contract: str
    position: int
    kind: str
    name: str
    sha256: str
    pages: int
    first_page: int

    @classmethod
    def of(cls, document: Document, first_page: int) -> "ManifestEntry":
        """The entry of `document`, which starts at page `first_page`."""
        invoice = document.invoice
        return cls(
            contract=invoice.contract.number,
            position=invoice.position,
            kind=document.kind.value,
            name=document.name,
            sha256=document.sha256,
            pages=document.pages,
            first_page=first_page,
        )


@dataclass(frozen=True, slots=True)
class ManifestLeftOut:
    """One file that stayed out, and why."""

    contract: str
    position: int
    name: str
    reason: str

    @classmethod
    def of(cls, left_out: LeftOut) -> "ManifestLeftOut":
        """The entry of a file that stayed out."""
        invoice = left_out.invoice
        return cls(invoice.contract.number, invoice.position, left_out.name, left_out.reason)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in the PDF whose bytes have the digest `sha256`. `pages` counts every page, ours
    included."""

    title: str
    project_name: str
    project_number: str
    #: Number of the backup in its project.
    backup: int
    requested_by: str
    #: ISO 8601 with its offset.
    requested_at: str
    entries: tuple[ManifestEntry, ...]
    left_out: tuple[ManifestLeftOut, ...]
    pages: int
    bytes: int
    sha256: str
    #: Programs that had a hand in the bytes.
    versions: Mapping[str, str]
    version: int = MANIFEST_VERSION

    @classmethod
    def of(
        cls,
        plan: Plan,
        *,
        first_pages: tuple[int, ...],
        pages: int,
        size: int,
        sha256: str,
        versions: Mapping[str, str],
    ) -> "Manifest":
        """The manifest of `plan`, whose documents start at `first_pages`."""
        pairs = zip(plan.documents, first_pages, strict=True)
        return cls(
            title=plan.title,
            project_name=plan.project_name,
            project_number=plan.project_number,
            backup=plan.number,
            requested_by=plan.requested_by,
            requested_at=plan.requested_at.isoformat(),
            entries=tuple(ManifestEntry.of(document, first) for document, first in pairs),
            left_out=tuple(ManifestLeftOut.of(row) for row in plan.left_out),
            pages=pages,
            bytes=size,
            sha256=sha256,
            versions=versions,
        )

    def to_json(self) -> dict[str, Any]:
        """As plain data: `entries`, `left_out`, `pages`, `sha256` and the circumstances."""
        return {
            **asdict(self),
            "entries": [asdict(entry) for entry in self.entries],
            "left_out": [asdict(row) for row in self.left_out],
            "versions": dict(self.versions),
        }
