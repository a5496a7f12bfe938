"""Automatic billing periods: the rule of a project, and making the periods that have begun.

docs/domain.md 8. A rule makes a period on its first day, in the project's time zone. It never makes
one twice, not even after somebody deleted it, and leaves alone what people made by hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Self, TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from billing.calendar import DAY, DueRule, Period, begun, following
from models import BillingPeriod, Frequency, PeriodSchedule, Project, db
from services import audit, periods
from services.period_dates import PeriodDates, PeriodRefused

Kind = TypeVar("Kind", bound=StrEnum)

DAYS_OF_MONTH = range(1, 32)
#: Monday is 0.
WEEKDAYS = range(7)


@dataclass(frozen=True, slots=True)
class SetUp:
    """What the form of a project's billing periods says."""

    frequency: Frequency
    end_day: int | None
    due_day: int | None
    is_due_later: bool
    default_start_day: int | None
    default_end_day: int | None
    default_due_day: int | None
    due_rule: DueRule

    @classmethod
    def parse(cls, form: Mapping[str, str]) -> Self:
        """Read a posted form; only the fields of the chosen frequency count.

        Raises PeriodRefused for what no page of ours sends.
        """
        frequency = _choice(Frequency, form.get("frequency", ""), "how periods are made")
        name = frequency.value
        allowed = WEEKDAYS if frequency == Frequency.WEEKLY else DAYS_OF_MONTH
        end = due = None
        if frequency != Frequency.NEVER:
            end = _day(form.get(f"{name}_end", ""), allowed, "the last day")
            if end is None:
                raise PeriodRefused("Choose the day on which a period ends.")
            due = _day(form.get(f"{name}_due", ""), allowed, "the due day")
        return cls(
            frequency,
            end,
            due,
            due is not None and form.get(f"{name}_due_later") == "1",
            _day(form.get("default_start", ""), DAYS_OF_MONTH, "the usual start"),
            _day(form.get("default_end", ""), DAYS_OF_MONTH, "the usual end"),
            _day(form.get("default_due", ""), DAYS_OF_MONTH, "the usual due day"),
            _choice(DueRule, form.get("due_rule", DueRule.CREATE), "what the due date limits"),
        )


def of_project(project_id: int) -> PeriodSchedule:
    """The schedule of a project, or what holds for one that has set up none."""
    return db.session.get(PeriodSchedule, project_id) or PeriodSchedule(
        project_id=project_id,
        frequency=Frequency.NEVER,
        is_due_later=False,
        due_rule=DueRule.CREATE,
    )


def coming(schedule: PeriodSchedule, taken_until: date | None) -> Period | None:
    """The period that the rule makes next, None without a rule. `taken_until` is the last day
    that periods of the project cover already."""
    rule, done_until = schedule.rule, schedule.done_until
    return next(following(rule, done_until, taken_until)) if rule and done_until else None


def save(project_id: int, wanted: SetUp, today: date) -> list[BillingPeriod]:
    """Keep the rule and make the period that it has today; returns what was made.

    Raises PeriodRefused where somebody else changes the periods at the same moment.
    """
    schedule = of_project(project_id)
    before = schedule.frequency, schedule.end_day
    for name in SetUp.__slots__:
        setattr(schedule, name, getattr(wanted, name))
    if (schedule.frequency, schedule.end_day) != before:
        rule = schedule.rule
        schedule.done_until = rule.containing(today).start - DAY if rule else None
    with periods.explained(project_id):
        db.session.add(schedule)
        detail = {name: getattr(wanted, name) for name in SetUp.__slots__}
        audit.record("period.schedule_changed", project=project_id, detail=detail)
        made = _advance(schedule, today)
        db.session.commit()
    return made


def behind(now: datetime) -> list[int]:
    """The projects in which a period has begun that is not there yet, in one statement."""
    return [
        schedule.project_id
        for schedule, zone, taken_until in db.session.execute(_automatic())
        if _begun(schedule, taken_until, now.astimezone(ZoneInfo(zone)).date())
    ]


def advance(project_id: int, now: datetime) -> list[BillingPeriod]:
    """Make the periods of a project that have begun: the last is open, any missed are closed.

    Safe to repeat. The caller commits a transaction that began IMMEDIATE. Raises IntegrityError
    where somebody makes the same period in the same moment.
    """
    project = db.session.get_one(Project, project_id)
    return _advance(of_project(project_id), now.astimezone(project.zone).date())


def _advance(schedule: PeriodSchedule, today: date) -> list[BillingPeriod]:
    taken_until = db.session.scalar(
        sa.select(sa.func.max(BillingPeriod.end)).where(
            BillingPeriod.project_id == schedule.project_id
        )
    )
    made = []
    for period in _begun(schedule, taken_until, today):
        dates = PeriodDates(period.start, period.end, period.due)
        reason = f"automatically, {schedule.frequency}"
        # Each closes the one before, so those that were missed end up closed.
        made.append(periods.open_new(schedule.project_id, dates, user_id=None, reason=reason))
        schedule.done_until = period.end
    return made


def _begun(schedule: PeriodSchedule, taken_until: date | None, today: date) -> list[Period]:
    rule, done_until = schedule.rule, schedule.done_until
    return list(begun(rule, done_until, taken_until, today)) if rule and done_until else []


def _automatic() -> sa.Select[PeriodSchedule, str, date | None]:
    last = (
        sa.select(sa.func.max(BillingPeriod.end))
        .where(BillingPeriod.project_id == PeriodSchedule.project_id)
        .scalar_subquery()
    )
    return (
        sa.select(PeriodSchedule, Project.timezone, last)
        .join(Project, Project.id == PeriodSchedule.project_id)
        .where(PeriodSchedule.frequency != Frequency.NEVER, Project.archived.is_(None))
        .order_by(PeriodSchedule.project_id)
    )


def _choice(kind: type[Kind], text: str, what: str) -> Kind:
    if text not in list(kind):
        raise PeriodRefused(f"Choose {what}: “{text[:40]}” is not one of the choices.")
    return kind(text)


def _day(text: str, allowed: range, what: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or int(text[:9]) not in allowed:
        raise PeriodRefused(f"Choose {what} from the list: “{text[:40]}” is not in it.")
    return int(text)
