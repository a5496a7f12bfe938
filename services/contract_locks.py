"""What cannot change any more, and how to make it change (docs/domain.md 19)."""

from collections.abc import Sequence

import sqlalchemy as sa

from models import Contract, ContractType, Invoice, InvoiceLine, SovLine, db
from services.errors import AppError
from services.formats import words
from services.forms import StaleSave

#: While a contract stands so, its company, terms of billing and schedule of values are locked.
LOCKING = {
    ContractType.SUBCONTRACT: {"approved", "complete"},
    ContractType.PURCHASE_ORDER: {"approved", "closed"},
}


class ContractLocked(AppError):
    """The contract's status, or what is billed on it, holds this part as it is."""


def is_locked(contract: Contract) -> bool:
    return contract.status in LOCKING[contract.type]


def why_locked(contract: Contract) -> str:
    """ "" while nothing is locked."""
    if not is_locked(contract):
        return ""
    return (
        f"This contract is {words(contract.status)}: its company, type, retainage and schedule of "
        "values are locked. Change its value by a change order; to change the rest, give the "
        "contract another status first, such as Draft."
    )


def refuse_locked(contract: Contract) -> None:
    """Raises `ContractLocked`."""
    if is_locked(contract):
        raise ContractLocked(why_locked(contract))


def billed_lines(contract_id: int) -> set[int]:
    """The ids of the lines on which an invoice enters something."""
    query = sa.select(InvoiceLine.sov_line_id).where(InvoiceLine.contract_id == contract_id)
    return set(db.session.scalars(query.distinct()))


def billed_orders(contract_id: int) -> set[int]:
    """The ids of the change orders that an invoice bills."""
    query = (
        sa.select(SovLine.change_order_id)
        .join(InvoiceLine, InvoiceLine.sov_line_id == SovLine.id)
        .where(SovLine.contract_id == contract_id, SovLine.change_order_id.is_not(None))
    )
    return {order_id for order_id in db.session.scalars(query.distinct()) if order_id}


def claim(contract: Contract, seen: int, who: str = "") -> None:
    """Count one change of the contract, if nobody made one since `seen` was read.

    The row is held until the caller commits. Raises `StaleSave`.
    """
    won = db.session.scalar(
        sa.update(Contract)
        .where(Contract.id == contract.id, Contract.version == seen)
        .values(version=Contract.version + 1)
        .returning(Contract.id),
        execution_options={"synchronize_session": False},
    )
    db.session.refresh(contract, ["version"])
    if won is None:
        by = f" by {who}" if who else ""
        raise StaleSave(
            f"Nothing was saved: the contract was changed{by} while you were working on it. What "
            "differs is shown below; save again to keep what stands in the form."
        )


def invoice_ids(contract_id: int) -> Sequence[int]:
    """All invoices of the contract: their drawings show what changes on it."""
    return db.session.scalars(sa.select(Invoice.id).where(Invoice.contract_id == contract_id)).all()
