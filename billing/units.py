"""Quantities and unit prices: whole ten-thousandths of a unit, or of a dollar."""

import re

from billing.money import MAX_CENTS, half_up, quoted

#: A quantity has four decimals in the trade's systems, and so has a price per unit (docs/domain.md
#: 25: 15.0 at 100.0000): asphalt is bid in fractions of a cent.
PER_UNIT = 10_000
#: As large as a whole number of ten-thousandths that a spreadsheet keeps exactly.
MAX_UNITS = MAX_CENTS

_NUMBER = re.compile(
    r"(?P<sign>[-\u2212]?) ?\$? ?(?P<whole>\d{1,3}(?:,\d{3})+|\d*)(?:\.(?P<decimals>\d*))?",
    re.ASCII,
)


class InvalidQuantity(ValueError):
    """Not a quantity or a unit price; the text is a sentence for the person who typed it."""


def extended(quantity: int, unit_price: int) -> int:
    """Quantity times unit price, both in ten-thousandths, in cents, half up to the cent."""
    return half_up(quantity * unit_price, PER_UNIT * PER_UNIT // 100)


def parse_units(text: str) -> int:
    """Turn "12", "1,234.5", "$0.0425" or "(3)" into ten-thousandths. Raises `InvalidQuantity`."""
    stripped = text.replace("\u00a0", " ").strip()
    in_parentheses = stripped.startswith("(") and stripped.endswith(")")
    match = _NUMBER.fullmatch(stripped[1:-1].strip() if in_parentheses else stripped)
    if match is None or not (match["whole"] or match["decimals"]):
        raise InvalidQuantity(f"{quoted(text)} is not a number like 1,234.5.")
    if in_parentheses and match["sign"]:
        raise InvalidQuantity(f"{quoted(text)} is not a number like 1,234.5.")
    decimals = (match["decimals"] or "").rstrip("0")
    if len(decimals) > 4:
        raise InvalidQuantity(f"{quoted(text)} has more than four decimals.")
    digits = (match["whole"].replace(",", "") + decimals.ljust(4, "0")).lstrip("0") or "0"
    # Judged by length first: Python refuses to read a number of thousands of digits.
    if len(digits) > len(str(MAX_UNITS)) or int(digits) > MAX_UNITS:
        raise InvalidQuantity(
            f"{quoted(text)} is too large: the limit is {format_units(MAX_UNITS)}."
        )
    return -int(digits) if in_parentheses or match["sign"] else int(digits)


def format_units(value: int, places: int = 0) -> str:
    """Write 12345000 as "1,234.5", with at least `places` decimals; below zero in parentheses."""
    whole, rest = divmod(abs(value), PER_UNIT)
    decimals = f"{rest:04}".rstrip("0").ljust(places, "0")
    number = f"{whole:,}.{decimals}" if decimals else f"{whole:,}"
    return f"({number})" if value < 0 else number


def decimal_units(value: int) -> str:
    """Write -12345000 as "-1234.5", for JSON and CSV."""
    whole, rest = divmod(abs(value), PER_UNIT)
    decimals = f"{rest:04}".rstrip("0")
    return f"{'-' if value < 0 else ''}{whole}{'.' if decimals else ''}{decimals}"
