"""Documents that a subcontractor was asked for, and what he handed in without an account."""

from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, utcnow
from models.contract import Contract
from models.file import StoredFile
from models.invoice import Invoice
from models.user import User


class DocumentRequest(Base):
    """One mail to the contacts of a contract, with the address of its upload page."""

    __tablename__ = "document_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(
        sa.ForeignKey("contract.id", ondelete="CASCADE"), index=True
    )
    asked_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("user.id", ondelete="SET NULL"), index=True
    )
    created: Mapped[datetime] = mapped_column(default=utcnow)
    #: What was asked for: [{invoice_id, document_type, title}], as the mail says it.
    items: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON)
    #: To whom: [{name, email}].
    recipients: Mapped[list[dict[str, str]]] = mapped_column(sa.JSON)
    message: Mapped[str] = mapped_column(sa.Text, default="")
    #: SHA-256 of the token; none until the mail is written, which is when the token is made.
    token_hash: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    expires: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    #: When the mail was handed over, or why it was not.
    mailed_at: Mapped[datetime | None]
    mail_error: Mapped[str | None] = mapped_column(sa.Text)

    contract: Mapped[Contract] = relationship()
    asked_by: Mapped[User | None] = relationship()

    @staticmethod
    def hash_of(token: str) -> str:
        # A token is 256 random bits, so a plain hash cannot be guessed back.
        return sha256(token.encode()).hexdigest()

    @classmethod
    def of_contract(cls, contract_id: int) -> sa.Select[Self]:
        """Newest first."""
        return sa.select(cls).where(cls.contract_id == contract_id).order_by(cls.id.desc())


class SubmissionStatus(StrEnum):
    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class SubmittedFile(Base):
    """A file that came through an upload page. It counts for nothing until it is accepted."""

    __tablename__ = "submitted_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(
        sa.ForeignKey("document_request.id", ondelete="CASCADE"), index=True
    )
    invoice_id: Mapped[int] = mapped_column(
        sa.ForeignKey("invoice.id", ondelete="CASCADE"), index=True
    )
    document_type: Mapped[str] = mapped_column(sa.String(40))
    sha256: Mapped[str] = mapped_column(
        sa.ForeignKey("stored_file.sha256", ondelete="RESTRICT"), index=True
    )
    name: Mapped[str] = mapped_column(sa.String(255))
    created: Mapped[datetime] = mapped_column(default=utcnow)
    status: Mapped[SubmissionStatus] = mapped_column(default=SubmissionStatus.WAITING)
    decided_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("user.id", ondelete="SET NULL"), index=True
    )
    decided_at: Mapped[datetime | None]
    #: Why it was refused; mailed to the contacts.
    reason: Mapped[str] = mapped_column(sa.Text, default="")

    request: Mapped[DocumentRequest] = relationship()
    invoice: Mapped[Invoice] = relationship()
    file: Mapped[StoredFile] = relationship()
