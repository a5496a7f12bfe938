"""Files as they arrived and the attachments of an invoice."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, utcnow
from models.document_type import DocumentKind


class StoredFile(Base):
    """Bytes kept once under their SHA-256, untouched, and what intake found out about them."""

    __tablename__ = "stored_file"
    __table_args__ = (
        sa.CheckConstraint("length(sha256) = 64", name="sha256_is_whole"),
        sa.CheckConstraint("size >= 0", name="size_is_not_negative"),
    )

    sha256: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    size: Mapped[int] = mapped_column(sa.BigInteger)
    created: Mapped[datetime] = mapped_column(default=utcnow)
    #: `binder.facts.FileFacts` as JSON; None until intake has looked at the file.
    facts: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    #: Copies of two facts, so that lists and preflight can ask SQL.
    pages: Mapped[int | None]
    problem: Mapped[str | None] = mapped_column(sa.String(40))

    @property
    def is_inspected(self) -> bool:
        return self.facts is not None


class Attachment(Base):
    """A file of an invoice, in its place."""

    __tablename__ = "attachment"
    __table_args__ = (sa.CheckConstraint("position >= 1", name="position_from_one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int] = mapped_column(
        sa.ForeignKey("invoice.id", ondelete="CASCADE"), index=True
    )
    sha256: Mapped[str] = mapped_column(
        sa.ForeignKey("stored_file.sha256", ondelete="RESTRICT"), index=True
    )
    #: Order within the invoice, from 1; gaps are harmless.
    position: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(255))
    #: The user's decision that backups go without this file; the receipt says so.
    is_left_out: Mapped[bool] = mapped_column(default=False)
    #: A `DocumentKind`, or the code of a `DocumentType` of the project.
    document_type: Mapped[str] = mapped_column(
        sa.String(40), default=DocumentKind.BACKUP, server_default=DocumentKind.BACKUP
    )
    #: Whether a person said so; else the type was guessed from the name.
    is_type_confirmed: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    #: The last day on which it counts, of certificates.
    expires: Mapped[date | None]
    created: Mapped[datetime] = mapped_column(default=utcnow)

    file: Mapped[StoredFile] = relationship()
