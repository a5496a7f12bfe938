"""Contracts (subcontracts and purchase orders), their schedule of values and change orders."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Self

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Cents, Rate, TenThousandths
from models.project import Company, Project
from models.user import Access, Membership, User


class ContractType(StrEnum):
    SUBCONTRACT = "subcontract"
    PURCHASE_ORDER = "purchase_order"


class AccountingMethod(StrEnum):
    """What the lines of a contract are made of: sums of money, or quantities with a unit price."""

    AMOUNT = "amount"
    UNIT = "unit"


#: Statuses by type (docs/domain.md 18).
CONTRACT_STATUSES = {
    ContractType.SUBCONTRACT: (
        "draft",
        "out_for_bid",
        "out_for_signature",
        "approved",
        "complete",
        "terminated",
        "void",
    ),
    ContractType.PURCHASE_ORDER: (
        "draft",
        "processing",
        "submitted",
        "partially_received",
        "received",
        "approved",
        "closed",
    ),
}


class ChangeOrderStatus(StrEnum):
    APPROVED = "approved"
    PENDING = "pending"
    DRAFT = "draft"
    REJECTED = "rejected"


def _status_check() -> str:
    rules = (
        f"(type = '{kind}' AND status IN ({', '.join(repr(s) for s in statuses)}))"
        for kind, statuses in CONTRACT_STATUSES.items()
    )
    return " OR ".join(rules)


#: The private list: who, beside the administrators, sees a private contract (docs/domain.md 24).
contract_reader = sa.Table(
    "contract_reader",
    Base.metadata,
    sa.Column("contract_id", sa.ForeignKey("contract.id", ondelete="CASCADE"), primary_key=True),
    sa.Column(
        "user_id", sa.ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True
    ),
)


class Contract(Base):
    __tablename__ = "contract"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "number"),
        sa.CheckConstraint("number <> ''", name="number_is_given"),
        sa.CheckConstraint(_status_check(), name="status_fits_type"),
        sa.CheckConstraint(
            "work_retainage_rate BETWEEN 0 AND 10000 AND stored_retainage_rate BETWEEN 0 AND 10000",
            name="retainage_is_percent",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id", ondelete="CASCADE"))
    company_id: Mapped[int] = mapped_column(
        sa.ForeignKey("company.id", ondelete="RESTRICT"), index=True
    )
    number: Mapped[str] = mapped_column(sa.String(60))
    title: Mapped[str] = mapped_column(sa.String(300))
    type: Mapped[ContractType] = mapped_column(default=ContractType.SUBCONTRACT)
    status: Mapped[str] = mapped_column(sa.String(40), default="approved")
    executed: Mapped[bool] = mapped_column(default=False)
    contract_date: Mapped[date | None]
    start_date: Mapped[date | None]
    estimated_completion: Mapped[date | None]
    execution_date: Mapped[date | None]
    signed_received_date: Mapped[date | None]
    accounting_method: Mapped[AccountingMethod] = mapped_column(
        default=AccountingMethod.AMOUNT, server_default="amount"
    )
    description: Mapped[str] = mapped_column(sa.Text, default="", server_default=sa.text("''"))
    inclusions: Mapped[str] = mapped_column(sa.Text, default="", server_default=sa.text("''"))
    exclusions: Mapped[str] = mapped_column(sa.Text, default="", server_default=sa.text("''"))
    payment_terms: Mapped[str] = mapped_column(
        sa.String(300), default="", server_default=sa.text("''")
    )
    #: Whether it may be billed at all (docs/domain.md 18: requisitions_are_enabled).
    invoices_enabled: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    work_retainage_rate: Mapped[Rate] = mapped_column(default=0)
    stored_retainage_rate: Mapped[Rate] = mapped_column(default=0)
    #: Only administrators and the people on its private list see it.
    is_private: Mapped[bool] = mapped_column(default=False)
    #: Counts the changes of the contract, its lines and change orders: who saves a form names the
    #: version he began with, so that nobody overwrites what he has not seen.
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    project: Mapped[Project] = relationship()
    company: Mapped[Company] = relationship()
    lines: Mapped[list["SovLine"]] = relationship(
        back_populates="contract", order_by="SovLine.position", passive_deletes=True
    )
    change_orders: Mapped[list["ChangeOrder"]] = relationship(
        back_populates="contract", order_by="ChangeOrder.position", passive_deletes=True
    )

    @classmethod
    def visible_to(cls, user: User | None, project_id: int) -> sa.Select[Self]:
        """The contracts of a project that `user` may see; None is the installation itself, which
        sees all (the command line, a job).

        Every list, count and page asks this, so that a private contract is nowhere by accident.
        """
        query = sa.select(cls).where(cls.project_id == project_id)
        if user is None or user.is_administrator:
            return query
        access = (
            sa.select(Membership.access)
            .where(Membership.project_id == project_id, Membership.user_id == user.id)
            .scalar_subquery()
        )
        listed = sa.select(contract_reader.c.contract_id).where(
            contract_reader.c.user_id == user.id
        )
        return query.where(
            access.is_not(None),
            sa.or_(cls.is_private.is_(False), access == Access.ADMIN, cls.id.in_(listed)),
        )

    @classmethod
    def ids_visible_to(cls, user: User | None, project_id: int) -> sa.Select[int]:
        """The same as ids, for `IN`."""
        return cls.visible_to(user, project_id).with_only_columns(cls.id)

    @property
    def work_retainage_percent(self) -> Decimal:
        return Decimal(self.work_retainage_rate) / 100

    @property
    def stored_retainage_percent(self) -> Decimal:
        return Decimal(self.stored_retainage_rate) / 100


class ChangeOrder(Base):
    __tablename__ = "change_order"
    __table_args__ = (
        sa.UniqueConstraint("contract_id", "number"),
        sa.CheckConstraint("number <> ''", name="number_is_given"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(sa.ForeignKey("contract.id", ondelete="CASCADE"))
    #: Order on the contract, from 1.
    position: Mapped[int]
    number: Mapped[str] = mapped_column(sa.String(60))
    title: Mapped[str] = mapped_column(sa.String(300))
    status: Mapped[ChangeOrderStatus]
    approved_date: Mapped[date | None]

    contract: Mapped[Contract] = relationship(back_populates="change_orders")
    lines: Mapped[list["SovLine"]] = relationship(
        back_populates="change_order", order_by="SovLine.position", passive_deletes=True
    )


class SovLine(Base):
    """A line of the schedule of values, or of a change order where `change_order_id` is set."""

    __tablename__ = "sov_line"
    __table_args__ = (
        # NULLs are distinct to a plain UNIQUE, so the base lines need an index of their own.
        sa.Index(
            "uq_sov_line_base_item",
            "contract_id",
            "item",
            unique=True,
            sqlite_where=sa.text("change_order_id IS NULL"),
            postgresql_where=sa.text("change_order_id IS NULL"),
        ),
        sa.UniqueConstraint("change_order_id", "item"),
        # Lets an invoice line prove by foreign key that its line is of its own contract.
        sa.UniqueConstraint("id", "contract_id"),
        sa.CheckConstraint(
            "(quantity IS NULL) = (unit_price IS NULL)", name="quantity_has_its_price"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(
        sa.ForeignKey("contract.id", ondelete="CASCADE"), index=True
    )
    change_order_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("change_order.id", ondelete="CASCADE"), index=True
    )
    #: Order within the schedule or the change order, from 1.
    position: Mapped[int]
    item: Mapped[str] = mapped_column(sa.String(60))
    description: Mapped[str] = mapped_column(sa.String(1000))
    #: Of a unit line: `billing.extended(quantity, unit_price)`.
    scheduled_value: Mapped[Cents]
    budget_code: Mapped[str] = mapped_column(sa.String(100), default="")
    unit: Mapped[str] = mapped_column(sa.String(20), default="", server_default=sa.text("''"))
    #: In ten-thousandths of a unit, and of a dollar; both or neither.
    quantity: Mapped[TenThousandths | None]
    unit_price: Mapped[TenThousandths | None]

    contract: Mapped[Contract] = relationship(back_populates="lines")
    change_order: Mapped[ChangeOrder | None] = relationship(back_populates="lines")
