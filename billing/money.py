"""Money is an `int` of cents everywhere; only this module knows its text and how it is rounded."""

import re
from collections.abc import Sequence
from decimal import Decimal

#: 90 trillion dollars in cents. Whole numbers up to here survive a spreadsheet's and a browser's
#: floating point (2**53 is about 9.007e15), so an amount reads the same wherever it is exported to.
MAX_CENTS = 9_000_000_000_000_000

_AMOUNT = re.compile(
    r"(?P<sign>[-\u2212]?) ?\$? ?(?P<minus>[-\u2212]?)"
    r"(?P<whole>\d{1,3}(?:,\d{3})+|\d*)(?:\.(?P<decimals>\d*))?",
    re.ASCII,
)
_PERCENT = re.compile(r"\d{1,3}(\.\d{1,4})?", re.ASCII)


class InvalidAmount(ValueError):
    """Not an amount of money; the text is a sentence for the person who typed it."""


class InvalidPercent(ValueError):
    """Not a percent from 0 to 100; the text is a sentence for the person who typed it."""


class NothingToSpreadOver(ValueError):
    """An amount was to be spread over weights that add up to nothing."""


def parse_cents(text: str) -> int:
    """Turn "1,234.50", "$5", "-12" or the accountant's "(12.50)" into cents.

    Commas must stand between groups of three digits: "1,50" is more likely one and a half in
    another country's spelling than a hundred and fifty. Raises `InvalidAmount`.
    """
    stripped = text.replace("\u00a0", " ").strip()
    if not stripped:
        raise InvalidAmount("The amount is empty.")
    in_parentheses = stripped.startswith("(") and stripped.endswith(")")
    match = _AMOUNT.fullmatch(stripped[1:-1].strip() if in_parentheses else stripped)
    if match is None:
        raise InvalidAmount(f"{quoted(text)} is not an amount like 1,234.50.")
    whole, decimals = match["whole"].replace(",", ""), match["decimals"] or ""
    signs = in_parentheses + bool(match["sign"]) + bool(match["minus"])
    if not (whole or decimals) or signs > 1:
        raise InvalidAmount(f"{quoted(text)} is not an amount like 1,234.50.")
    if len(decimals) > 2:
        raise InvalidAmount(f"{quoted(text)} has more than two decimals.")
    # Judged by length first: Python refuses to read a number of thousands of digits.
    digits = (whole + decimals.ljust(2, "0")).lstrip("0") or "0"
    if len(digits) > len(str(MAX_CENTS)) or int(digits) > MAX_CENTS:
        raise InvalidAmount(f"{quoted(text)} is too large: the limit is {format_cents(MAX_CENTS)}.")
    return -int(digits) if signs else int(digits)


def parse_percent(text: str) -> Decimal:
    """Turn "10", "7.5 %" or "3.3333" into a percent of 0 to 100. Raises `InvalidPercent`."""
    stripped = text.strip()
    if not stripped:
        raise InvalidPercent("The percent is empty.")
    match = _PERCENT.fullmatch(stripped.removesuffix("%").rstrip())
    if match is None or Decimal(match[0]) > 100:
        raise InvalidPercent(
            f"{quoted(text)} is not a percent from 0 to 100 with at most four decimals."
        )
    return Decimal(match[0])


def format_cents(cents: int) -> str:
    """Write 123450 as "1,234.50" and -123450 as "(1,234.50)", as the trade prints it."""
    dollars, rest = divmod(abs(cents), 100)
    amount = f"{dollars:,}.{rest:02}"
    return f"({amount})" if cents < 0 else amount


def decimal_string(cents: int) -> str:
    """Write -123450 as "-1234.50", for JSON and CSV."""
    dollars, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{dollars}.{rest:02}"


def percent_of(cents: int, percent: Decimal) -> int:
    """`percent` of `cents`, half up to the cent: away from zero, also below zero."""
    if not cents:
        return 0
    numerator, denominator = percent.as_integer_ratio()
    return half_up(cents * numerator, 100 * denominator)


def ratio_percent(part: int, whole: int) -> Decimal:
    """`part` of `whole` in percent, two places, half up; 0.00 where the whole is nothing."""
    return Decimal(half_up(part * 10_000, whole) if whole else 0).scaleb(-2)


def half_up(numerator: int, denominator: int) -> int:
    """The whole number nearest to a fraction; a half goes away from zero."""
    doubled, size = 2 * abs(numerator), abs(denominator)
    nearest = (doubled + size) // (2 * size)
    return nearest if (numerator < 0) == (denominator < 0) else -nearest


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` in proportion to `weights`, to the cent and without a cent lost.

    Largest remainder: each share is rounded down, and the cents left over go to the shares that
    lost most; of equals, to the earlier one. A negative weight (the credit of a deductive change
    order) takes a negative share. Raises `NothingToSpreadOver`.
    """
    whole = sum(weights)
    if not total:
        return [0] * len(weights)
    if not whole:
        raise NothingToSpreadOver(f"{format_cents(total)} cannot be spread: the weights sum to 0.")
    # Whole and total are made positive, so that every remainder is, and remainders compare.
    factor = abs(total) if whole > 0 else -abs(total)
    parts = [divmod(factor * weight, abs(whole)) for weight in weights]
    shares = [share for share, _ in parts]
    left_over = abs(total) - sum(shares)
    for index in sorted(range(len(parts)), key=lambda i: -parts[i][1])[:left_over]:
        shares[index] += 1
    return shares if total > 0 else [-share for share in shares]


def quoted(text: str) -> str:
    """The text as a message shows it: short and in quotes."""
    shown = text.strip()
    return f"“{shown[:40]}…”" if len(shown) > 40 else f"“{shown}”"
