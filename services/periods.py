"""Billing periods: at most one is open, and one that is linked to an invoice is never deleted.

Domain 2. The constraints of the table hold the rules, also between two people who act at the same
moment; the sentences here explain them.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from models import (
    BillingPeriod,
    Contract,
    Invoice,
    PeriodEvent,
    PeriodSchedule,
    PeriodStatus,
    User,
    db,
)
from services import audit, sheets
from services.formats import span
from services.period_dates import PeriodDates, PeriodRefused, after, on_days
from services.visible import SENTENCE, is_visible

#: Invoices that a refused deletion names before it counts the rest.
_NAMED = 3
LONGEST_REASON = 500


@dataclass(slots=True)
class PeriodRow:
    """A period as its list shows it."""

    period: BillingPeriod
    invoices: int = 0
    #: What happened to it and who did it ("" once the account is gone), newest first.
    history: list[tuple[PeriodEvent, str]] = field(default_factory=list)


def listing(project_id: int, viewer: User | None = None) -> list[PeriodRow]:
    """All periods of a project, newest first, in three statements.

    With a `viewer`, only invoices that this person may see are counted.
    """
    periods = db.session.scalars(BillingPeriod.of_project(project_id)).all()
    rows = {period.id: PeriodRow(period) for period in periods}
    counts = db.session.execute(
        sa.select(Invoice.period_id, sa.func.count())
        .where(
            Invoice.contract_id.in_(Contract.ids_visible_to(viewer, project_id)),
            Invoice.period_id.is_not(None),
        )
        .group_by(Invoice.period_id)
    )
    for period_id, count in counts:
        if period_id in rows:
            rows[period_id].invoices = count
    for period_id, events in _histories(project_id).items():
        rows[period_id].history = events
    return list(rows.values())


def _histories(project_id: int) -> dict[int, list[tuple[PeriodEvent, str]]]:
    found: dict[int, list[tuple[PeriodEvent, str]]] = defaultdict(list)
    for event, name in db.session.execute(
        sa.select(PeriodEvent, User.name)
        .join(BillingPeriod, BillingPeriod.id == PeriodEvent.period_id)
        .outerjoin(User, User.id == PeriodEvent.user_id)
        .where(BillingPeriod.project_id == project_id)
        .order_by(PeriodEvent.at.desc(), PeriodEvent.id.desc())
    ):
        found[event.period_id].append((event, name or ""))
    return found


def proposal(project_id: int, today: date) -> PeriodDates:
    """The dates with which the form for a new period opens."""
    newest = db.session.scalar(BillingPeriod.of_project(project_id).limit(1))
    last = PeriodDates(newest.start, newest.end, newest.due) if newest else None
    schedule = db.session.get(PeriodSchedule, project_id)
    if schedule is None:
        return after(last, today)
    return on_days(
        after(last, today),
        schedule.default_start_day,
        schedule.default_end_day,
        schedule.default_due_day,
    )


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
        raise PeriodRefused(f"{name} cannot be deleted: {_holders(period_id)}.") from e


def _holders(period_id: int) -> str:
    """“invoices 2 of SC-001 and 1 of SC-002 belong to it”, the rest counted."""
    found = db.session.execute(
        sa.select(Contract.number, Invoice)
        .join(Contract, Contract.id == Invoice.contract_id)
        .where(Invoice.period_id == period_id)
        .order_by(Contract.number, Invoice.position)
    ).all()
    names = [f"{invoice.label} of {contract}" for contract, invoice in found[:_NAMED]]
    if len(found) > _NAMED:
        names.append(f"{len(found) - _NAMED:,} more")
    verb = "belongs" if len(found) == 1 else "belong"
    noun = "invoice" if len(found) == 1 else "invoices"
    return f"{noun} {_listed(names)} {verb} to it"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


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


@contextmanager
def explained(project_id: int, dates: PeriodDates | None = None) -> Iterator[None]:
    """Turn a broken constraint into the sentence of the rule that it holds."""
    try:
        yield
    except sa.exc.IntegrityError as e:
        db.session.rollback()
        if dates and _exists(project_id, dates):
            raise PeriodRefused(f"There is a period {span(dates.start, dates.end)} already.") from e
        raise PeriodRefused(
            "Somebody else changed the billing periods at the same moment. Look, and try again."
        ) from e


def _exists(project_id: int, dates: PeriodDates) -> bool:
    same = sa.select(BillingPeriod.id).where(
        BillingPeriod.project_id == project_id,
        BillingPeriod.start == dates.start,
        BillingPeriod.end == dates.end,
    )
    return db.session.scalar(same) is not None


def _in_words(dates: PeriodDates) -> str:
    due = f", due {dates.due:%b} {dates.due.day}" if dates.due else ""
    return span(dates.start, dates.end) + due
