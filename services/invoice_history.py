"""What changed on an invoice, save by save, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

import sqlalchemy as sa

from billing import format_cents, format_units
from models import InvoiceEvent, User, db
from services.formats import day, words
from services.invoice_entry import header, values


@dataclass(frozen=True, slots=True)
class Change:
    what: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Save:
    """All that somebody changed at one moment; "" for an account that is gone."""

    at: datetime
    who: str
    changes: Sequence[Change]


#: What the history calls the columns that no form has.
_LABELS = {"status": "Status", "review": "Review", "review_reason": "Reason", "created": "Created"}
_STATUSES = {"status", "review"}


def of_invoice(invoice_id: int) -> list[Save]:
    """The newest first; one statement."""
    found = db.session.execute(
        sa.select(InvoiceEvent, User.name)
        .outerjoin(User, User.id == InvoiceEvent.user_id)
        .where(InvoiceEvent.invoice_id == invoice_id)
        .order_by(InvoiceEvent.at.desc(), InvoiceEvent.id)
    )
    rows = [(event, name or "") for event, name in found]
    return [
        Save(at, who, [_change(event) for event, _ in events])
        for (at, who), events in groupby(rows, key=lambda row: (row[0].at, row[1]))
    ]


def _change(event: InvoiceEvent) -> Change:
    name = values.LABELS.get(event.field) or header.LABELS.get(event.field)
    what = " ".join(filter(None, [event.subject, name or _LABELS.get(event.field, event.field)]))
    return Change(what, _shown(event.field, event.old), _shown(event.field, event.new))


def _shown(field: str, text: str) -> str:
    if not text:
        return ""
    if field in _STATUSES:
        return words(text)
    if field == "billing_date":
        return day(date.fromisoformat(text))
    if field not in values.LABELS:
        return text
    value = values.value(field, text)
    if value is None:
        return ""
    return format_units(value) if field == "quantity_this_period" else format_cents(value)
