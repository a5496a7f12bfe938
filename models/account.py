"""What proves that somebody owns an e-mail address, and what slows down guessing passwords."""

from datetime import datetime
from enum import StrEnum
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, utcnow
from models.user import User


class Purpose(StrEnum):
    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a purpose


class AccountToken(Base):
    """A link that was mailed, or will be. The database keeps a hash: who reads it can use none.

    One per person and purpose: a further one takes the place of the one before. Using it up
    deletes the row.
    """

    __tablename__ = "account_token"
    __table_args__ = (sa.UniqueConstraint("user_id", "purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id", ondelete="CASCADE"))
    purpose: Mapped[Purpose]
    created: Mapped[datetime] = mapped_column(default=utcnow)
    #: SHA-256 of the token; none until the mail is written, which is when the token is made.
    token_hash: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    expires: Mapped[datetime | None]
    #: When the mail was handed over, or why it was not.
    mailed_at: Mapped[datetime | None]
    mail_error: Mapped[str | None] = mapped_column(sa.Text)

    user: Mapped[User] = relationship()

    @staticmethod
    def hash_of(token: str) -> str:
        # A token is 256 random bits, so a plain hash cannot be guessed back.
        return sha256(token.encode()).hexdigest()


class Attempt(Base):
    """One try of somebody who has not proved who he is: at a password, or at asking for a mail."""

    __tablename__ = "attempt"
    __table_args__ = (sa.Index("ix_attempt_subject_at", "subject", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Hash of what was tried and by whom: a password typed into the wrong field stays unreadable.
    subject: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime] = mapped_column(index=True)
