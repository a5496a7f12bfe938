"""The invoices of a project as light rows, in a fixed number of statements."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from billing.money import ratio_percent
from billing.payments import PaymentStatus, payment_status
from models import (
    BillingPeriod,
    Company,
    Contract,
    ContractType,
    Invoice,
    InvoiceContact,
    InvoiceStatus,
    PeriodStatus,
    User,
    db,
)
from services import payments
from services.natural import natural


@dataclass(slots=True)
class ContractFacts:
    id: int
    number: str
    title: str
    type: ContractType
    company_id: int
    company: str
    status: str
    executed: bool
    can_be_billed: bool = True
    has_contacts: bool = False
    #: SC-2 stands before SC-10.
    key: Any = field(init=False)
    #: The invoice with the highest position, whether or not a filter hides it.
    latest: "Row | None" = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.key = natural(self.number)


@dataclass(slots=True)
class PeriodFacts:
    id: int
    start: date
    end: date
    status: PeriodStatus


@dataclass(slots=True)
class Row:
    """One invoice of the list; amounts in cents."""

    id: int
    contract: ContractFacts
    period: PeriodFacts | None
    position: int
    label: str
    status: InvoiceStatus
    billing_date: date | None
    gross: int
    net: int
    contract_sum: int
    completed: int
    #: Line 9, with retainage.
    balance: int
    comments: str
    #: The sum of the payments linked to it.
    paid: int

    @property
    def payment_status(self) -> PaymentStatus:
        return payment_status(self.net, self.paid)

    @property
    def percent_complete(self) -> Decimal:
        return ratio_percent(self.completed, self.contract_sum)

    def value_of(self, name: str) -> str:
        """Its value for a filter or a group: the text that stands in links and forms."""
        match name:
            case "contract":
                return str(self.contract.id)
            case "company":
                return str(self.contract.company_id)
            case "period":
                return str(self.period.id) if self.period else "none"
            case "status":
                return self.status.value
            case "payment":
                return self.payment_status.value
            case _:
                return self.contract.type.value


@dataclass(slots=True)
class Loaded:
    """What a list of invoices is made of."""

    #: By contract in natural order, then position.
    rows: list[Row]
    #: Also those without any invoice, in the same order.
    contracts: list[ContractFacts]
    periods: list[PeriodFacts]


def load(project_id: int, viewer: User | None) -> list[Row]:
    """Every invoice of the project that `viewer` may see (None: the installation itself, all):
    contract numbers in natural order, then position.

    Three statements, however many invoices there are.
    """
    return load_all(project_id, viewer).rows


def load_all(project_id: int, viewer: User | None) -> Loaded:
    """The same with the contracts that have none, and the periods."""
    contracts = _contracts(project_id, viewer)
    periods = {
        period.id: PeriodFacts(*period)
        for period in db.session.execute(
            sa.select(
                BillingPeriod.id, BillingPeriod.start, BillingPeriod.end, BillingPeriod.status
            ).where(BillingPeriod.project_id == project_id)
        )
    }
    found = db.session.execute(_invoices(project_id, viewer))
    rows = [_row(row, contracts, periods) for row in found]
    rows.sort(key=lambda row: (row.contract.key, row.contract.id, row.position))
    for row in rows:
        row.contract.latest = row
    in_order = sorted(contracts.values(), key=lambda contract: (contract.key, contract.id))
    return Loaded(rows, in_order, list(periods.values()))


def contracts_of(rows: Iterable[Row]) -> int:
    """How many contracts these invoices belong to."""
    return len({row.contract.id for row in rows})


def _contracts(project_id: int, viewer: User | None) -> dict[int, ContractFacts]:
    found: sa.Result[*tuple[Any, ...]] = db.session.execute(
        Contract.visible_to(viewer, project_id)
        .join(Company, Company.id == Contract.company_id)
        .with_only_columns(
            Contract.id,
            Contract.number,
            Contract.title,
            Contract.type,
            Company.id,
            Company.name,
            Contract.status,
            Contract.executed,
            Contract.invoices_enabled,
            sa.exists().where(InvoiceContact.contract_id == Contract.id),
        )
    )
    return {row.id: ContractFacts(*row) for row in found}


def _invoices(project_id: int, viewer: User | None) -> sa.Select[*tuple[Any, ...]]:
    paid = payments.paid_by_invoice()
    return (
        Contract.visible_to(viewer, project_id)
        .join(Invoice, Invoice.contract_id == Contract.id)
        .outerjoin(paid, paid.c.invoice_id == Invoice.id)
        .with_only_columns(
            Invoice.id,
            Invoice.contract_id,
            Invoice.period_id,
            Invoice.position,
            Invoice.number,
            Invoice.status,
            Invoice.billing_date,
            Invoice.gross_this_period,
            Invoice.payment_due,
            Invoice.contract_sum_to_date,
            Invoice.completed_and_stored,
            Invoice.balance_to_finish,
            Invoice.comments,
            sa.func.coalesce(paid.c.paid, 0),
        )
    )


def _row(
    found: sa.Row[*tuple[Any, ...]],
    contracts: dict[int, ContractFacts],
    periods: dict[int, PeriodFacts],
) -> Row:
    invoice_id, contract_id, period_id, position, number, *rest = found
    return Row(
        invoice_id,
        contracts[contract_id],
        periods.get(period_id),
        position,
        number or str(position),
        *rest,
    )
