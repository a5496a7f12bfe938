"""What changed on a contract: who, when, what, from what to what."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from models import ContractEvent, User, db

#: The newest events that a page shows; the others stay in the database.
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Change:
    """One change, in words as people read them."""

    field: str
    old: str
    new: str
    subject: str = ""


def note(contract_id: int, changes: Iterable[Change], *, user_id: int | None) -> None:
    """Add the changes to the history. The caller commits."""
    rows = [
        {
            "contract_id": contract_id,
            "user_id": user_id,
            "subject": change.subject,
            "field": change.field,
            "old": change.old,
            "new": change.new,
        }
        for change in changes
    ]
    if rows:
        db.session.execute(sa.insert(ContractEvent), rows)


def of_contract(contract_id: int) -> list[tuple[ContractEvent, str]]:
    """Newest first, each with who did it ("" once the account is gone)."""
    found = db.session.execute(
        sa.select(ContractEvent, User.name)
        .outerjoin(User, User.id == ContractEvent.user_id)
        .where(ContractEvent.contract_id == contract_id)
        .order_by(ContractEvent.at.desc(), ContractEvent.id.desc())
        .limit(SHOWN)
    )
    return [(event, name or "") for event, name in found]


def last_hand(contract_id: int) -> str:
    """Who changed the contract last; "" where nobody knows."""
    newest = (
        sa.select(User.name)
        .join(ContractEvent, ContractEvent.user_id == User.id)
        .where(ContractEvent.contract_id == contract_id)
        .order_by(ContractEvent.at.desc(), ContractEvent.id.desc())
    )
    return db.session.scalar(newest.limit(1)) or ""
