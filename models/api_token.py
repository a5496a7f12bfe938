"""Personal tokens for programs, and what their repeated requests are known by."""

from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, utcnow
from models.user import User


class ApiToken(Base):
    """Lets a program act for a person, within its scopes and until it expires.

    The database keeps a hash: who reads it can use no token.
    """

    __tablename__ = "api_token"
    __table_args__ = (sa.CheckConstraint("length(token_hash) = 64", name="hash_is_whole"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    #: What it may do: see `services.api_tokens.Scope`.
    scopes: Mapped[list[str]] = mapped_column(sa.JSON)
    created: Mapped[datetime] = mapped_column(default=utcnow)
    expires: Mapped[datetime]
    #: To the hour; nobody needs it finer, and each change is a write.
    last_used: Mapped[datetime | None]

    user: Mapped[User] = relationship()

    @staticmethod
    def hash_of(token: str) -> str:
        # A token is 256 random bits, so a plain hash cannot be guessed back.
        return sha256(token.encode("utf-8", "replace")).hexdigest()


class ApiAnswer(Base):
    """What a POST with an idempotency key was answered, to answer the same again.

    Without a status the first request is still at work, or died at it.
    """

    __tablename__ = "api_answer"
    __table_args__ = (sa.UniqueConstraint("token_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_id: Mapped[int] = mapped_column(sa.ForeignKey("api_token.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(sa.String(200))
    #: Hash of method, address and body: the same key with another request is a mistake.
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    created: Mapped[datetime] = mapped_column(default=utcnow, index=True)
    status: Mapped[int | None]
    body: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    location: Mapped[str] = mapped_column(sa.String(300), default="")
