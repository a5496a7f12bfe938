"""The dates of a billing period: reading them from a form, and proposing the next ones."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from services.errors import AppError

#: A year outside is a slip of the keyboard, such as 202 or 20226.
YEARS = range(1990, 2200)
#: The day of the month on which bills are due unless somebody says otherwise (domain 2, K9).
USUAL_DUE_DAY = 25
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


class PeriodRefused(AppError):
    """A billing period cannot become what was asked for."""


@dataclass(frozen=True, slots=True)
class PeriodDates:
    """First and last day of the work billed, and the last day to bill it."""

    start: date
    end: date
    due: date | None = None

    @classmethod
    def parse(cls, start: str, end: str, due: str) -> Self:
        """The dates as a form sends them, ISO; the due date may be empty. Raises PeriodRefused."""
        dates = cls(
            _day(start, "start"), _day(end, "end"), _day(due, "due date") if due.strip() else None
        )
        if dates.start > dates.end:
            raise PeriodRefused("The start is after the end. Exchange the two dates.")
        return dates


def after(last: PeriodDates | None, today: date) -> PeriodDates:
    """What most likely follows `last`: the next week after a week, else the next month.

    A month runs from the day after `last` to the day before the same day of the month after, so
    1st–31st and 15th–14th both go on as they are. Without `last`, the month of `today`.
    """
    if last is None:
        start = today.replace(day=1)
    else:
        start = last.end + _DAY
        if start - last.start == _WEEK:
            return PeriodDates(start, last.end + _WEEK, last.due and last.due + _WEEK)
    end = _month_later(start) - _DAY
    return PeriodDates(start, end, end.replace(day=min(USUAL_DUE_DAY, _days(end))))


def _month_later(day: date) -> date:
    first_of_next = day.replace(day=1) + timedelta(days=_days(day))
    return first_of_next.replace(day=min(day.day, _days(first_of_next)))


def _days(day: date) -> int:
    return monthrange(day.year, day.month)[1]


def _day(text: str, what: str) -> date:
    text = text.strip()
    if not text:
        raise PeriodRefused(f"The {what} is missing.")
    try:
        day = date.fromisoformat(text)
    except ValueError as e:
        raise PeriodRefused(f"The {what} must be a date like 2026-08-31, not “{text[:40]}”.") from e
    if day.year not in YEARS:
        raise PeriodRefused(f"The {what} is in the year {day.year}. Check its year.")
    return day
