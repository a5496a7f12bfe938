"""Opening, changing, closing and deleting periods; each leaves its line in the history."""

import sqlalchemy as sa

from models import BillingPeriod, Invoice, PeriodEvent, PeriodStatus, db
from services import audit, sheets
from services.formats import span
from services.period_dates import PeriodDates, PeriodRefused
from services.periods.refusing import explained, holders
from services.visible import SENTENCE, is_visible

LONGEST_REASON = 500


def create(project_id: int, dates: PeriodDates, *, user_id: int | None) -> BillingPeriod:
    """Add a period as the open one; the one that was open is closed. Raises PeriodRefused."""
    with explained(project_id, dates):
        period = open_new(project_id, dates, user_id=user_id)
        db.session.commit()
    return period


def open_new(
    project_id: int, dates: PeriodDates, *, user_id: int | None, reason: str = ""
) -> BillingPeriod:
    """The same without the commit and without sentences for what the database refuses."""
    _close_others(project_id, None, user_id)
    period = BillingPeriod(
        project_id=project_id,
        start=dates.start,
        end=dates.end,
        due=dates.due,
        status=PeriodStatus.OPEN,
    )
    db.session.add(period)
    db.session.flush()
    _note(period.id, "created", user_id, reason)
    return period


def update(period: BillingPeriod, dates: PeriodDates, *, user_id: int | None) -> list[int]:
    """Change the dates; returns the invoices whose pages show other content from now on.

    The end decides which change orders appear on the invoices of the period, so their contracts
    are billed anew. Raises PeriodRefused.
    """
    before = PeriodDates(period.start, period.end, period.due)
    if before == dates:
        return []
    with explained(period.project_id, dates):
        period.start, period.end, period.due = dates.start, dates.end, dates.due
        db.session.flush()
        _note(period.id, "changed", user_id, f"from {_in_words(before)} to {_in_words(dates)}")
        contracts = db.session.scalars(
            sa.select(Invoice.contract_id).where(Invoice.period_id == period.id).distinct()
        ).all()
        sheets.recalculate(contracts)
        db.session.commit()
    return list(
        db.session.scalars(
            sa.select(Invoice.id).where(Invoice.contract_id.in_(contracts)).order_by(Invoice.id)
        )
    )


def open_again(period: BillingPeriod, reason: str, *, user_id: int | None) -> bool:
    """Open a closed period and close the one that was open; False if it is open already.

    The reason is kept in the history: an earlier period that is open again stops the compiles of
    its contracts, and somebody will ask why. Raises PeriodRefused.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise PeriodRefused("Say why this period is opened again; the history keeps the reason.")
    if not is_visible(reason):
        raise PeriodRefused(f"The reason {SENTENCE}.")
    if len(reason) > LONGEST_REASON:
        raise PeriodRefused(f"Keep the reason below {LONGEST_REASON} characters.")
    with explained(period.project_id):
        _close_others(period.project_id, period.id, user_id)
        won = _set_status(period.id, PeriodStatus.CLOSED, PeriodStatus.OPEN)
        if won:
            _note(period.id, "reopened", user_id, reason)
        db.session.commit()
    return won


def close(period: BillingPeriod, *, user_id: int | None) -> bool:
    """Close the open period; False if somebody closed it before."""
    won = _set_status(period.id, PeriodStatus.OPEN, PeriodStatus.CLOSED)
    if won:
        _note(period.id, "closed", user_id)
    db.session.commit()
    return won


def delete(period: BillingPeriod) -> None:
    """Delete a period that no invoice is linked to. Raises PeriodRefused naming those that are."""
    period_id, name, project_id = period.id, span(period.start, period.end), period.project_id
    try:
        db.session.execute(sa.delete(BillingPeriod).where(BillingPeriod.id == period_id))
        _record(project_id, period_id, "deleted", name)
        db.session.commit()
    except sa.exc.IntegrityError as e:
        db.session.rollback()
        raise PeriodRefused(f"{name} cannot be deleted: {holders(period_id)}.") from e


def _close_others(project_id: int, period_id: int | None, user_id: int | None) -> None:
    closed = db.session.scalars(
        sa.update(BillingPeriod)
        .where(
            BillingPeriod.project_id == project_id,
            BillingPeriod.status == PeriodStatus.OPEN,
            BillingPeriod.id.is_distinct_from(period_id),
        )
        .values(status=PeriodStatus.CLOSED)
        .returning(BillingPeriod.id)
    ).all()
    for other in closed:
        _note(other, "closed", user_id, "another period was opened")


def _set_status(period_id: int, source: PeriodStatus, target: PeriodStatus) -> bool:
    changed = (
        sa.update(BillingPeriod)
        .where(BillingPeriod.id == period_id, BillingPeriod.status == source)
        .values(status=target)
        .returning(BillingPeriod.id)
    )
    return db.session.scalar(changed) is not None


def _note(period_id: int, action: str, user_id: int | None, reason: str = "") -> None:
    db.session.add(PeriodEvent(period_id=period_id, user_id=user_id, action=action, reason=reason))
    period = db.session.get_one(BillingPeriod, period_id)
    _record(period.project_id, period_id, action, span(period.start, period.end), reason)


def _record(project_id: int, period_id: int, action: str, name: str, why: str = "") -> None:
    detail = {"period": name} | ({"why": why} if why else {})
    about = ("billing_period", period_id)
    audit.record(f"period.{action}", project=project_id, subject=about, detail=detail)


def _in_words(dates: PeriodDates) -> str:
    due = f", due {dates.due:%b} {dates.due.day}" if dates.due else ""
    return span(dates.start, dates.end) + due
