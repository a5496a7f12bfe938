"""How dates, sizes, numbers and money read to people: Jinja filters, and the same for mails."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import gettext

from billing.money import format_cents


def day(value: date | None) -> str:
    """Aug 31, 2026."""
    return f"{value:%b} {value.day}, {value.year}" if value else ""


def span(start: date, end: date) -> str:
    """A period as people write it: Aug 1 – 31, 2026; Aug 15 – Sep 14, 2026."""
    if start.year != end.year:
        return f"{day(start)} – {day(end)}"
    if start.month != end.month:
        return f"{start:%b} {start.day} – {day(end)}"
    return f"{start:%b} {start.day} – {end.day}, {end.year}"


def moment(value: datetime | None, zone: ZoneInfo) -> str:
    """Aug 31, 2026, 2:05 PM, in the project's time zone."""
    if value is None:
        return ""
    local = value.astimezone(zone)
    return f"{day(local)}, {local.hour % 12 or 12}:{local:%M} {local:%p}"


def size(count: int | None) -> str:
    """1.4 MB; decimal units, as file managers and mail limits count."""
    if count is None:
        return ""
    amount = float(count)
    for unit in ("bytes", "kB", "MB"):
        if amount < 1000:
            return f"{amount:,.0f} {unit}" if unit == "bytes" else f"{amount:,.1f} {unit}"
        amount /= 1000
    return f"{amount:,.1f} GB"


def counted(count: int, singular: str, plural: str | None = None) -> str:
    """1 invoice, 1,204 pages."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def duration(value: timedelta | None) -> str:
    """Under 1 s, 45 s, 3 min 20 s, 1 h 5 min."""
    seconds = max(0, int(value.total_seconds())) if value else 0
    if value and not seconds:
        return "under 1 s"
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"


#: What a status is called; the keys are the values kept in the database.
STATUS_WORDS = {
    "revise_and_resubmit": "Revise & Resubmit",
    "approved_as_noted": "Approved as Noted",
    "out_for_bid": "Out For Bid",
}


def words(value: str) -> str:
    """Under Review for under_review."""
    return STATUS_WORDS.get(value) or value.replace("_", " ").title()


def spoken(value: str) -> str:
    """The same in the dictionary of who reads it: Contract for subcontract."""
    said: str = gettext(words(value))
    return said


def init_app(app: Flask) -> None:
    filters: dict[str, Callable[..., str]] = {
        "cents": format_cents,
        "day": day,
        "moment": moment,
        "size": size,
        "counted": counted,
        "duration": duration,
        "words": spoken,
    }
    for name, function in filters.items():
        app.add_template_filter(function, name)
    app.add_template_global(span, "span")
