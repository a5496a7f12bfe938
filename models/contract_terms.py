"""What belongs to a contract beside its lines: retainage rules, contacts, history."""

from datetime import datetime
from typing import Self

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from billing import Until
from models.base import Base, Cents, Rate, utcnow
from models.user import User


class RetainageRule(Base):
    """A step of a sliding scale: withhold `rate` until the limit is held (docs/domain.md 15)."""

    __tablename__ = "retainage_rule"
    __table_args__ = (
        sa.CheckConstraint("position BETWEEN 1 AND 5", name="at_most_five"),
        sa.CheckConstraint("rate BETWEEN 0 AND 10000", name="rate_is_percent"),
        sa.CheckConstraint(
            "(limit_kind = 'amount' AND limit_amount IS NOT NULL AND limit_amount >= 0"
            " AND limit_rate IS NULL)"
            " OR (limit_kind <> 'amount' AND limit_rate IS NOT NULL"
            " AND limit_rate BETWEEN 0 AND 10000 AND limit_amount IS NULL)",
            name="limit_fits_kind",
        ),
    )

    contract_id: Mapped[int] = mapped_column(
        sa.ForeignKey("contract.id", ondelete="CASCADE"), primary_key=True
    )
    #: Order in which the rules apply, from 1.
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rate: Mapped[Rate]
    limit_kind: Mapped[Until]
    #: Of the original or revised contract sum.
    limit_rate: Mapped[Rate | None]
    limit_amount: Mapped[Cents | None]

    @classmethod
    def of_contract(cls, contract_id: int) -> sa.Select[Self]:
        return sa.select(cls).where(cls.contract_id == contract_id).order_by(cls.position)


class InvoiceContact(Base):
    """Somebody of the contract's company who answers for its invoices (docs/domain.md 16)."""

    __tablename__ = "invoice_contact"
    __table_args__ = (
        sa.UniqueConstraint("contract_id", "email"),
        sa.CheckConstraint("email <> '' AND email = lower(email)", name="email_in_lower_case"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(sa.ForeignKey("contract.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(200), default="", server_default=sa.text("''"))
    email: Mapped[str] = mapped_column(sa.String(254))

    @classmethod
    def of_contract(cls, contract_id: int) -> sa.Select[Self]:
        return sa.select(cls).where(cls.contract_id == contract_id).order_by(cls.id)


class ContractEvent(Base):
    """What changed on a contract, when and by whom. Rows are only ever added."""

    __tablename__ = "contract_event"
    __table_args__ = (sa.Index("ix_contract_event_contract_id_at", "contract_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(sa.ForeignKey("contract.id", ondelete="CASCADE"))
    #: NULL: nobody, or somebody whose account is gone.
    user_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("user.id", ondelete="SET NULL"), index=True
    )
    at: Mapped[datetime] = mapped_column(default=utcnow)
    #: The part that changed, such as "Item 010" or "Change order CO-2"; empty: the contract itself.
    subject: Mapped[str] = mapped_column(sa.String(200), default="")
    #: The column that changed, such as "status", with its values as text.
    field: Mapped[str] = mapped_column(sa.String(60))
    old: Mapped[str] = mapped_column(sa.Text, default="")
    new: Mapped[str] = mapped_column(sa.Text, default="")

    user: Mapped[User | None] = relationship()
