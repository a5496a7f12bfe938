"""Which documents invoices must bring, and where one may do without."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Cents, utcnow
from models.contract import Contract
from models.user import User


class Requirement(StrEnum):
    """What a document must accompany."""

    INVOICE = "invoice"
    #: The payment of the invoice before (binder notes A 3.2, 19: waivers follow the previous
    #: period's payment).
    PREVIOUS_PAYMENT = "previous_payment"
    #: The contract: one that is still good serves all its invoices.
    CONTRACT = "contract"


class Strictness(StrEnum):
    WARN = "warn"
    BLOCK = "block"
    #: Of one contract, in place of a rule of the project.
    NOT_REQUIRED = "not_required"


class RequiredDocument(Base):
    """A rule of a project, or of one contract in place of the project's for this type."""

    __tablename__ = "required_document"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "contract_id", "document_type"),
        # NULLs differ from each other, so the project's own rules need a constraint of their own.
        sa.Index(
            "uq_required_document_of_project",
            "project_id",
            "document_type",
            unique=True,
            sqlite_where=sa.text("contract_id IS NULL"),
            postgresql_where=sa.text("contract_id IS NULL"),
        ),
        sa.CheckConstraint("from_position >= 1", name="position_from_one"),
        sa.CheckConstraint(
            "strictness <> 'not_required' OR contract_id IS NOT NULL", name="exempts_a_contract"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id", ondelete="CASCADE"))
    contract_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("contract.id", ondelete="CASCADE"), index=True
    )
    #: A `DocumentKind`, or the code of a `DocumentType` of the project.
    document_type: Mapped[str] = mapped_column(sa.String(40))
    requirement: Mapped[Requirement]
    strictness: Mapped[Strictness]
    #: The first invoice it applies to, by position, and the least amount: of the invoice's
    #: current payment due, or of the payment before where it follows that.
    from_position: Mapped[int] = mapped_column(default=1)
    from_amount: Mapped[Cents | None]

    contract: Mapped[Contract | None] = relationship()


class DocumentExemption(Base):
    """Somebody's decision that one invoice does without a document. The receipt tells it."""

    __tablename__ = "document_exemption"
    __table_args__ = (
        sa.UniqueConstraint("invoice_id", "document_type"),
        sa.CheckConstraint("reason <> ''", name="reason_is_given"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("invoice.id", ondelete="CASCADE"))
    document_type: Mapped[str] = mapped_column(sa.String(40))
    reason: Mapped[str] = mapped_column(sa.String(300))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    user_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("user.id", ondelete="SET NULL"), index=True
    )

    user: Mapped[User | None] = relationship()
