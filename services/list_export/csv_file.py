"""The list as CSV, for a spreadsheet or a program: one row for each invoice, no sums."""

import csv
import io
from datetime import date
from decimal import Decimal

from services.list_export.cells import Value, columns, guarded
from services.list_export.listing import Listing


def as_csv(listing: Listing) -> bytes:
    """UTF-8 with a mark at the front, without which spreadsheet programs guess another encoding."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    wanted = columns()
    writer.writerow([column.name for column in wanted])
    for row in listing.rows:
        writer.writerow([_text(column.value(row)) for column in wanted])
    return out.getvalue().encode("utf-8-sig")


def _text(value: Value) -> str:
    match value:
        case None:
            return ""
        case Decimal():
            return f"{value:.2f}"
        case date():
            return value.isoformat()
        case _:
            return guarded(value)
