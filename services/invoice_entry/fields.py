"""The fields of a line: what they show for an entry, and what a typed text means."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from billing import (
    Entry,
    InvalidQuantity,
    format_cents,
    format_units,
    parse_units,
    percent_of,
    ratio_percent,
)
from billing.entering import Standing
from services.importing.cells import BadCell, money, quoted, rate

_PROGRESS = re.compile(r"[-\u2212]?\d{1,5}(\.\d{1,4})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Field:
    """An input of every line."""

    name: str
    label: str
    #: What `billing.entering.Typed` calls it.
    means: str
    parse: Callable[[str], Any]
    #: Sets the retainage of a line, which standard users do not.
    sets_retainage: bool = False
    releases: bool = False
    #: Emptied, the percent rules again.
    clears: str = ""


def _progress(text: str) -> Decimal:
    stripped = text.strip().removesuffix("%").rstrip()
    if not _PROGRESS.fullmatch(stripped):
        raise BadCell(f"{quoted(text.strip())} is not a percent like 62.5.")
    return Decimal(stripped.replace("\u2212", "-"))


def _rate(text: str) -> Decimal:
    return Decimal(rate(text.strip())) / 100


def _quantity(text: str) -> int:
    try:
        return parse_units(text)
    except InvalidQuantity as e:
        raise BadCell(str(e)) from e


FIELDS = (
    Field("work", "Work this period", "work", money),
    Field("quantity", "Quantity this period", "quantity", _quantity),
    Field("percent", "Completed and stored to date, %", "percent", _progress),
    Field("installed", "Stored material installed", "installed", money),
    Field("new", "New materials stored", "new_stored", money),
    Field(
        "wr", "Work retainage this period", "work_retainage", money, sets_retainage=True,
        clears="is_work_retainage_cleared",
    ),
    Field(
        "wrp", "Work retainage this period, %", "work_retainage_percent", _rate,
        sets_retainage=True,
    ),
    Field("wrel", "Work retainage released", "work_retainage_released", money, releases=True),
    Field(
        "sr", "Stored retainage", "stored_retainage", money, sets_retainage=True,
        clears="is_stored_retainage_cleared",
    ),
    Field(
        "srp", "Stored retainage, %", "stored_retainage_percent", _rate, sets_retainage=True
    ),
    Field("srel", "Stored retainage released", "stored_retainage_released", money, releases=True),
)  # fmt: skip
BY_NAME = {field.name: field for field in FIELDS}
#: Of each group one is typed, and the others follow.
ALTERNATIVES = (("work", "quantity", "percent"), ("wr", "wrp"), ("sr", "srp"))
#: An empty field shows nothing, and means it; an emptied percent completed changes nothing.
_EMPTY_IS_ZERO = {"work", "installed", "new", "wrp", "wrel", "srp", "srel", "quantity"}


def parse(field: Field, text: str) -> dict[str, Any]:
    """What a typed text means, by the names of `Typed`. Raises BadCell."""
    if text.strip():
        return {field.means: field.parse(text)}
    if field.clears:
        return {field.clears: True}
    return {field.means: 0} if field.name in _EMPTY_IS_ZERO else {}


def texts(standing: Standing, entry: Entry, quantity: int | None) -> dict[str, str]:
    """What each field shows; amounts of nothing are left empty."""
    stored = standing.stored(entry)
    work_rate = _or(entry.work_retainage_percent, standing.work_percent)
    stored_rate = _or(entry.stored_retainage_percent, standing.stored_percent)
    return {
        "work": _amount(entry.work_this_period - entry.stored_installed),
        "quantity": format_units(quantity) if quantity else "",
        "percent": _percent(standing.percent(entry)),
        "installed": _amount(entry.stored_installed),
        "new": _amount(entry.new_stored),
        **_retainage("wr", entry.work_retainage, work_rate, entry.work_this_period),
        "wrel": _amount(entry.work_retainage_released),
        **_retainage("sr", entry.stored_retainage, stored_rate, stored),
        "srel": _amount(entry.stored_retainage_released),
    }


def _retainage(name: str, amount: int | None, percent: Decimal, base: int) -> dict[str, str]:
    if amount is None:
        return {name: _amount(percent_of(base, percent)), name + "p": _rate_text(percent)}
    shown = ratio_percent(amount, base) if base else percent
    return {name: _amount(amount), name + "p": _rate_text(shown)}


def _or(percent: Decimal | None, usual: Decimal) -> Decimal:
    return usual if percent is None else percent


def _amount(cents: int) -> str:
    return format_cents(cents) if cents else ""


def _percent(value: Decimal) -> str:
    return str(value) if value else ""


def _rate_text(value: Decimal) -> str:
    """10 for 10.00, 7.5 for 7.50."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return text if text != "0" else ""
