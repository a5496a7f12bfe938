"""What preflight knows of a selection, as plain data."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from binder.recipe import Recipe
from models import InvoiceStatus, PeriodStatus, SignatureStatus


def invoice_name(contract: str, position: int, number: str) -> str:
    """As people say it: invoice 3 of SC-004."""
    return f"invoice {number or position} of {contract}"


@dataclass(frozen=True, slots=True)
class Period:
    id: int
    start: date
    end: date
    status: PeriodStatus


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """An invoice of a chosen contract; `is_chosen` tells whether it is itself in the selection."""

    id: int
    contract_id: int
    contract: str
    position: int
    number: str
    status: InvoiceStatus
    period: Period | None
    is_chosen: bool
    completed_and_stored: int
    gross_this_period: int
    total_retainage: int
    earned_less_retainage: int
    payment_due: int
    pages: int | None
    remarks: list[dict[str, str]]

    @property
    def name(self) -> str:
        return invoice_name(self.contract, self.position, self.number)


@dataclass(frozen=True, slots=True)
class FileRow:
    """An attachment, or a signed copy (then without `attachment_id`), of a chosen invoice."""

    invoice: InvoiceFacts
    name: str
    sha256: str
    size: int
    pages: int | None
    problem: str | None
    facts: dict[str, Any] | None
    attachment_id: int | None = None
    #: By somebody's decision about this file.
    is_left_out: bool = False
    document_type: str = ""


@dataclass(slots=True)
class Selection:
    project_id: int
    #: How the backup would be put together.
    recipe: Recipe = field(default_factory=Recipe)
    #: All invoices of the chosen contracts, by contract, in order of position.
    contracts: dict[int, list[InvoiceFacts]] = field(default_factory=dict)
    attachments: list[FileRow] = field(default_factory=list)
    signed: dict[int, FileRow] = field(default_factory=dict)
    #: The latest word on a signature by invoice, completed ones included.
    signatures: dict[int, SignatureStatus] = field(default_factory=dict)
    #: What the lines alone say was completed and stored to date, by invoice.
    completed_by_lines: dict[int, int] = field(default_factory=dict)
    #: Lines on the schedule of values and the change orders, by contract.
    line_counts: dict[int, int] = field(default_factory=dict)
    #: Invoices of the project that hold the same bytes, with their names, by SHA-256.
    copies: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    @property
    def invoices(self) -> list[InvoiceFacts]:
        return [
            invoice for rows in self.contracts.values() for invoice in rows if invoice.is_chosen
        ]

    @property
    def included(self) -> list[FileRow]:
        return [
            file
            for file in self.attachments
            if not file.is_left_out and file.document_type not in self.recipe.left_out_types
        ]

    @property
    def left_out_by_type(self) -> list[FileRow]:
        """What only the recipe keeps out."""
        types = self.recipe.left_out_types
        return [f for f in self.attachments if not f.is_left_out and f.document_type in types]
