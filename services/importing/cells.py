"""What the text of one cell means. Each parser returns a value or raises `BadCell`."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from enum import StrEnum
from typing import TypeVar

from billing import (
    MAX_RULES,
    InvalidAmount,
    InvalidPercent,
    InvalidQuantity,
    parse_cents,
    parse_percent,
    parse_units,
)
from services import mail_addresses
from services.document_types import is_code
from services.importing.places import is_litter
from services.visible import SENTENCE, is_visible

_E = TypeVar("_E", bound=StrEnum)

_DATE = re.compile(r"(19|20|21)\d\d-\d\d-\d\d", re.ASCII)
_WHOLE_NUMBER = re.compile(r"\d{1,6}", re.ASCII)
LARGEST_POSITION = 100_000


class BadCell(ValueError):
    """The text of a cell is not what its column holds; the message says what was expected."""


def shortened(text: str) -> str:
    """The text as a message shows it: short and on one line."""
    shown = "".join(c if c.isprintable() else "�" for c in text[:61])
    return f"{shown[:60]}…" if len(text) > 60 else shown


def quoted(text: str) -> str:
    """The same in quotes."""
    return f"“{shortened(text)}”"


def listed(names: Iterable[str]) -> str:
    """a, b or c."""
    *rest, last = names
    return f"{', '.join(rest)} or {last}" if rest else last


def text(longest: int, *, lines: bool = False) -> Callable[[str], str]:
    """Text of at most `longest` characters; on one line, unless `lines` allows more.

    Composed (NFC), so that what looks the same compares the same on every computer.
    """

    def parse(cell: str) -> str:
        value = unicodedata.normalize("NFC", cell)
        if len(value) > longest:
            raise BadCell(
                f"{quoted(value)} has {len(value):,} characters; the limit is {longest:,}."
            )
        if any(unicodedata.category(c) == "Cc" and not (lines and c in "\n\r\t") for c in value):
            expected = "text without control characters" if lines else "one line of text"
            raise BadCell(f"{quoted(value)} is not {expected}.")
        if not is_visible(value, lines=lines):
            raise BadCell(f"{quoted(value)} {SENTENCE}.")
        return value.replace("\r\n", "\n").replace("\r", "\n")

    return parse


def day(cell: str) -> date:
    """An ISO date."""
    if _DATE.fullmatch(cell):
        try:
            return date.fromisoformat(cell)
        except ValueError as e:
            raise BadCell(f"{quoted(cell)} is not a day of the calendar.") from e
    raise BadCell(f"{quoted(cell)} is not a date like 2026-08-31.")


def money(cell: str) -> int:
    """An amount in cents."""
    try:
        return parse_cents(cell)
    except InvalidAmount as e:
        raise BadCell(str(e)) from e


def units(cell: str) -> int:
    """A quantity, or a price per unit, in ten-thousandths."""
    try:
        return parse_units(cell)
    except InvalidQuantity as e:
        raise BadCell(str(e)) from e


def email(cell: str) -> str:
    """An address in lower case."""
    try:
        return mail_addresses.parse(cell)
    except mail_addresses.AddressRefused as e:
        raise BadCell(str(e)) from e


def rate(cell: str) -> int:
    """A percent in hundredths: 1000 for "10" or "10 %"."""
    try:
        hundredths = parse_percent(cell) * 100
    except InvalidPercent as e:
        raise BadCell(f"{quoted(cell)} is not a percent from 0 to 100.") from e
    if hundredths != int(hundredths):
        raise BadCell(f"{quoted(cell)} has more than two decimals; expected a percent like 7.25.")
    return int(hundredths)


def position(cell: str) -> int:
    """A running number, from 1."""
    if _WHOLE_NUMBER.fullmatch(cell) and 1 <= int(cell) <= LARGEST_POSITION:
        return int(cell)
    raise BadCell(f"{quoted(cell)} is not a whole number from 1 to {LARGEST_POSITION:,}.")


def rule_position(cell: str) -> int:
    """The place of a retainage rule, of which a contract has at most five."""
    if cell in {str(place) for place in range(1, MAX_RULES + 1)}:
        return int(cell)
    raise BadCell(f"{quoted(cell)} is not a whole number from 1 to {MAX_RULES}.")


def yes_or_no(cell: str) -> bool:
    word = cell.lower()
    if word not in {"yes", "no", "true", "false"}:
        raise BadCell(f"{quoted(cell)} is not yes or no.")
    return word in {"yes", "true"}


def one_of(choices: type[_E]) -> Callable[[str], _E]:
    """One of the values of an enumeration, spelled as it is."""

    def parse(cell: str) -> _E:
        try:
            return choices(cell)
        except ValueError as e:
            raise BadCell(f"{quoted(cell)} is not {listed(choices)}.") from e

    return parse


def folder_name(cell: str) -> str:
    """The name of one folder, on any computer."""
    value = text(100)(cell)
    if set(value) & set('/\\:*?"<>|') or value.strip(". ") != value or is_litter(value):
        raise BadCell(f"{quoted(value)} does not serve as the name of a folder.")
    return value


def type_code(cell: str) -> str:
    """The code of a document type of a project's own."""
    if not is_code(cell):
        raise BadCell(
            f"{quoted(cell)} is not a code like waste_manifest, or one that every project has."
        )
    return cell
