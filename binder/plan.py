"""What a backup is made of, in order, before anything is read: plain data, frozen when it is asked
for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from binder.facts import FileFacts
from binder.recipe import Recipe


class Mark(StrEnum):
    """What an addendum says of a document: whether the backup it follows had another one."""

    NEW = "new"
    CHANGED = "changed"


class EntryKind(StrEnum):
    """What a document in a backup is; the manifest uses these words."""

    INVOICE = "invoice"
    SIGNED = "signed"
    ATTACHMENT = "attachment"
    #: A page of ours that stands where a file could not be shown.
    PLACEHOLDER = "placeholder"


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract as the backup names it: bookmark level 1."""

    number: str
    title: str
    company: str


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice as the backup names it: bookmark level 2 and one row of the index. Amounts in
    cents."""

    contract: Contract
    position: int
    number: str
    #: The period in words for people, such as "Jul 1 – Jul 31, 2026".
    period: str
    status: str
    #: How it is signed, in words for the index ("Signed", "Unsigned").
    signed: str
    gross_this_period: int
    total_retainage: int
    payment_due: int
    #: What the lines of this invoice add up to for this period; None where nobody added them up.
    lines_this_period: int | None = None
    #: Summary line 7, and line 6 of the invoice before it (0 for a first one); None if unknown.
    previous_certificates: int | None = None
    earned_before: int | None = None
    #: ISO date by which periods are put in order; empty if unknown.
    period_start: str = ""
    #: What became of each required document, such as “Conditional waiver present”.
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One file that goes in: bookmark level 3. `path` holds the original bytes, `sha256` is
    theirs."""

    invoice: Invoice
    kind: EntryKind
    name: str
    path: Path
    sha256: str
    #: Pages that intake counted; another count at link time fails the backup.
    pages: int
    #: Where intake put the file's fragment, if it did.
    fragment: Path | None = None
    #: What intake learned about the file; None for pages of ours.
    facts: FileFacts | None = None
    #: The file as it was received; None for pages of ours. A placeholder's is the file it stands
    #: for.
    original: Path | None = None
    #: Only in an addendum.
    mark: Mark | None = None
    #: Code of the document type; empty for what is no attachment.
    document_type: str = ""
    #: Of a drawing: the digest of what it shows, which another release draws with other bytes.
    shows: str = ""

    @property
    def title(self) -> str:
        """What bookmarks and index call it: of a signed copy, not only the name of its file."""
        if self.kind is not EntryKind.SIGNED or self.name.lower().startswith("signed"):
            return self.name
        return f"Signed copy · {self.name}"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that stays out, and why: a row of the receipt."""

    invoice: Invoice
    name: str
    sha256: str
    reason: str
    #: The file as it was received.
    original: Path | None = None


#: Words of the point-of-view dictionary that the pages around the documents use; `labels`
#: translates them. An owner is named there as a party: no dictionary calls him anything else.
TERMS = ("General contractor", "Invoice", "Subcontractor invoice backup")


@dataclass(frozen=True, slots=True)
class Removed:
    """A document of an earlier backup that is in no later one."""

    contract: str
    position: int
    name: str


@dataclass(frozen=True, slots=True)
class Addendum:
    """The backup that an addendum follows, which may be an addendum itself."""

    #: Its number in the project.
    to: int
    #: When it was asked for; aware, in the project's time zone.
    requested_at: datetime
    sha256: str
    #: The number on its last page: those of the addendum go on from it.
    last_page: int
    #: What is gone since.
    removed: tuple[Removed, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """One backup: documents in their final order, what stays out, and what its furniture says."""

    title: str
    project_name: str
    project_number: str
    #: Number of the backup in its project, from 1.
    number: int
    requested_by: str
    #: Aware, in the project's time zone; the only clock the backup knows.
    requested_at: datetime
    documents: tuple[Document, ...]
    left_out: tuple[LeftOut, ...] = ()
    language: str = "en-US"
    recipe: Recipe = field(default_factory=Recipe)
    #: Who the project is built for and by, for the cover; empty texts are left out.
    owner: str = ""
    general_contractor: str = ""
    #: English general-contractor term to the word shown; absent terms stay English.
    labels: Mapping[str, str] = field(default_factory=dict)
    #: What this backup is an addendum to, with a mark on each of its documents; None for a whole.
    addendum: Addendum | None = None

    @property
    def pages_before(self) -> int:
        """Page numbers that are taken before the first page."""
        return self.addendum.last_page if self.addendum else 0

    def label(self, term: str) -> str:
        """The word shown for a term of the point-of-view dictionary."""
        return self.labels.get(term, term)
