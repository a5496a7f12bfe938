"""What a signer puts his name to: the figures, whatever the drawing around them looks like.

Kept under names of its own, so that neither a new release nor another status makes a signed copy
look outdated.
"""

import hashlib
import json
from dataclasses import fields
from datetime import date

from billing import Sheet, SheetLine
from binder.render.document import InvoiceDocument

_LINE = (
    "item",
    "change_order",
    "scheduled_value",
    "work_completed_from_previous_application",
    "work_completed_this_period",
    "materials_presently_stored",
    "work_retainage_held",
    "stored_retainage_held",
)
_SUMMARY = (
    "contract_sum_to_date",
    "total_completed_and_stored_to_date",
    "total_retainage",
    "less_previous_certificates_for_payment",
    "current_payment_due",
)
assert set(_LINE) <= {field.name for field in fields(SheetLine)}


def substance_key(
    sheet: Sheet, number: str, period_start: date | None, period_end: date | None
) -> str:
    """SHA-256 (hex) of an invoice's number, period and amounts, in cents."""
    said = {
        "number": number,
        "period": [day and day.isoformat() for day in (period_start, period_end)],
        "summary": [getattr(sheet.summary, name) for name in _SUMMARY],
        "lines": [[getattr(line, name) for name in _LINE] for line in sheet.lines],
    }
    text = json.dumps(said, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def substance_of(document: InvoiceDocument) -> str:
    """The same of an invoice as its pages show it."""
    shown = document.invoice
    return substance_key(document.sheet, shown.number, shown.period_start, shown.period_end)
