"""What the page of an invoice shows, in a fixed number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from billing import Sheet, SheetLine, ratio_percent
from binder.render.document import InvoiceDocument, content_key
from models import Contract, Invoice, db
from services import invoice_documents, objects, storage


@dataclass(frozen=True, slots=True)
class Column:
    """A column of money in the schedule of values, under the heading of its group."""

    name: str
    label: str
    group: str
    #: Shown only where a line has an amount in it.
    is_rare: bool = False

    @property
    def in_full(self) -> str:
        """Its name where the heading of its group is not above it."""
        if not self.group:
            return self.label
        return f"{self.group}: {self.label[0].lower()}{self.label[1:]}"

    @property
    def is_chief(self) -> bool:
        """Whether it is of interest when it is zero, too."""
        return self.name in CHIEF


COLUMNS = (
    Column("scheduled_value", "Scheduled value", ""),
    Column("work_completed_from_previous_application", "Previous", "Work completed"),
    Column("work_completed_this_period", "This period", "Work completed"),
    Column("materials_previously_stored", "Previous", "Materials stored"),
    Column("stored_installed", "Installed", "Materials stored", is_rare=True),
    Column("new_materials_stored", "New", "Materials stored"),
    Column("materials_presently_stored", "Present", "Materials stored"),
    Column("total_completed_and_stored_to_date", "To date", "Completed and stored"),
    Column("balance_to_finish", "Balance to finish", ""),
    Column("work_retainage_this_period", "Work, this period", "Retainage"),
    Column("work_retainage_released", "Work, released", "Retainage", is_rare=True),
    Column("work_retainage_held", "Work, held", "Retainage"),
    Column("stored_retainage_released", "Stored, released", "Retainage", is_rare=True),
    Column("stored_retainage_held", "Stored, held", "Retainage"),
    Column("total_retainage", "Total held", "Retainage"),
)
#: What a phone shows of every line; of the other columns only those in which there is something.
CHIEF = {
    "scheduled_value",
    "work_completed_this_period",
    "total_completed_and_stored_to_date",
    "balance_to_finish",
    "total_retainage",
}
#: The percent stands behind this one.
COMPLETED = "total_completed_and_stored_to_date"


@dataclass(frozen=True, slots=True)
class Row:
    """One line or a sum of lines: cents by column, and G of C in percent."""

    item: str
    description: str
    amounts: dict[str, int]

    @property
    def percent(self) -> Decimal:
        return ratio_percent(self.amounts[COMPLETED], self.amounts["scheduled_value"])


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of the original contract (no number) or of one change order, and their sum."""

    number: str
    title: str
    rows: Sequence[Row]
    total: Row


@dataclass(frozen=True, slots=True)
class InvoicePage:
    invoice: Invoice
    document: InvoiceDocument
    columns: Sequence[Column]
    groups: Sequence[Group]
    total: Row
    #: The neighbours on the contract, None at its ends.
    before: Invoice | None
    after: Invoice | None

    @property
    def sheet(self) -> Sheet:
        return self.document.sheet

    @property
    def column_groups(self) -> list[tuple[str, int]]:
        """Headings above the columns with how many each spans; the percent counts."""
        spans = [(c.group, 2 if c.name == COMPLETED else 1, c.name) for c in self.columns]
        return [
            (key[0], sum(width for _, width, _ in parts))
            for key, parts in (
                (key, list(found))
                for key, found in groupby(spans, key=lambda s: (s[0], "" if s[0] else s[2]))
            )
        ]


def of_invoice(invoice_id: int) -> InvoicePage:
    invoice = db.session.scalars(
        sa.select(Invoice)
        .join(Invoice.contract)
        .join(Contract.company)
        .outerjoin(Invoice.period)
        .where(Invoice.id == invoice_id)
        .options(
            contains_eager(Invoice.contract).contains_eager(Contract.company),
            contains_eager(Invoice.period),
        )
        .execution_options(populate_existing=True)
    ).one()
    document = invoice_documents.of_invoices([invoice_id])[invoice_id]
    lines = document.sheet.lines
    titles = {order.number: order.title for order in document.change_orders}
    before, after = _neighbours(invoice)
    return InvoicePage(
        invoice=invoice,
        document=document,
        columns=[
            column
            for column in COLUMNS
            if not column.is_rare or any(getattr(line, column.name) for line in lines)
        ],
        groups=[
            _group(number, titles.get(number, ""), list(found))
            for number, found in groupby(lines, key=lambda line: line.change_order)
        ],
        total=_sum(lines),
        before=before,
        after=after,
    )


def drawing(invoice_id: int) -> Path | None:
    """The PDF of the invoice as it is now, or None while it is not drawn."""
    document = invoice_documents.of_invoices([invoice_id])[invoice_id]
    path = objects.bring(storage.drawn(content_key(document)))
    return path if path.exists() else None


def _neighbours(invoice: Invoice) -> tuple[Invoice | None, Invoice | None]:
    found = db.session.scalars(
        sa.select(Invoice).where(
            Invoice.contract_id == invoice.contract_id,
            Invoice.position.in_(
                [
                    sa.select(sa.func.max(Invoice.position))
                    .where(
                        Invoice.contract_id == invoice.contract_id,
                        Invoice.position < invoice.position,
                    )
                    .scalar_subquery(),
                    sa.select(sa.func.min(Invoice.position))
                    .where(
                        Invoice.contract_id == invoice.contract_id,
                        Invoice.position > invoice.position,
                    )
                    .scalar_subquery(),
                ]
            ),
        )
    ).all()
    before = next((other for other in found if other.position < invoice.position), None)
    after = next((other for other in found if other.position > invoice.position), None)
    return before, after


def _group(number: str, title: str, lines: Sequence[SheetLine]) -> Group:
    rows = [Row(line.item, line.description, _amounts([line])) for line in lines]
    return Group(number, title, rows, _sum(lines))


def _sum(lines: Sequence[SheetLine]) -> Row:
    return Row("", "", _amounts(lines))


def _amounts(lines: Sequence[SheetLine]) -> dict[str, int]:
    return {column.name: sum(getattr(line, column.name) for line in lines) for column in COLUMNS}
