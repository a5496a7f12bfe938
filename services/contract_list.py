"""The contracts of a project with what is agreed, billed and paid (docs/domain.md 21)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from billing import ratio_percent
from models import ChangeOrder, ChangeOrderStatus, Contract, Invoice, Payment, SovLine, User, db
from services.natural import natural


@dataclass(frozen=True, slots=True)
class Sums:
    """In cents, of a contract or of all that are shown."""

    original: int = 0
    approved: int = 0
    pending: int = 0
    draft: int = 0
    #: What its invoices ask for, net of retainage.
    invoiced: int = 0
    paid: int = 0

    @property
    def revised(self) -> int:
        return self.original + self.approved

    @property
    def paid_percent(self) -> Decimal:
        return ratio_percent(self.paid, self.revised)

    @property
    def remaining(self) -> int:
        """Remaining balance outstanding: the revised amount less what was paid."""
        return self.revised - self.paid


@dataclass(frozen=True, slots=True)
class ContractRow:
    contract: Contract
    sums: Sums
    invoices: int


@dataclass(frozen=True, slots=True)
class ContractList:
    rows: Sequence[ContractRow]
    totals: Sums


def of_project(project_id: int, viewer: User | None) -> ContractList:
    """What `viewer` may see, SC-2 before SC-10. Four statements, however many contracts."""
    contracts = db.session.scalars(
        Contract.visible_to(viewer, project_id).options(joinedload(Contract.company))
    ).all()
    visible = Contract.ids_visible_to(viewer, project_id)
    agreed = _agreed(visible)
    billed = _summed(Invoice.contract_id, Invoice.payment_due, visible)
    paid = _summed(Payment.contract_id, Payment.amount, visible)
    rows = [
        ContractRow(
            contract,
            Sums(
                invoiced=billed.get(contract.id, (0, 0))[0],
                paid=paid.get(contract.id, (0, 0))[0],
                **agreed[contract.id],
            ),
            billed.get(contract.id, (0, 0))[1],
        )
        for contract in sorted(contracts, key=lambda row: (natural(row.number), row.id))
    ]
    return ContractList(rows, _total([row.sums for row in rows]))


def _agreed(visible: sa.Select[int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = defaultdict(dict)
    query = (
        sa.select(SovLine.contract_id, ChangeOrder.status, sa.func.sum(SovLine.scheduled_value))
        .outerjoin(ChangeOrder, ChangeOrder.id == SovLine.change_order_id)
        .where(
            SovLine.contract_id.in_(visible),
            sa.or_(ChangeOrder.status.is_(None), ChangeOrder.status != ChangeOrderStatus.REJECTED),
        )
        .group_by(SovLine.contract_id, ChangeOrder.status)
    )
    for contract_id, status, total in db.session.execute(query):
        found[contract_id][status.value if status else "original"] = int(total)
    return found


def _summed(contract_id: Any, amount: Any, visible: sa.Select[int]) -> dict[int, tuple[int, int]]:
    """Sum and number of rows by contract."""
    query = (
        sa.select(contract_id, sa.func.sum(amount), sa.func.count())
        .where(contract_id.in_(visible))
        .group_by(contract_id)
    )
    return {found: (int(total), count) for found, total, count in db.session.execute(query)}


def _total(sums: Sequence[Sums]) -> Sums:
    names = [field.name for field in fields(Sums)]
    return Sums(**{name: sum(getattr(one, name) for one in sums) for name in names})
