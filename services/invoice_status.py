"""Changing the status of invoices, one or many, and who did so (docs/domain.md 3, 11)."""

from collections.abc import Callable, Collection
from datetime import date

import sqlalchemy as sa

from models import Contract, Invoice, InvoiceEvent, InvoiceStatus, PeriodSchedule, db
from services import audit
from services.errors import AppError
from services.formats import day, words

#: Ids in one statement: well below what any database takes.
_CHUNK = 5000


class StatusRefused(AppError):
    """The status cannot become what was asked for."""


def parse(text: str) -> InvoiceStatus:
    """The status that a form names. Raises StatusRefused."""
    if not text:
        raise StatusRefused("Choose a status.")
    if text not in list(InvoiceStatus):
        raise StatusRefused(f"“{text[:40]}” is not a status of an invoice.")
    return InvoiceStatus(text)


def change(
    invoice_ids: Collection[int],
    status: InvoiceStatus,
    *,
    user_id: int | None,
    source: InvoiceStatus | None = None,
    then: Callable[[], object] | None = None,
) -> list[int]:
    """Give these invoices a status and note each change; returns those that had another.

    With `source`, only those that still have it. `then` is done in the same transaction where any
    was changed. Their pages show other content from now on: the
    caller has them drawn. Seven statements; commits. Raises StatusRefused for no invoice.
    """
    ids = list(invoice_ids)
    if not ids:
        raise StatusRefused("Tick the invoices whose status changes.")
    changed: list[int] = []
    for first in range(0, len(ids), _CHUNK):
        changed += _change(ids[first : first + _CHUNK], status, user_id, source)
    if changed:
        _record(changed, status)
        if then:
            then()
    db.session.commit()
    return changed


def _record(changed: list[int], status: InvoiceStatus) -> None:
    """One entry however many; what each invoice was before stands in its own history."""
    named = db.session.execute(
        sa.select(Contract.project_id, Contract.number, Invoice.position)
        .join(Contract, Contract.id == Invoice.contract_id)
        .where(Invoice.id.in_(changed[:_CHUNK]))
        .order_by(Contract.number, Invoice.position)
    ).all()
    audit.record(
        "invoice.status_changed",
        project=named[0][0],
        subject=("invoice", changed[0] if len(changed) == 1 else None),
        detail={
            "status": status.value,
            "count": len(changed),
            "invoices": [f"{contract} #{position}" for _, contract, position in named],
        },
    )


def submit(invoice: Invoice, today: date, *, user_id: int) -> None:
    """Send an invoice to the administrators, from Draft or Revise & Resubmit (docs/domain.md 11).

    Raises StatusRefused after the due date where the project's rule says so, and where somebody
    else changed the status meanwhile.
    """
    due = invoice.period.due if invoice.period else None
    schedule = db.session.get(PeriodSchedule, invoice.contract.project_id)
    if schedule and not schedule.due_rule.allows_submitting(due, today):
        raise StatusRefused(
            f"Invoices of this period were due on {day(due)}. An administrator can still submit it."
        )
    change_one(invoice, invoice.status, InvoiceStatus.UNDER_REVIEW, user_id=user_id)


def change_one(
    invoice: Invoice,
    source: InvoiceStatus,
    status: InvoiceStatus,
    *,
    user_id: int,
    then: Callable[[], object] | None = None,
) -> bool:
    """Change the status that somebody saw; False if it is the new one already.

    Raises StatusRefused if it is neither: what was decided on is no longer there.
    """
    if change([invoice.id], status, user_id=user_id, source=source, then=then):
        return True
    db.session.refresh(invoice)
    if invoice.status != status:
        raise StatusRefused(
            f"Somebody changed this invoice to {words(invoice.status)} meanwhile."
            " Look at it, and choose again."
        )
    return False


def _change(
    ids: Collection[int], status: InvoiceStatus, user_id: int | None, source: InvoiceStatus | None
) -> list[int]:
    meant = [Invoice.id.in_(ids), Invoice.status != status]
    if source is not None:
        meant.append(Invoice.status == source)
    before = sa.select(Invoice.id, Invoice.status).where(*meant).with_for_update()
    old = {found: status.value for found, status in db.session.execute(before)}
    update = sa.update(Invoice).where(*meant).values(status=status).returning(Invoice.id)
    changed = sorted(db.session.scalars(update))
    if changed:
        common = {"user_id": user_id, "field": "status", "new": status.value}
        events = [{"invoice_id": found, "old": old[found], **common} for found in changed]
        db.session.execute(sa.insert(InvoiceEvent), events)
    return changed
