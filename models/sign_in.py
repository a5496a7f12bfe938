"""Sessions, second factors and accounts elsewhere: all that signing in leaves behind."""

from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Self

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, utcnow
from models.user import User


class SignInState(StrEnum):
    """How far a sign-in has come."""

    #: A link that the command line printed; opening it begins a session.
    LINK = "link"
    #: Password or provider said yes, the second factor is still to come.
    NEEDS_CODE = "needs_code"
    WHOLE = "whole"


class SignIn(Base):
    """One browser's session. Its cookie holds the token, this row its hash; without the row the
    cookie is worth nothing."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    state: Mapped[SignInState]
    created: Mapped[datetime] = mapped_column(default=utcnow)
    #: From where, and with what, as the browser said; for people to recognise their own.
    address: Mapped[str] = mapped_column(sa.String(64), default="")
    browser: Mapped[str] = mapped_column(sa.String(300), default="")

    user: Mapped[User] = relationship()

    @staticmethod
    def hash_of(token: str) -> str:
        # A token is 256 random bits, so a plain hash cannot be guessed back.
        return sha256(token.encode()).hexdigest()

    @classmethod
    def of_user(cls, user_id: int) -> sa.Select[Self]:
        """Whole sessions, newest first."""
        query = sa.select(cls).where(cls.user_id == user_id, cls.state == SignInState.WHOLE)
        return query.order_by(cls.id.desc())


class SecondFactor(Base):
    """The authenticator app of one person."""

    __tablename__ = "second_factor"

    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("user.id", ondelete="CASCADE"), primary_key=True
    )
    #: Sealed by the vault: the database alone makes no codes.
    sealed_secret: Mapped[str] = mapped_column(sa.String(300))
    #: None until a first code has shown that the app has it; until then it is not asked for.
    confirmed_at: Mapped[datetime | None]
    #: The time step of the last code that was taken; that one and all before are used up.
    last_step: Mapped[int] = mapped_column(sa.BigInteger, default=0)


class RecoveryCode(Base):
    """Stands in for a code of the app, once. Used up, the row is gone."""

    __tablename__ = "recovery_code"
    __table_args__ = (sa.UniqueConstraint("user_id", "code_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id", ondelete="CASCADE"))
    #: SHA-256: a code has 120 random bits.
    code_hash: Mapped[str] = mapped_column(sa.String(64))


class Identity(Base):
    """Somebody's account at a provider, by the only two things about it that never change."""

    __tablename__ = "identity"
    __table_args__ = (
        sa.UniqueConstraint("issuer", "subject"),
        sa.UniqueConstraint("user_id", "issuer"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id", ondelete="CASCADE"))
    issuer: Mapped[str] = mapped_column(sa.String(300))
    subject: Mapped[str] = mapped_column(sa.String(255))
    created: Mapped[datetime] = mapped_column(default=utcnow)


class ProviderVisit(Base):
    """Somebody was sent to the provider and is expected back, once."""

    __tablename__ = "provider_visit"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: SHA-256 of the `state` that comes back in the address.
    state_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    nonce: Mapped[str] = mapped_column(sa.String(64))
    #: Of PKCE (RFC 7636): shows that who redeems the code is who asked for it.
    verifier: Mapped[str] = mapped_column(sa.String(128))
    #: Where the visitor was going, an address of ours.
    target: Mapped[str] = mapped_column(sa.String(2000))
    created: Mapped[datetime] = mapped_column(index=True)
