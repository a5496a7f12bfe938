"""Billing periods that follow each other by rule. Pure: days in, days out.

docs/domain.md 8: monthly from any day to the day before, or weekly from any weekday. A rule is
known by the day on which its periods end; each begins on the day after the one before ended, so
they tile time: no day is billed twice and none is forgotten.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import takewhile

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day of the work billed, and the last day to bill it."""

    start: date
    end: date
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Monthly:
    """Periods that end on a day of the month; 31 means its last day, as do 29 and 30 where the
    month is shorter.

    `due_day` is a day of the month in which the period ends, or of the month after.
    Raises ValueError for a day outside 1 to 31.
    """

    end_day: int
    due_day: int | None = None
    is_due_later: bool = False

    def __post_init__(self) -> None:
        if not all(day is None or 1 <= day <= 31 for day in (self.end_day, self.due_day)):
            raise ValueError("A day of the month is between 1 and 31.")

    @property
    def start_day(self) -> int:
        """The day on which periods start; after a month that has no such day, the first."""
        return self.end_day % 31 + 1

    def containing(self, day: date) -> Period:
        end = on_or_after(day, self.end_day)
        first_of_month = end.replace(day=1)
        start = on_day(first_of_month - DAY, self.end_day) + DAY
        return Period(start, end, self._due(end))

    def _due(self, end: date) -> date | None:
        if self.due_day is None:
            return None
        return on_day(_first_of_next_month(end) if self.is_due_later else end, self.due_day)


@dataclass(frozen=True, slots=True)
class Weekly:
    """Periods of seven days that end on a weekday, Monday being 0.

    `due_weekday` lies in the seven days of the period, or in the seven after.
    Raises ValueError for a weekday outside 0 to 6.
    """

    end_weekday: int
    due_weekday: int | None = None
    is_due_later: bool = False

    def __post_init__(self) -> None:
        if not all(day is None or 0 <= day <= 6 for day in (self.end_weekday, self.due_weekday)):
            raise ValueError("A weekday is between 0, Monday, and 6, Sunday.")

    def containing(self, day: date) -> Period:
        end = day + DAY * ((self.end_weekday - day.weekday()) % 7)
        return Period(end - WEEK + DAY, end, self._due(end))

    def _due(self, end: date) -> date | None:
        if self.due_weekday is None:
            return None
        due = end - DAY * ((end.weekday() - self.due_weekday) % 7)
        return due + WEEK if self.is_due_later else due


Rule = Monthly | Weekly


def following(rule: Rule, done_until: date, taken_until: date | None = None) -> Iterator[Period]:
    """The periods of a rule that come after `done_until`, without end.

    What earlier periods cover up to `taken_until`, made by hand or by a former rule, is not
    covered again: the first period begins after it, and is shorter for that.
    """
    period = rule.containing(done_until + DAY)
    while True:
        start = max(period.start, taken_until + DAY) if taken_until else period.start
        if start <= period.end:
            yield _starting(period, start)
        period = rule.containing(period.end + DAY)


def begun(rule: Rule, done_until: date, taken_until: date | None, today: date) -> Iterator[Period]:
    """Those of `following` that have begun by `today`, the oldest first: more than one where
    nobody looked for longer than a period."""
    periods = following(rule, done_until, taken_until)
    return takewhile(lambda period: period.start <= today, periods)


class DueRule(StrEnum):
    """What the due date of a period keeps people from, administrators never (docs/domain.md 9).

    Published rules differ: the older one limits only the creating of an invoice, the newer one
    also its submitting. The older and milder one is the default.
    """

    CREATE = "create"
    CREATE_AND_SUBMIT = "create_and_submit"

    def allows_creating(self, due: date | None, today: date) -> bool:
        return due is None or today <= due

    def allows_submitting(self, due: date | None, today: date) -> bool:
        return self == DueRule.CREATE or self.allows_creating(due, today)


def on_day(month: date, day: int) -> date:
    """This day of the month in which `month` lies, or its last where it has no such day."""
    return month.replace(day=min(day, monthrange(month.year, month.month)[1]))


def on_or_after(first: date, day: int) -> date:
    """The first date from `first` on that is this day of its month."""
    this_month = on_day(first, day)
    return this_month if this_month >= first else on_day(_first_of_next_month(first), day)


def _first_of_next_month(day: date) -> date:
    return day.replace(day=1) + timedelta(days=monthrange(day.year, day.month)[1])


def _starting(period: Period, start: date) -> Period:
    # A shortened period whose due date is over before it begins could be billed by nobody.
    is_over = period.due is not None and period.due < start and start > period.start
    return Period(start, period.end, period.end if is_over else period.due)
