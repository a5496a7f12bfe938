"""The columns of an invoice line, to and from entries, and as the text that the history keeps."""

from decimal import Decimal
from typing import Any

from billing import Entry, decimal_string, decimal_units, parse_cents, parse_units

#: Columns that a save of the form may change, with what the history calls each.
LABELS = {
    "work_this_period": "Work this period",
    "quantity_this_period": "Quantity this period",
    "new_stored": "New materials stored",
    "stored_installed": "Stored material installed",
    "work_retainage": "Work retainage",
    "work_retainage_rate": "Work retainage, %",
    "work_retainage_released": "Work retainage released",
    "stored_retainage": "Stored retainage",
    "stored_retainage_rate": "Stored retainage, %",
    "stored_retainage_released": "Stored retainage released",
}
_MAY_BE_NOTHING = {
    "quantity_this_period",
    "work_retainage",
    "work_retainage_rate",
    "stored_retainage",
    "stored_retainage_rate",
}
#: A line that is not listed.
NOTHING: dict[str, int | None] = {
    name: None if name in _MAY_BE_NOTHING else 0 for name in LABELS
}  # fmt: skip


def columns(entry: Entry | None, quantity: int | None) -> dict[str, int | None]:
    """What the row of a line keeps."""
    if entry is None:
        return dict(NOTHING)
    return {
        "work_this_period": entry.work_this_period,
        "quantity_this_period": quantity,
        "new_stored": entry.new_stored,
        "stored_installed": entry.stored_installed,
        "work_retainage": entry.work_retainage,
        "work_retainage_rate": _rate(entry.work_retainage_percent),
        "work_retainage_released": entry.work_retainage_released,
        "stored_retainage": entry.stored_retainage,
        "stored_retainage_rate": _rate(entry.stored_retainage_percent),
        "stored_retainage_released": entry.stored_retainage_released,
    }


def entry_of(values: dict[str, Any]) -> tuple[Entry, int | None]:
    """The inverse of `columns`."""
    rest = {
        name: value for name, value in values.items() if not name.endswith(("_rate", "_quantity"))
    }
    quantity = rest.pop("quantity_this_period")
    return Entry(
        **rest,
        work_retainage_percent=_percent(values["work_retainage_rate"]),
        stored_retainage_percent=_percent(values["stored_retainage_rate"]),
    ), quantity


def text(column: str, value: int | None) -> str:
    """1234.50, 12.5 units, 7.25 percent; nothing where there is no value."""
    if value is None:
        return ""
    return decimal_units(value) if column == "quantity_this_period" else decimal_string(value)


def value(column: str, written: str) -> int | None:
    """The inverse of `text`."""
    if not written:
        return NOTHING[column]
    return parse_units(written) if column == "quantity_this_period" else parse_cents(written)


def _rate(percent: Decimal | None) -> int | None:
    return None if percent is None else int(percent * 100)


def _percent(rate: int | None) -> Decimal | None:
    return None if rate is None else Decimal(rate) / 100
