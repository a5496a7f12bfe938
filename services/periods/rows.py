"""The periods of a project, as people see them."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from models import BillingPeriod, Contract, Invoice, PeriodEvent, PeriodSchedule, User, db
from services.period_dates import PeriodDates, after, on_days


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
