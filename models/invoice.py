"""Invoices of a contract and what they enter on its lines."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Cents, Rate, TenThousandths, utcnow
from models.billing_period import BillingPeriod
from models.contract import Contract, SovLine
from models.user import User


class InvoiceStatus(StrEnum):
    """The six of docs/domain.md 10."""

    DRAFT = "draft"
    UNDER_REVIEW = "under_review"
    REVISE_AND_RESUBMIT = "revise_and_resubmit"
    APPROVED = "approved"
    APPROVED_AS_NOTED = "approved_as_noted"
    PENDING_OWNER_APPROVAL = "pending_owner_approval"

    @property
    def is_approved(self) -> bool:
        return self in {InvoiceStatus.APPROVED, InvoiceStatus.APPROVED_AS_NOTED}


class Review(StrEnum):
    """What a reviewer says of one line (docs/domain.md 12)."""

    NO_ACTION = "no_action"
    APPROVED = "approved"
    REJECTED = "rejected"


class Invoice(Base):
    __tablename__ = "invoice"
    __table_args__ = (
        sa.UniqueConstraint("contract_id", "position"),
        sa.UniqueConstraint("id", "contract_id"),
        sa.CheckConstraint("position >= 1", name="position_from_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(sa.ForeignKey("contract.id", ondelete="CASCADE"))
    #: RESTRICT: a period linked to an invoice is never deleted (docs/domain.md 7).
    period_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("billing_period.id", ondelete="RESTRICT"), index=True
    )
    #: Running number on its contract, from 1.
    position: Mapped[int]
    #: Free text; the position stands in where it is empty.
    number: Mapped[str] = mapped_column(sa.String(60), default="")
    status: Mapped[InvoiceStatus] = mapped_column(default=InvoiceStatus.DRAFT)
    billing_date: Mapped[date | None]
    comments: Mapped[str] = mapped_column(sa.Text, default="")
    #: The last one of its contract: afterwards nothing should be left to bill.
    is_final: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    created: Mapped[datetime] = mapped_column(default=utcnow)
    #: Counts the saves of its entries: who saves names the version he began with.
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    # What the sheet says, kept here so that lists need no arithmetic. Written only by
    # `services.sheets.recalculate`; preflight compares it with a fresh calculation.
    contract_sum_to_date: Mapped[Cents] = mapped_column(default=0)
    completed_and_stored: Mapped[Cents] = mapped_column(default=0)
    gross_this_period: Mapped[Cents] = mapped_column(default=0)
    total_retainage: Mapped[Cents] = mapped_column(default=0)
    earned_less_retainage: Mapped[Cents] = mapped_column(default=0)
    payment_due: Mapped[Cents] = mapped_column(default=0)
    balance_to_finish: Mapped[Cents] = mapped_column(default=0)
    #: What `billing.checks` doubts about the sheet: [{doubt, item, change_order}].
    remarks: Mapped[list[dict[str, str]]] = mapped_column(sa.JSON, default=list)
    #: Hash of all that the drawn invoice shows, and the pages of that drawing once it exists.
    content_key: Mapped[str | None] = mapped_column(sa.String(64))
    pages: Mapped[int | None]

    contract: Mapped[Contract] = relationship()
    period: Mapped[BillingPeriod | None] = relationship()
    lines: Mapped[list["InvoiceLine"]] = relationship(
        back_populates="invoice", passive_deletes=True
    )

    @property
    def label(self) -> str:
        """The number people know it by."""
        return self.number or str(self.position)


class InvoiceEvent(Base):
    """What changed on an invoice, when and by whom. Rows are only ever added."""

    __tablename__ = "invoice_event"
    __table_args__ = (sa.Index("ix_invoice_event_invoice_id_at", "invoice_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("invoice.id", ondelete="CASCADE"))
    #: NULL: nobody, or somebody whose account is gone.
    user_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("user.id", ondelete="SET NULL"), index=True
    )
    #: The same moment for all that one save changed.
    at: Mapped[datetime] = mapped_column(default=utcnow)
    #: The line that changed, in words that outlive it; empty: the invoice itself.
    subject: Mapped[str] = mapped_column(sa.String(140), default="", server_default=sa.text("''"))
    #: Which line that was. No foreign key, for the same reason.
    line_id: Mapped[int | None]
    #: The version of the invoice that the save made; NULL for what does not count as one.
    version: Mapped[int | None]
    #: The column that changed, such as "status", with its values as text: amounts as 1234.50.
    field: Mapped[str] = mapped_column(sa.String(60))
    old: Mapped[str] = mapped_column(sa.Text, default="")
    new: Mapped[str] = mapped_column(sa.Text, default="")

    user: Mapped[User | None] = relationship()


class InvoiceComment(Base):
    """What somebody said about an invoice. Rows are only ever added."""

    __tablename__ = "invoice_comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int] = mapped_column(
        sa.ForeignKey("invoice.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("user.id", ondelete="SET NULL"), index=True
    )
    at: Mapped[datetime] = mapped_column(default=utcnow)
    text: Mapped[str] = mapped_column(sa.Text)

    user: Mapped[User | None] = relationship()


class InvoiceLine(Base):
    """What one invoice enters on one line; see `billing.inputs.Entry` for the meaning of each."""

    __tablename__ = "invoice_line"
    __table_args__ = (
        # Two composite keys: a line of another contract cannot be billed.
        sa.ForeignKeyConstraint(
            ["invoice_id", "contract_id"],
            ["invoice.id", "invoice.contract_id"],
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["sov_line_id", "contract_id"],
            ["sov_line.id", "sov_line.contract_id"],
            # No ON DELETE: a billed line stays while anything is billed on it.
        ),
        sa.Index("ix_invoice_line_sov_line_id", "sov_line_id"),
    )

    invoice_id: Mapped[int] = mapped_column(primary_key=True)
    sov_line_id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(index=True)
    work_this_period: Mapped[Cents] = mapped_column(default=0)
    #: Of a unit line: the units done this period; the amount is in `work_this_period` too.
    quantity_this_period: Mapped[TenThousandths | None]
    new_stored: Mapped[Cents] = mapped_column(default=0)
    stored_installed: Mapped[Cents] = mapped_column(default=0)
    work_retainage: Mapped[Cents | None]
    work_retainage_rate: Mapped[Rate | None]
    work_retainage_released: Mapped[Cents] = mapped_column(default=0)
    stored_retainage: Mapped[Cents | None]
    stored_retainage_rate: Mapped[Rate | None]
    stored_retainage_released: Mapped[Cents] = mapped_column(default=0)
    #: A rejected line keeps its amounts; the reason goes back to who entered them.
    review: Mapped[Review] = mapped_column(default=Review.NO_ACTION, server_default="no_action")
    review_reason: Mapped[str] = mapped_column(
        sa.String(500), default="", server_default=sa.text("''")
    )

    invoice: Mapped[Invoice] = relationship(back_populates="lines", overlaps="line")
    line: Mapped[SovLine] = relationship(overlaps="invoice,lines")
