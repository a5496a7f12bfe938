"""Backups that nobody presses for: when a billing period is closed, or at a time of the week or
month in the project's zone."""

import calendar
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from models import (
    BackupSchedule,
    BillingPeriod,
    Contract,
    Invoice,
    InvoiceStatus,
    Occasion,
    PeriodEvent,
    PeriodStatus,
    Project,
    db,
    writing,
)
from services import audit
from services.errors import AppError
from services.formats import span, words

_WEEKDAYS = range(7)
_DAYS = range(1, 32)

log = logging.getLogger(__name__)


class ScheduleRefused(AppError):
    """The schedule cannot be as asked."""


@dataclass(frozen=True, slots=True)
class Due:
    """A backup whose time has come, claimed by who got this."""

    project_id: int
    #: The period whose invoices go in; None where the project has none.
    period_id: int | None
    period: str


@dataclass(frozen=True, slots=True)
class SetUp:
    """What the form says."""

    occasion: Occasion
    day: int | None
    minute: int
    statuses: tuple[str, ...]

    @classmethod
    def parse(cls, form: Mapping[str, str], statuses: Sequence[str]) -> Self:
        """Raises `ScheduleRefused` for what no page of ours sends, and a time that is none."""
        if form.get("occasion") not in set(Occasion):
            raise ScheduleRefused("Choose when backups are made by themselves.")
        occasion, day, minute = Occasion(form["occasion"]), None, 0
        if occasion in {Occasion.WEEKLY, Occasion.MONTHLY}:
            is_weekly = occasion == Occasion.WEEKLY
            allowed = _WEEKDAYS if is_weekly else _DAYS
            text = form.get("weekday" if is_weekly else "month_day", "")
            if not (text.isascii() and text.isdecimal() and int(text[:4]) in allowed):
                raise ScheduleRefused("Choose the day from the list.")
            day, minute = int(text), _minute(form.get("time", ""))
        unknown = [status for status in statuses if status not in set(InvoiceStatus)]
        if unknown:
            raise ScheduleRefused(f"“{unknown[0][:40]}” is not a status of an invoice.")
        return cls(occasion, day, minute, tuple(dict.fromkeys(statuses)))


def of_project(project_id: int) -> BackupSchedule:
    """The schedule, or what holds for a project without one."""
    return db.session.get(BackupSchedule, project_id) or BackupSchedule(
        project_id=project_id,
        occasion=Occasion.NEVER,
        minute=9 * 60,
        statuses=[],
        last_event_id=0,
        last_result="",
    )


def save(project: Project, wanted: SetUp, user_id: int, now: datetime) -> None:
    """Keep the schedule; what was closed before is not made up for."""
    schedule = of_project(project.id)
    schedule.occasion, schedule.day, schedule.minute = wanted.occasion, wanted.day, wanted.minute
    schedule.statuses = list(wanted.statuses)
    schedule.set_up_by_id = user_id
    schedule.next_run_at = next_run(wanted, project.zone, now)
    schedule.last_event_id = _last_closing(project.id)
    db.session.add(schedule)
    detail = {
        "what": "scheduled backup",
        "when": wanted.occasion.value,
        "day": wanted.day,
        "time": f"{wanted.minute // 60:02}:{wanted.minute % 60:02}",
        "statuses": list(wanted.statuses),
    }
    audit.record("settings.changed", project=project, detail=detail)
    db.session.commit()


def next_run(schedule: SetUp | BackupSchedule, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The first moment of the rule after `now`; None for a rule without a clock.

    An hour that the clocks skip in spring is taken an hour later, one that comes twice in autumn
    the first time.
    """
    if schedule.day is None:
        return None
    today = now.astimezone(zone).date()
    at = time(schedule.minute // 60, schedule.minute % 60)
    for ahead in range(63):
        day = today + timedelta(days=ahead)
        if _falls_on(schedule, day):
            moment = datetime.combine(day, at, zone).astimezone(ZoneInfo("UTC"))
            if moment > now:
                return moment
    raise AssertionError("every rule falls on a day within two months")


def due(now: datetime) -> list[Due]:
    """Claim what is to be made now: each is told to one worker only, and once.

    A time that was missed while nothing ran is made up for once. A period that was opened again
    meanwhile is left out.
    """
    return [*_by_clock(now), *_by_closing(now)]


def chosen_invoices(found: Due, statuses: Sequence[str]) -> list[int]:
    """The invoices of the period, with one of these statuses or any."""
    query = (
        sa.select(Invoice.id)
        .join(Contract, Contract.id == Invoice.contract_id)
        .where(Contract.project_id == found.project_id, Invoice.period_id == found.period_id)
        .order_by(Invoice.id)
    )
    if statuses:
        query = query.where(Invoice.status.in_(statuses))
    return list(db.session.scalars(query))


def note_result(project_id: int, said: str, now: datetime) -> None:
    with writing():
        schedule = db.session.get(BackupSchedule, project_id)
        if schedule is not None:
            schedule.last_run_at, schedule.last_result = now, said


def status_words(statuses: Sequence[str]) -> str:
    return ", ".join(map(words, statuses)) or "any status"


def _by_clock(now: datetime) -> list[Due]:
    rows = db.session.execute(
        sa.select(BackupSchedule, Project)
        .join(Project, Project.id == BackupSchedule.project_id)
        .where(BackupSchedule.next_run_at <= now)
    ).all()
    plans = [
        (project.id, schedule.next_run_at, next_run(schedule, project.zone, now))
        for schedule, project in rows
    ]
    return [
        _of_current_period(project_id)
        for project_id, seen, following in plans
        if _claim(project_id, BackupSchedule.next_run_at == seen, next_run_at=following)
    ]


def _by_closing(now: datetime) -> list[Due]:  # noqa: ARG001 - the same shape as by the clock
    closings = db.session.execute(
        sa.select(
            BackupSchedule.project_id,
            BackupSchedule.last_event_id,
            sa.func.max(PeriodEvent.id),
        )
        .join(BillingPeriod, BillingPeriod.project_id == BackupSchedule.project_id)
        .join(PeriodEvent, PeriodEvent.period_id == BillingPeriod.id)
        .where(
            BackupSchedule.occasion == Occasion.PERIOD_CLOSED,
            PeriodEvent.action == "closed",
            PeriodEvent.id > BackupSchedule.last_event_id,
        )
        .group_by(BackupSchedule.project_id, BackupSchedule.last_event_id)
    ).all()
    found = []
    for project_id, seen, newest in closings:
        if _claim(project_id, BackupSchedule.last_event_id == seen, last_event_id=newest):
            found += _closed_between(project_id, seen, newest)
    return found


def _closed_between(project_id: int, after: int, until: int) -> list[Due]:
    rows = db.session.scalars(
        sa.select(BillingPeriod)
        .join(PeriodEvent, PeriodEvent.period_id == BillingPeriod.id)
        .where(
            BillingPeriod.project_id == project_id,
            BillingPeriod.status == PeriodStatus.CLOSED,
            PeriodEvent.action == "closed",
            PeriodEvent.id > after,
            PeriodEvent.id <= until,
        )
        .distinct()
        .order_by(BillingPeriod.start)
    ).all()
    return [Due(project_id, row.id, span(row.start, row.end)) for row in rows]


def _of_current_period(project_id: int) -> Due:
    """The open period, or else the newest."""
    query = BillingPeriod.of_project(project_id).order_by(None)
    is_open = sa.case((BillingPeriod.status == PeriodStatus.OPEN, 0), else_=1)
    row = db.session.scalar(query.order_by(is_open, BillingPeriod.start.desc()).limit(1))
    if row is None:
        return Due(project_id, None, "")
    return Due(project_id, row.id, span(row.start, row.end))


def _claim(
    project_id: int, is_as_seen: sa.ColumnElement[bool], **values: datetime | int | None
) -> bool:
    """One conditional UPDATE: of two workers who saw the same, one wins."""
    claimed = (
        sa.update(BackupSchedule)
        .where(BackupSchedule.project_id == project_id, is_as_seen)
        .values(**values)
        .returning(BackupSchedule.project_id)
    )
    with writing():
        return db.session.scalar(claimed) is not None


def _last_closing(project_id: int) -> int:
    query = (
        sa.select(sa.func.max(PeriodEvent.id))
        .join(BillingPeriod, BillingPeriod.id == PeriodEvent.period_id)
        .where(BillingPeriod.project_id == project_id, PeriodEvent.action == "closed")
    )
    return db.session.scalar(query) or 0


def _falls_on(schedule: SetUp | BackupSchedule, day: date) -> bool:
    assert schedule.day is not None
    if schedule.occasion == Occasion.WEEKLY:
        return day.weekday() == schedule.day
    last = calendar.monthrange(day.year, day.month)[1]
    return day.day == min(schedule.day, last)


def _minute(text: str) -> int:
    try:
        at = time.fromisoformat(text)
    except ValueError as e:
        raise ScheduleRefused("Give the time as 17:30.") from e
    return at.hour * 60 + at.minute
