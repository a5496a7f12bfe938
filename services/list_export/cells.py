"""The columns of the list, as every flat file has them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeGuard

from flask_babel import gettext as _

from services.formats import spoken
from services.invoice_rows import Row
from services.unbilled import Unbilled

#: Text, a day, or a number of dollars or percent.
Value = str | date | Decimal | None


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    #: In characters.
    width: int
    value: Callable[[Row | Unbilled], Value]


def columns() -> list[Column]:
    """In the terms of who asks."""
    return [
        Column(_("Contract"), 12, lambda row: row.contract.number),
        Column("Title", 32, lambda row: row.contract.title),
        Column(_("Contract Company"), 30, lambda row: row.contract.company),
        Column(_("Contract Type"), 16, lambda row: spoken(row.contract.type)),
        Column(_("Invoice #"), 12, lambda row: row.label),
        Column(_("Status"), 22, lambda row: spoken(row.status)),
        Column("Period start", 12, lambda row: row.period.start if row.period else None),
        Column("Period end", 12, lambda row: row.period.end if row.period else None),
        Column(_("Invoice Dates"), 13, lambda row: row.billing_date if _is_invoice(row) else None),
        Column(_("Gross Amount"), 16, lambda row: _money(row.gross) if _is_invoice(row) else None),
        Column(_("Net Amount"), 16, lambda row: _money(row.net) if _is_invoice(row) else None),
        Column(_("Total Contract Amount"), 20, lambda row: _money(row.contract_sum)),
        Column("% Complete", 12, lambda row: row.percent_complete),
        Column("Comments", 40, lambda row: row.comments),
    ]


def _is_invoice(row: Row | Unbilled) -> TypeGuard[Row]:
    return isinstance(row, Row)


def _money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def guarded(text: str) -> str:
    """Text that a spreadsheet would compute, with an apostrophe before it, which makes it text.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
