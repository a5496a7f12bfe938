"""Reviewing an invoice line by line, and what somebody concludes from it (docs/domain.md 12)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from billing import SheetLine
from models import (
    ChangeOrder,
    Invoice,
    InvoiceEvent,
    InvoiceLine,
    InvoiceStatus,
    Review,
    SovLine,
    Topic,
    User,
    db,
)
from services import audit, invoice_status
from services.delivery import waiting
from services.errors import AppError
from services.importing.cells import BadCell, text
from services.invoice_entry import saving, state
from services.invoice_entry.saving import Change
from services.invoice_entry.state import EntryLine

LONGEST_REASON = 500


class NotReviewed(AppError):
    """The review was not saved; the message says why."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a reviewer says of a line."""

    review: Review
    reason: str = ""

    def or_approved(self) -> "Mark":
        """The same, with a line that nobody judged approved."""
        return Mark(Review.APPROVED) if self.review == Review.NO_ACTION else self


@dataclass(frozen=True, slots=True)
class Row:
    """A line that the invoice enters something on."""

    line: EntryLine
    sheet: SheetLine
    mark: Mark


def rows(invoice: Invoice) -> list[Row]:
    """What there is to review, in the order of the invoice. Amounts stay as they are."""
    marks = {
        row.sov_line_id: Mark(row.review, row.review_reason)
        for row in db.session.execute(
            sa.select(InvoiceLine.sov_line_id, InvoiceLine.review, InvoiceLine.review_reason).where(
                InvoiceLine.invoice_id == invoice.id
            )
        )
    }
    loaded = state.load(invoice)
    sheets = {row.key: row for row in loaded.sheet.lines}
    return [
        Row(line, sheets[line.key], marks[line.id]) for line in loaded.lines if line.id in marks
    ]


def parse(row: Row, review: str | None, reason: str | None) -> Mark:
    """The mark of a form; a field that is not there changes nothing. Raises NotReviewed."""
    if review is None:
        return row.mark
    try:
        said = text(LONGEST_REASON)((reason or "").strip())
    except BadCell as e:
        raise NotReviewed(f"{row.line.name}: {e}") from e
    if review not in list(Review):
        raise NotReviewed(f"{row.line.name}: choose approve or reject, or neither.")
    return Mark(Review(review), said if review == Review.REJECTED else "")


def save(
    invoice: Invoice, found: Sequence[Row], marks: Mapping[int, Mark], version: int, user_id: int
) -> None:
    """Keep the marks of the lines whose ids are given, and note each that changed. Commits.

    Raises NotReviewed where somebody saved the invoice since this version.
    """
    changed = [(row, mark) for row in found if (mark := marks[row.line.id]) != row.mark]
    if version != invoice.version:
        raise NotReviewed(
            "Somebody changed this invoice meanwhile. Look at the amounts, then save your review"
            " again."
        )
    if not changed:
        return
    claimed = db.session.scalar(
        sa.update(Invoice)
        .where(Invoice.id == invoice.id, Invoice.version == version)
        .values(version=Invoice.version + 1)
        .returning(Invoice.version)
    )
    if claimed is None:
        db.session.rollback()
        raise NotReviewed("Somebody changed this invoice at the same moment. Save again.")
    db.session.execute(
        sa.update(InvoiceLine),
        [
            {
                "invoice_id": invoice.id,
                "sov_line_id": row.line.id,
                "review": mark.review,
                "review_reason": mark.reason,
            }
            for row, mark in changed
        ],
    )
    audit.record(
        "invoice.reviewed",
        project=invoice.contract.project_id,
        subject=("invoice", invoice.id),
        detail={
            "invoice": f"{invoice.contract.number} #{invoice.position}",
            "lines": {row.line.name: mark.review.value for row, mark in changed},
        },
    )
    saving.note(invoice.id, [c for row, mark in changed for c in _changes(row, mark)], user_id)
    db.session.commit()


def _changes(row: Row, mark: Mark) -> list[Change]:
    pairs = (
        ("review", row.mark.review.value, mark.review.value),
        ("review_reason", row.mark.reason, mark.reason),
    )
    return [Change(row.line, name, old, new) for name, old, new in pairs if old != new]


def proposed(invoice: Invoice, found: Sequence[Row]) -> InvoiceStatus:
    """The status that a finished review leads to, unless the reviewer says otherwise."""
    if any(row.mark.review == Review.REJECTED for row in found):
        return InvoiceStatus.REVISE_AND_RESUBMIT
    return InvoiceStatus.UNDER_REVIEW if invoice.status == "draft" else invoice.status


def counts(found: Sequence[Row]) -> Counter[Review]:
    return Counter(row.mark.review for row in found)


def rejected(invoice_id: int) -> list[tuple[str, str]]:
    """What to call each rejected line, and the reason; one statement."""
    found = db.session.execute(
        sa.select(ChangeOrder.number, SovLine.item, InvoiceLine.review_reason)
        .join(SovLine, SovLine.id == InvoiceLine.sov_line_id)
        .outerjoin(ChangeOrder, ChangeOrder.id == SovLine.change_order_id)
        .where(InvoiceLine.invoice_id == invoice_id, InvoiceLine.review == Review.REJECTED)
        .order_by(ChangeOrder.position, SovLine.position)
    )
    return [
        (f"Item {item} of change order {order}" if order else f"Item {item}", reason)
        for order, item, reason in found
    ]


def finish(
    invoice: Invoice, seen: InvoiceStatus, status: InvoiceStatus, user_id: int, now: datetime
) -> str:
    """Give the invoice the status that its review leads to and have who submitted it told; the
    name of that person, "" where there is nobody but the reviewer. Raises StatusRefused."""
    told = submitter(invoice.id)
    if told is None or told.id == user_id:
        invoice_status.change_one(invoice, seen, status, user_id=user_id)
        return ""
    about, name = {"invoice_id": invoice.id, "user_id": told.id}, told.name
    invoice_status.change_one(
        invoice,
        seen,
        status,
        user_id=user_id,
        then=lambda: waiting.queue(Topic.REVIEW_FINISHED, now, **about),
    )
    return name


def submitter(invoice_id: int) -> User | None:
    """Who sent the invoice to review last, if he can still sign in."""
    return db.session.scalar(
        sa.select(User)
        .join(InvoiceEvent, InvoiceEvent.user_id == User.id)
        .where(
            InvoiceEvent.invoice_id == invoice_id,
            InvoiceEvent.field == "status",
            InvoiceEvent.new == InvoiceStatus.UNDER_REVIEW.value,
            User.is_active,
        )
        .order_by(InvoiceEvent.id.desc())
        .limit(1)
    )
