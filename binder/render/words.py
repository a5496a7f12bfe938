"""Counts, dates and percents in the words our pages print."""

from datetime import date
from decimal import Decimal

from binder.plan import Addendum

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def counted(count: int, singular: str) -> str:
    """1 page, 1,204 pages."""
    return f"{count:,} {singular}" if count == 1 else f"{count:,} {singular}s"


def day(value: date | None) -> str:
    """A day as `Aug 31, 2026`, whatever the locale of the process; nothing for no day."""
    return f"{_MONTHS[value.month - 1]} {value.day}, {value.year}" if value else ""


def followed(addendum: Addendum) -> str:
    """Which backup an addendum goes on from."""
    return (
        f"This is an addendum to backup {addendum.to:,} of {day(addendum.requested_at.date())}, "
        f"SHA-256 {addendum.sha256}, whose last page is {addendum.last_page:,}. The numbers of "
        "these pages go on from there."
    )


def span(start: date | None, end: date | None) -> str:
    """A period as `Aug 1, 2026 – Aug 31, 2026`; "No billing period" where there is none."""
    if start is None and end is None:
        return "No billing period"
    return f"{day(start) or '…'} – {day(end) or '…'}"


def percent(value: Decimal) -> str:
    """A percent with two places, `96.36%`; negative in parentheses."""
    return f"({abs(value):,.2f}%)" if value < 0 else f"{value:,.2f}%"
