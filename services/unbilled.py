"""Contracts that may be billed and have no invoice in the open period (docs/domain.md 2)."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa

from models import ChangeOrder, ChangeOrderStatus, PeriodStatus, SovLine, db
from services.invoice_filters import Filters
from services.invoice_order import Order
from services.invoice_rows import ContractFacts, Loaded, PeriodFacts, Row


class PseudoStatus(StrEnum):
    """What the list says instead of an invoice's status.

    Published lists know more of them (SSOVs Not Approved, Invited, Accepted, Declined); each needs
    invites or breakdowns, of which there is no data.
    """

    NO_INVOICE_CONTACTS = "no_invoice_contacts"
    NOT_INVITED = "not_invited"


#: Statuses in which a contract stands or is delivered. No source says which permit billing
#: (docs/domain.md 2); contracts are billed once approved, and what is received of an order is owed.
_IN_FORCE = {"approved", "complete", "partially_received", "received"}
#: Statuses in which nothing more is billed, signed or not.
OVER = {"terminated", "void", "closed"}


@dataclass(slots=True)
class Unbilled:
    """A row without an invoice; amounts in cents."""

    contract: ContractFacts
    #: The open one.
    period: PeriodFacts
    #: The contract sum: of its last invoice, else of its schedule and approved change orders.
    contract_sum: int = 0
    label: str = ""
    comments: str = ""

    @property
    def status(self) -> PseudoStatus:
        if self.contract.has_contacts:
            return PseudoStatus.NOT_INVITED
        return PseudoStatus.NO_INVOICE_CONTACTS

    @property
    def latest(self) -> Row | None:
        return self.contract.latest

    @property
    def percent_complete(self) -> Decimal:
        return self.latest.percent_complete if self.latest else Decimal("0.00")

    @property
    def balance(self) -> int:
        return self.latest.balance if self.latest else self.contract_sum

    def value_of(self, name: str) -> str:
        """Its value for a filter, as an invoice of the open period would have it."""
        match name:
            case "company":
                return str(self.contract.company_id)
            case "period":
                return str(self.period.id)
            case "status":
                return self.status.value
            case "payment":
                return ""
            case _:
                return self.contract.type.value


def rows(loaded: Loaded) -> list[Unbilled]:
    """By contract in natural order; none while no period is open."""
    period = next((p for p in loaded.periods if p.status == PeriodStatus.OPEN), None)
    if period is None:
        return []
    billed = {row.contract.id for row in loaded.rows if row.period is period}
    return [
        Unbilled(contract, period)
        for contract in loaded.contracts
        if contract.id not in billed and _may_be_billed(contract)
    ]


def are_shown(filters: Filters, order: Order) -> bool:
    """Hidden they can be, but not where somebody filters for their own status."""
    return order.with_unbilled or bool(filters.statuses & set(PseudoStatus))


def shown(found: Sequence[Unbilled]) -> list[Unbilled]:
    """The same with their contract sums, in one statement at most."""
    sums = _scheduled({row.contract.id for row in found if row.latest is None})
    for row in found:
        row.contract_sum = row.latest.contract_sum if row.latest else sums.get(row.contract.id, 0)
    return list(found)


def counters(found: Sequence[Unbilled]) -> dict[PseudoStatus, int]:
    counts = Counter(row.status for row in found)
    return {status: counts[status] for status in PseudoStatus}


def _may_be_billed(contract: ContractFacts) -> bool:
    if not contract.can_be_billed or contract.status in OVER:
        return False
    if not (contract.executed or contract.status in _IN_FORCE):
        return False
    return contract.latest is None or not _is_billed_out(contract.latest)


def _is_billed_out(last: Row) -> bool:
    """Complete, and all retainage released: nothing is left to bill."""
    return last.completed >= last.contract_sum > 0 and last.balance <= 0


def _scheduled(contract_ids: Collection[int]) -> dict[int, int]:
    if not contract_ids:
        return {}
    found = db.session.execute(
        sa.select(SovLine.contract_id, sa.func.sum(SovLine.scheduled_value))
        .outerjoin(ChangeOrder, ChangeOrder.id == SovLine.change_order_id)
        .where(
            SovLine.contract_id.in_(contract_ids),
            sa.or_(
                SovLine.change_order_id.is_(None), ChangeOrder.status == ChangeOrderStatus.APPROVED
            ),
        )
        .group_by(SovLine.contract_id)
    )
    return {contract_id: int(total) for contract_id, total in found}
