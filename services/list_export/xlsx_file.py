"""The list as a workbook: numbers and days as such, a head that stays, and sums below."""

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from services.list_export.cells import Value, columns
from services.list_export.listing import Listing

_MONEY = "#,##0.00;(#,##0.00)"
_DAY = "yyyy-mm-dd"


def as_xlsx(listing: Listing) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Invoices"))
    wanted = columns()
    rows = listing.rows
    for place, column in enumerate(wanted, 1):
        sheet.column_dimensions[get_column_letter(place)].width = column.width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(wanted))}{len(rows) + 1}"
    sheet.append([_cell(sheet, column.name, bold=True) for column in wanted])
    for row in rows:
        sheet.append([_cell(sheet, column.value(row)) for column in wanted])
    sheet.append([_cell(sheet, value, bold=True) for value in _sums(listing, len(wanted))])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sums(listing: Listing, width: int) -> Sequence[Value]:
    """The total below the amounts of this period; what the others add up to says nothing."""
    values: list[Value] = [None] * width
    values[0] = listing.summary
    values[9] = Decimal(listing.totals.gross).scaleb(-2)
    values[10] = Decimal(listing.totals.net).scaleb(-2)
    return values


def _cell(sheet: Any, value: Value, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet)
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        # Text stays text, also where it begins like a formula, and after somebody edits it.
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(("=", "+", "-", "@"))
    elif value is not None:
        cell.value = value
        cell.number_format = _DAY if isinstance(value, date) else _MONEY
    if bold:
        cell.font = Font(bold=True)
    return cell
