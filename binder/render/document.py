"""Everything an invoice's pages show, as plain data, and the key under which they may be kept."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from billing.sheet import Sheet
from binder.marking import _

#: Raise when the same data is drawn in another way: pages kept under older keys are drawn again.
RENDERER_VERSION = 1

TEMPLATES = Path(__file__).parents[2] / "templates" / "pdf"

#: Words of the point-of-view dictionary that the pages use; `labels` translates them. An owner is
#: named there as a party: no dictionary calls him anything else.
TERMS = (
    "General contractor",
    "Architect",
    "Subcontractor",
    "Subcontract",
    "Purchase order",
    "Subcontractor invoice",
    "Invoice",
    "Invoice #",
)


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """The project as the head of page 1 shows it; empty texts are left out."""

    name: str
    number: str
    owner: str = ""
    general_contractor: str = ""
    architect: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """The contract billed and its company. `kind` is "Subcontract" or "Purchase order"."""

    number: str
    title: str
    company: str
    company_address: str = ""
    contract_date: date | None = None
    kind: str = _("Subcontract")


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """The invoice itself. `status` is in words for people; `is_draft` prints DRAFT."""

    position: int
    number: str
    status: str
    is_draft: bool
    period_start: date | None = None
    period_end: date | None = None
    billing_date: date | None = None
    comments: str = ""


@dataclass(frozen=True, slots=True)
class ChangeOrderTitle:
    """A change order that appears on the sheet: its lines carry the same number."""

    number: str
    title: str


@dataclass(frozen=True, slots=True)
class InvoiceDocument:
    """One invoice, ready to be drawn. `change_orders` stand in the order they are printed in."""

    project: ProjectFacts
    contract: ContractFacts
    invoice: InvoiceFacts
    sheet: Sheet
    change_orders: tuple[ChangeOrderTitle, ...] = ()
    #: English general-contractor term (one of TERMS) to the word shown; absent terms stay English.
    labels: Mapping[str, str] = field(default_factory=dict)
    #: BCP 47 tag written into the PDF.
    language: str = "en-US"

    def label(self, term: str) -> str:
        """The word shown for a term of the dictionary."""
        return self.labels.get(term, term)


def shown_digest(document: InvoiceDocument) -> str:
    """SHA-256 (hex) of all that the pages show, whatever release draws them."""
    text = json.dumps(asdict(document), default=_plain, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def content_key(document: InvoiceDocument) -> str:
    """SHA-256 (hex) of all that the pages show and of how they are drawn.

    Equal keys mean equal bytes from `render_invoice` by the same release.
    """
    return drawing_key(shown_digest(document))


def drawing_key(shown: str) -> str:
    """The content key of what has this digest."""
    template = hashlib.sha256((TEMPLATES / "invoice.html").read_bytes()).hexdigest()
    return hashlib.sha256(f"{RENDERER_VERSION} {template} {shown}".encode()).hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no canonical text")
