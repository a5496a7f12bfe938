"""Payments issued on a contract (docs/domain.md 17)."""

import datetime as dt
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Cents
from models.invoice import Invoice


class PaymentMethod(StrEnum):
    CHECK = "check"
    CREDIT_CARD = "credit_card"
    ELECTRONIC = "electronic"


class Payment(Base):
    """Money that went out. An invoice that payments are linked to cannot be deleted."""

    __tablename__ = "payment"
    __table_args__ = (
        sa.UniqueConstraint("contract_id", "number"),
        sa.CheckConstraint("number <> ''", name="number_is_given"),
        # A payment of one contract cannot pay an invoice of another.
        sa.ForeignKeyConstraint(
            ["invoice_id", "contract_id"],
            ["invoice.id", "invoice.contract_id"],
            # No ON DELETE: SET NULL would take the contract along.
        ),
        sa.Index("ix_payment_invoice_id", "invoice_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(sa.ForeignKey("contract.id", ondelete="CASCADE"))
    #: NULL: on account, for no invoice in particular.
    invoice_id: Mapped[int | None]
    number: Mapped[str] = mapped_column(sa.String(60))
    method: Mapped[PaymentMethod]
    #: Below zero where money came back.
    amount: Mapped[Cents]
    date: Mapped[dt.date]
    check_number: Mapped[str] = mapped_column(sa.String(60), default="")
    #: What the company called the invoice.
    invoice_number: Mapped[str] = mapped_column(sa.String(60), default="")
    notes: Mapped[str] = mapped_column(sa.Text, default="")
    #: Counts the saves. Who saves names the version he began with, so that nobody overwrites what
    #: he has not seen.
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    invoice: Mapped[Invoice | None] = relationship(viewonly=True)
