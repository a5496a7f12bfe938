"""A typed cell of a workbook as the text that the same cell has in a CSV file."""

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from services.importing.sources import Broken

_PADDED = re.compile(r"(0+)(?:\.(0+))?", re.ASCII)


def cell_text(value: Any, formula: Any) -> str:
    """The text of a cell, given as openpyxl reads it with saved values and with formulas."""
    is_formula = formula is not None and formula.data_type == "f"
    if value is None or value.value is None:
        return Broken(_unsaved(formula)) if is_formula else ""
    if value.data_type == "e":
        return Broken(f"cell {value.coordinate} holds the error {value.value}.")
    return _text(value.value, value.number_format or "").strip()


def _unsaved(formula: Any) -> str:
    return (
        f"the formula in cell {formula.coordinate} has no saved value; open the workbook in a "
        "spreadsheet program and save it."
    )


def _text(value: object, number_format: str) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float | Decimal):
        return _number(value, number_format.partition(";")[0])
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, datetime | date | time):
        return str(value)
    return str(value)


def _number(value: float | Decimal, number_format: str) -> str:
    """A number as people read it in the cell, as long as nothing of it is lost.

    Spreadsheets compute in binary floating point and show 15 digits of it, so that 0.1 + 0.2 reads
    0.3; a percent is kept as its hundredth part, and 007 as 7 with a format.
    """
    exact = Decimal(format(value, ".15g")) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        return str(value)
    if "%" in number_format:
        return f"{_plain(exact * 100)} %"
    if padded := _PADDED.fullmatch(number_format):
        shown = f"{exact:0{len(number_format)}.{len(padded[2] or '')}f}"
        if Decimal(shown) == exact:
            return shown
    return _plain(exact)


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")
