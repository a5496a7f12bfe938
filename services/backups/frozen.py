"""A backup as it was asked for: frozen, so that what changes later does not change the result."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from binder.recipe import Recipe
from models import Dictionary


@dataclass(frozen=True, slots=True)
class FrozenFile:
    """A file of an invoice. `reason` says why it stays out; empty for one that goes in."""

    name: str
    sha256: str
    reason: str = ""
    #: In an addendum “new” or “changed”.
    mark: str = ""
    #: Code of the document type; empty in requests older than it, and of a signed copy.
    document_type: str = ""


@dataclass(frozen=True, slots=True)
class FrozenInvoice:
    """One invoice with what the backup says about it; amounts in cents."""

    id: int
    contract: str
    contract_title: str
    company: str
    position: int
    number: str
    period: str
    status: str
    signed: str
    gross_this_period: int
    total_retainage: int
    payment_due: int
    #: Of the drawing that goes in; empty where the signed copy stands in its place, and in an
    #: addendum also where nothing has become of it.
    content_key: str
    signed_copy: FrozenFile | None
    attachments: tuple[FrozenFile, ...]
    left_out: tuple[FrozenFile, ...]
    #: For the tie-out, None in requests older than it: what the lines add up to for this period,
    #: summary line 7, and line 6 of the invoice before.
    lines_this_period: int | None = None
    previous_certificates: int | None = None
    earned_before: int | None = None
    #: ISO date; empty where there is no period.
    period_start: str = ""
    #: What became of each required document, in words for the index.
    required: tuple[str, ...] = ()
    #: Of the drawing, in an addendum: “new” or “changed”.
    mark: str = ""
    #: Digest of what the drawing shows, whatever release draws it; empty in requests older than it.
    shows: str = ""

    @property
    def name(self) -> str:
        """As people say it: invoice 3 of SC-004."""
        return f"invoice {self.number or self.position} of {self.contract}"

    @property
    def files(self) -> list[FrozenFile]:
        """What goes in besides a drawing, in order."""
        return [*([self.signed_copy] if self.signed_copy else []), *self.attachments]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "FrozenInvoice":
        signed = data["signed_copy"]
        files = {key: tuple(FrozenFile(**row) for row in data[key]) for key in _FILE_LISTS}
        read = {
            "signed_copy": FrozenFile(**signed) if signed else None,
            "required": tuple(data.get("required", ())),
        }
        return cls(**{**data, **read, **files})


_FILE_LISTS = ("attachments", "left_out")


@dataclass(frozen=True, slots=True)
class HeldDocument:
    """A document as it stands in a backup and in the addenda after it."""

    contract: str
    position: int
    #: “invoice”, “signed” or “attachment”.
    kind: str
    name: str
    #: SHA-256 of a file, digest of what a drawing shows: another one means another content.
    key: str


@dataclass(frozen=True, slots=True)
class FrozenAddendum:
    """What an addendum follows. Nothing of it is read again: the earlier backup may be deleted."""

    backup_id: int
    to: int
    #: ISO 8601, UTC.
    requested_at: str
    sha256: str
    #: The number on its last page.
    last_page: int
    removed: tuple[HeldDocument, ...]
    #: The invoices that were compared, and all documents of the earlier backup and this addendum.
    chosen: tuple[int, ...]
    held: tuple[HeldDocument, ...]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "FrozenAddendum":
        lists = {key: tuple(HeldDocument(**row) for row in data[key]) for key in _HELD_LISTS}
        return cls(**{**data, **lists, "chosen": tuple(data["chosen"])})


_HELD_LISTS = ("removed", "held")


@dataclass(frozen=True, slots=True)
class FrozenRequest:
    """Everything that decides the bytes of a backup, in the backup's order."""

    title: str
    project_name: str
    project_number: str
    timezone: str
    dictionary: Dictionary
    requested_by: str
    invoices: tuple[FrozenInvoice, ...]
    #: The words of the dictionary as they were, by their English general-contractor term.
    labels: Mapping[str, str] = field(default_factory=dict)
    recipe: Recipe = field(default_factory=Recipe)
    owner: str = ""
    general_contractor: str = ""
    #: None for a backup that follows none.
    addendum: FrozenAddendum | None = None

    @property
    def contracts(self) -> int:
        return len({invoice.contract for invoice in self.invoices})

    @property
    def documents(self) -> int:
        return sum(bool(invoice.content_key) + len(invoice.files) for invoice in self.invoices)

    @property
    def sha256s(self) -> set[str]:
        return {file.sha256 for invoice in self.invoices for file in invoice.files}

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "FrozenRequest":
        """The inverse of `to_json`; what an older request lacks takes its default."""
        follows = data.get("addendum")
        read = {
            "addendum": FrozenAddendum.from_json(follows) if follows else None,
            "dictionary": Dictionary(data["dictionary"]),
            "invoices": tuple(FrozenInvoice.from_json(row) for row in data["invoices"]),
            "recipe": Recipe.from_json(data.get("recipe", {})),
        }
        return cls(**{**data, **read})
