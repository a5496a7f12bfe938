"""Saving the form of an invoice: one conditional UPDATE decides who was first."""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from models import Invoice, InvoiceEvent, InvoiceLine, Review, db, utcnow
from services import audit, sheets
from services.errors import AppError
from services.invoice_entry import values
from services.invoice_entry.drafts import Outcome
from services.invoice_entry.header import Header
from services.invoice_entry.state import EntryLine, EntryState
from services.permissions import OPEN_STATUSES


class Stale(AppError):
    """Somebody else saved the invoice meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody saved this invoice while you worked on it. Nothing of yours is saved yet:"
            " look at what differs, then save again."
        )


class Locked(AppError):
    """The amounts of the invoice do not change any more."""


@dataclass(frozen=True, slots=True)
class Change:
    """A column of the invoice, or of one of its lines, with its values as text."""

    line: EntryLine | None
    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Saver:
    """Who saves, what he had seen, and whether the invoice must be open for that."""

    user_id: int
    version: int
    #: Administrators change the amounts of the latest invoice in any status (docs/domain.md 11).
    is_administrator: bool


def save(state: EntryState, header: Header, outcome: Outcome, saver: Saver) -> bool:
    """Save what was entered; False where nothing differs from what is saved. Commits.

    Raises Stale, or Locked where the invoice is not the latest of its contract, or no draft.
    """
    lines = _changed_lines(state, outcome)
    changes = [*_header_changes(state.invoice, header), *_line_changes(lines)]
    if not changes:
        db.session.rollback()
        return False
    version = _claim(state.invoice, header, saver)
    _write(state.invoice, lines)
    note(state.invoice.id, changes, saver.user_id, version)
    _record(state, changes)
    sheets.recalculate([state.invoice.contract_id])
    db.session.commit()
    return True


def _record(state: EntryState, changes: list[Change]) -> None:
    """One entry; what each line was before stands in the history of the invoice."""
    invoice = state.invoice
    audit.record(
        "invoice.entered",
        project=invoice.contract.project_id,
        subject=("invoice", invoice.id),
        detail={
            "invoice": f"{invoice.contract.number} #{invoice.position}",
            "changes": len(changes),
            "lines": len({change.line.id for change in changes if change.line}),
        },
    )


def note(
    invoice_id: int, changes: list[Change], user_id: int | None, version: int | None = None
) -> None:
    """Add to the history, all with the same moment. The caller commits."""
    if not changes:
        return
    at = utcnow()
    rows = [
        {
            "invoice_id": invoice_id,
            "user_id": user_id,
            "at": at,
            "version": version,
            "subject": change.line.name if change.line else "",
            "line_id": change.line.id if change.line else None,
            "field": change.column,
            "old": change.old,
            "new": change.new,
        }
        for change in changes
    ]
    db.session.execute(sa.insert(InvoiceEvent), rows)


def _claim(invoice: Invoice, header: Header, saver: Saver) -> int:
    """The new version of the invoice, if it is as the saver saw it and may still change."""
    later = aliased(Invoice)
    is_latest = ~sa.exists().where(
        later.contract_id == Invoice.contract_id, later.position > Invoice.position
    )
    conditions = [Invoice.id == invoice.id, Invoice.version == saver.version, is_latest]
    if not saver.is_administrator:
        conditions.append(Invoice.status.in_(OPEN_STATUSES))
    version = db.session.scalar(
        sa.update(Invoice)
        .where(*conditions)
        .values(
            version=Invoice.version + 1,
            number=header.number,
            billing_date=header.billing_date,
            comments=header.comments,
            is_final=header.is_final,
        )
        .returning(Invoice.version)
        .execution_options(synchronize_session=False)
    )
    if version is not None:
        return version
    db.session.rollback()
    db.session.refresh(invoice)
    if invoice.version != saver.version:
        raise Stale
    raise Locked(
        "Only the latest invoice of a contract changes its amounts, and for you only while it is"
        " a draft."
    )


#: A line with its columns as they were and as they will be.
_Changed = tuple[EntryLine, dict[str, int | None], dict[str, int | None]]


def _changed_lines(state: EntryState, outcome: Outcome) -> list[_Changed]:
    found: list[_Changed] = []
    for line in state.lines:
        if (entry := outcome.entries.get(line.key)) is None:
            continue
        if line.saved is None and entry == line.standing.unlisted:
            continue  # Listing it would change no figure.
        old = values.columns(line.saved, line.quantity)
        new = values.columns(entry, outcome.quantities.get(line.id))
        if old != new:
            found.append((line, old, new))
    return found


def _line_changes(lines: list[_Changed]) -> Iterator[Change]:
    for line, old, new in lines:
        # The percentages of a line that is listed for the first time are those it carries.
        carried = values.columns(line.standing.unlisted, None) if line.saved is None else {}
        for column in values.LABELS:
            is_carried = column.endswith("_rate") and new[column] == carried.get(column)
            if old[column] != new[column] and not is_carried:
                was, now = (values.text(column, row[column]) for row in (old, new))
                yield Change(line, column, was, now)


def _header_changes(invoice: Invoice, header: Header) -> Iterator[Change]:
    old, new = Header.of(invoice).texts(), header.texts()
    for column, text in new.items():
        if old[column] != text:
            yield Change(None, column, old[column], text)


def _write(invoice: Invoice, lines: list[_Changed]) -> None:
    """What a reviewer said of a line was said of other amounts: it goes."""
    common = {"invoice_id": invoice.id, "contract_id": invoice.contract_id}
    said = {"review": Review.NO_ACTION, "review_reason": ""}
    fresh = [
        {**common, "sov_line_id": line.id, **new}
        for line, _, new in lines
        if line.saved is None
    ]  # fmt: skip
    changed = [
        {"invoice_id": invoice.id, "sov_line_id": line.id, **new, **said}
        for line, _, new in lines
        if line.saved is not None
    ]
    if fresh:
        db.session.execute(sa.insert(InvoiceLine), fresh)
    if changed:
        db.session.execute(sa.update(InvoiceLine), changed)
