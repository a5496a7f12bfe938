"""Two people saved the same invoice: what the later one saw, and where the two disagree."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from models import Invoice, InvoiceEvent, User, db
from services.invoice_entry import header as headers
from services.invoice_entry import values
from services.invoice_entry.drafts import Base, Draft, name_of
from services.invoice_entry.fields import FIELDS, texts
from services.invoice_entry.header import Header
from services.invoice_entry.state import EntryLine, EntryState


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that both changed."""

    name: str
    label: str
    yours: str
    saved: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """The invoice as it was in an earlier version, and what was saved since, newest first."""

    header: Header
    base: Base
    since: list[tuple[InvoiceEvent, str]]


def as_of(state: EntryState, version: int) -> Seen:
    """What somebody saw who began with this version. One statement."""
    since = _since(state.invoice.id, version)
    rows = {line.id: values.columns(line.saved, line.quantity) for line in state.lines}
    header = Header.of(state.invoice).texts()
    for event, _ in since:
        if event.line_id in rows and event.field in values.LABELS:
            rows[event.line_id][event.field] = values.value(event.field, event.old)
        elif event.field in header:
            header[event.field] = event.old
    base: Base = {
        line.id: (None, None)
        if _is_unlisted(line, rows[line.id])
        else values.entry_of(rows[line.id])
        for line in state.lines
    }
    seen, _ = headers.read(Header.of(state.invoice), header)
    return Seen(seen, base, since)


def _is_unlisted(line: EntryLine, row: dict[str, int | None]) -> bool:
    """Nothing is entered, and the percentages are those it carries."""
    carried = values.columns(line.standing.unlisted, None)
    return all(
        row[name] == usual or (name.endswith("_rate") and row[name] == carried[name])
        for name, usual in values.NOTHING.items()
    )


def _since(invoice_id: int, version: int) -> list[tuple[InvoiceEvent, str]]:
    found = db.session.execute(
        sa.select(InvoiceEvent, User.name)
        .outerjoin(User, User.id == InvoiceEvent.user_id)
        .where(InvoiceEvent.invoice_id == invoice_id, InvoiceEvent.version > version)
        .order_by(InvoiceEvent.version.desc(), InvoiceEvent.id.desc())
    )
    return [(event, name or "Somebody") for event, name in found]


def between(state: EntryState, seen: Seen, draft: Draft, header: Header) -> list[Conflict]:
    """The fields that were typed although somebody else changed them since; values both ways."""
    last = {event.line_id: (event.at, who) for event, who in reversed(seen.since)}
    found = _in_header(state.invoice, seen, header)
    for line in state.lines:
        if line.id not in last:
            continue
        now = texts(line.standing, line.saved or line.standing.unlisted, line.quantity)
        entry, quantity = seen.base[line.id]
        was = texts(line.standing, entry or line.standing.unlisted, quantity)
        at, who = last[line.id]
        for field in FIELDS:
            yours = draft.raw.get(name := name_of(field.name, line.id))
            if yours is not None and now[field.name] not in {was[field.name], yours.strip()}:
                label = f"{line.name}, {field.label[0].lower()}{field.label[1:]}"
                found.append(Conflict(name, label, yours, now[field.name], who, at))
    return found


def _in_header(invoice: Invoice, seen: Seen, header: Header) -> list[Conflict]:
    was, now, yours = seen.header.texts(), Header.of(invoice).texts(), header.texts()
    told = {event.field: (event.at, who) for event, who in reversed(seen.since)}
    return [
        Conflict(name, headers.LABELS[name], yours[name], now[name], told[name][1], told[name][0])
        for name in now
        if name in told and yours[name] != was[name] and yours[name] != now[name]
    ]


def merged(invoice: Invoice, seen: Seen, header: Header) -> Header:
    """Your header where you changed it, else what is saved."""
    was, now, yours = seen.header.texts(), Header.of(invoice).texts(), header.texts()
    texts_ = {name: yours[name] if yours[name] != was[name] else now[name] for name in now}
    found, _ = headers.read(Header.of(invoice), texts_)
    return found
