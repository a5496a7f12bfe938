"""Signatures of invoices: uploaded copies and envelopes of a signing service."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, utcnow
from models.file import StoredFile
from models.user import User


class SignatureStatus(StrEnum):
    """docs/domain.md 22. `completed` only once the signed document lies here and was checked."""

    SETUP_NOT_COMPLETED = "setup_not_completed"
    PENDING = "pending"
    COMPLETED = "completed"
    DECLINED = "declined"
    VOIDED = "voided"
    #: Signed once, and set aside since, for example because the invoice changed.
    SET_ASIDE = "set_aside"


#: Of an envelope that has not ended.
OPEN_SIGNATURES = (SignatureStatus.SETUP_NOT_COMPLETED, SignatureStatus.PENDING)
#: Of a signature that counts; one per invoice (a unique index holds that).
LIVE_SIGNATURES = (*OPEN_SIGNATURES, SignatureStatus.COMPLETED)
_LIVE = "status IN ('setup_not_completed', 'pending', 'completed')"


class SigningProvider(StrEnum):
    """Where a signature comes from."""

    UPLOAD = "upload"
    DOCUSIGN = "docusign"


class Signature(Base):
    """A signed copy that somebody uploaded or, through a signing service, an envelope."""

    __tablename__ = "signature"
    __table_args__ = (
        sa.CheckConstraint(
            "status <> 'completed' OR sha256 IS NOT NULL", name="completed_has_a_file"
        ),
        # One that counts per invoice; voided and declined ones stay as history.
        sa.Index(
            "uq_signature_live",
            "invoice_id",
            unique=True,
            sqlite_where=sa.text(_LIVE),
            postgresql_where=sa.text(_LIVE),
        ),
        sa.Index("ix_signature_next_check", "next_check"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int] = mapped_column(
        sa.ForeignKey("invoice.id", ondelete="CASCADE"), index=True
    )
    status: Mapped[SignatureStatus]
    sha256: Mapped[str | None] = mapped_column(
        sa.ForeignKey("stored_file.sha256", ondelete="RESTRICT"), index=True
    )
    name: Mapped[str] = mapped_column(sa.String(255), default="")
    created: Mapped[datetime] = mapped_column(default=utcnow)

    provider: Mapped[SigningProvider] = mapped_column(
        default=SigningProvider.UPLOAD, server_default="upload"
    )
    #: What the invoice said when it was sent, or when the copy was uploaded: another key now
    #: means that the invoice changed under the signature.
    substance_key: Mapped[str | None] = mapped_column(sa.String(64))

    # What follows is empty for an uploaded copy.
    #: Our own name for the envelope, chosen before the service gives its: tells after a lost
    #: answer whether it was made.
    transaction_id: Mapped[str | None] = mapped_column(sa.String(36), unique=True)
    envelope_id: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    #: The service's own word for the state.
    provider_status: Mapped[str] = mapped_column(
        sa.String(40), default="", server_default=sa.text("''")
    )
    signer_name: Mapped[str] = mapped_column(
        sa.String(200), default="", server_default=sa.text("''")
    )
    signer_email: Mapped[str] = mapped_column(
        sa.String(254), default="", server_default=sa.text("''")
    )
    signed_at: Mapped[datetime | None]
    #: Exactly the bytes that were sent, and the certificate of completion.
    sent_sha256: Mapped[str | None] = mapped_column(
        sa.ForeignKey("stored_file.sha256", ondelete="RESTRICT"), index=True
    )
    sent_pages: Mapped[int | None]
    certificate_sha256: Mapped[str | None] = mapped_column(
        sa.ForeignKey("stored_file.sha256", ondelete="RESTRICT"), index=True
    )
    requested_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("user.id", ondelete="SET NULL"), index=True
    )
    #: Why it was voided or declined.
    reason: Mapped[str] = mapped_column(sa.Text, default="", server_default=sa.text("''"))
    #: Voiding was asked for and waits for the service.
    is_void_wanted: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    #: What went wrong last, as a sentence; empty while all is well.
    problem: Mapped[str] = mapped_column(sa.Text, default="", server_default=sa.text("''"))
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    #: When the service is asked next; None where nothing is to be asked.
    next_check: Mapped[datetime | None]
    refreshed_at: Mapped[datetime | None]

    file: Mapped[StoredFile | None] = relationship(foreign_keys=[sha256])
    requested_by: Mapped[User | None] = relationship()

    @property
    def is_envelope(self) -> bool:
        return self.provider != SigningProvider.UPLOAD


class SigningAccount(Base):
    """The account at DocuSign that this installation sends with; at most one row."""

    __tablename__ = "signing_account"
    __table_args__ = (sa.CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    #: The address that gives tokens, such as https://account-d.docusign.com.
    base_url: Mapped[str] = mapped_column(sa.String(300))
    integration_key: Mapped[str] = mapped_column(sa.String(64))
    user_id: Mapped[str] = mapped_column(sa.String(64))
    account_id: Mapped[str] = mapped_column(sa.String(64))
    #: RSA private key in PEM, sealed by `services.vault`; never shown again.
    private_key: Mapped[str] = mapped_column(sa.Text)
    changed: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)


class ConnectKey(Base):
    """A secret that DocuSign Connect signs its calls with; several while one is being replaced."""

    __tablename__ = "connect_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    #: Sealed by `services.vault`; never shown again.
    secret: Mapped[str] = mapped_column(sa.Text)
    created: Mapped[datetime] = mapped_column(default=utcnow)
