"""The dates of a billing period: reading them from a form, and proposing the next ones."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from billing.calendar import DAY, WEEK, on_day, on_or_after
from services.errors import AppError

#: A year outside is a slip of the keyboard, such as 202 or 20226.
YEARS = range(1990, 2200)
#: The day of the month on which bills are due unless somebody says otherwise (docs/domain.md 8).
USUAL_DUE_DAY = 25


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
        start = last.end + DAY
        if start - last.start == WEEK:
            return PeriodDates(start, last.end + WEEK, last.due and last.due + WEEK)
    end = _month_later(start)
    return PeriodDates(start, end, on_day(end, USUAL_DUE_DAY))


def on_days(
    proposed: PeriodDates, start_day: int | None, end_day: int | None, due_day: int | None
) -> PeriodDates:
    """The same beginning and ending on the days of the month that a project prefers.

    31 is the last day of a shorter month; None leaves a date as it follows from the others.
    """
    start = on_or_after(proposed.start, start_day) if start_day else proposed.start
    end = proposed.end if start == proposed.start else _month_later(start)
    if end_day:
        end = on_or_after(start, end_day)
    due = proposed.due
    if due_day or end != proposed.end:
        due = on_day(end, due_day or USUAL_DUE_DAY)
    return PeriodDates(start, end, due)


def _month_later(start: date) -> date:
    """The last day of the month that begins on `start`."""
    first_of_next = on_day(start, 31) + DAY
    return on_day(first_of_next, start.day) - DAY


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
