"""Proving that nobody has changed the record."""

from dataclasses import dataclass

import sqlalchemy as sa

from models import AuditEntry, db
from models.audit import GENESIS

#: Rows in memory at a time.
_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry that is not as it was written, and why."""

    entry_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Verified:
    """An unbroken chain. Who keeps `last` elsewhere notices later that its end was cut off."""

    entries: int
    last: str


def verify(seen: str = "") -> Verified | Broken:
    """Follow the chain from its first entry on, in a few thousand rows at a time.

    `seen` is the hash of an entry that was there once: without it in the chain, the end was cut.
    """
    previous, count, last_id, is_seen = GENESIS, 0, 0, not seen
    while rows := _after(last_id):
        for row in rows:
            if row.previous != previous:
                return Broken(row.id, "the entry before it was removed, changed or put in")
            if row.digest() != row.hash:
                return Broken(row.id, "it was changed after it was written")
            previous, last_id, count = row.hash, row.id, count + 1
            is_seen = is_seen or row.hash == seen
        db.session.expunge_all()
    if not is_seen:
        return Broken(last_id + 1, "an entry that was seen before is gone")
    return Verified(count, previous)


def _after(entry_id: int) -> list[AuditEntry]:
    query = sa.select(AuditEntry).where(AuditEntry.id > entry_id).order_by(AuditEntry.id)
    return list(db.session.scalars(query.limit(_CHUNK)))
