"""What changed on a contract: who, when, what, from what to what."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from models import Contract, ContractEvent, User, db
from services import audit

#: The newest events that a page shows; the others stay in the database.
SHOWN = 200
#: Changes of one act that the audit log tells one by one.
TOLD = 20


@dataclass(frozen=True, slots=True)
class Change:
    """One change, in words as people read them."""

    field: str
    old: str
    new: str
    subject: str = ""

    @property
    def words(self) -> str:
        about = f"{self.subject}: {self.field}" if self.subject else self.field
        return f"{about}: {self.old or '–'} → {self.new or '–'}"


def note(
    contract: Contract,
    changes: Sequence[Change],
    *,
    user_id: int | None,
    action: str = "contract.changed",
) -> None:
    """Add the changes to the history, and the act to the audit log. The caller commits."""
    rows = [
        {
            "contract_id": contract.id,
            "user_id": user_id,
            "subject": change.subject,
            "field": change.field,
            "old": change.old,
            "new": change.new,
        }
        for change in changes
    ]
    if not rows:
        return
    db.session.flush()
    db.session.execute(sa.insert(ContractEvent), rows)
    told = [change.words for change in changes[:TOLD]]
    if len(changes) > TOLD:
        told.append(f"and {len(changes) - TOLD:,} more, in the history of the contract")
    audit.record(
        action,
        project=contract.project_id,
        subject=("contract", contract.id),
        detail={"contract": contract.number, "changes": told},
    )


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
