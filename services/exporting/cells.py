"""Values as the text of a cell; the inverse of `services.importing.cells`. Text stays exact."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import date

from billing import decimal_string, decimal_units
from services.importing.columns import Record
from services.importing.tables import columns_of

#: One row by column; columns that are not named stay empty.
Cells = Mapping[str, str]


def money(cents: int | None) -> str:
    return "" if cents is None else decimal_string(cents)


def rate(hundredths: int | None) -> str:
    """10.00 for a thousand hundredths of a percent: written like an amount."""
    return money(hundredths)


def units(ten_thousandths: int | None) -> str:
    return "" if ten_thousandths is None else decimal_units(ten_thousandths)


def day(value: date | None) -> str:
    return value.isoformat() if value else ""


def yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


def table(kind: type[Record], rows: Iterable[Cells]) -> bytes:
    """The rows as CSV with every column of the table."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(columns_of(kind)), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def toml(values: Mapping[str, str]) -> bytes:
    """Keys with their text. What JSON escapes in a string, TOML escapes alike, but for DEL."""
    lines = (
        f"{key} = {json.dumps(value, ensure_ascii=False)}\n"
        for key, value in values.items()
        if value
    )
    return "".join(lines).replace("\x7f", "\\u007f").encode()
