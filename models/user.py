"""People who sign in, and the projects they belong to."""

from datetime import datetime
from enum import StrEnum
from typing import Self

import sqlalchemy as sa
from flask_login import UserMixin
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, db, utcnow
from models.dictionary import Dictionary
from models.password_hash import NO_PASSWORD, fits, hash_of


class Access(StrEnum):
    """What a member may do with a project's contracts (docs/domain.md 24)."""

    READ_ONLY = "read_only"
    STANDARD = "standard"
    ADMIN = "admin"


class User(UserMixin, Base):
    __tablename__ = "user"
    __table_args__ = (sa.CheckConstraint("email = lower(email)", name="email_is_lower"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    #: Empty until somebody who was invited has chosen a password or come through a provider.
    password_hash: Mapped[str] = mapped_column(sa.String(300))
    #: Administrators of the installation see and do everything.
    is_administrator: Mapped[bool] = mapped_column(default=False)
    #: Whoever left keeps the name on what was done, but cannot sign in.
    is_active: Mapped[bool] = mapped_column(default=True)
    #: None: that of the project, or of the company. It changes what is shown, not what is sent.
    dictionary: Mapped[Dictionary | None]
    created: Mapped[datetime] = mapped_column(default=utcnow)

    @classmethod
    def named(cls, email: str) -> sa.Select[Self]:
        return sa.select(cls).where(cls.email == email.strip().lower())

    @staticmethod
    def exist() -> bool:
        return bool(db.session.scalar(sa.select(sa.exists().select_from(User))))

    @property
    def has_joined(self) -> bool:
        """False while an invitation waits for an answer."""
        return bool(self.password_hash)

    @property
    def has_own_password(self) -> bool:
        """False also for somebody who only ever came through a provider."""
        return self.password_hash not in {"", NO_PASSWORD}

    def set_password(self, password: str) -> None:
        self.password_hash = hash_of(password)

    def has_password(self, password: str) -> bool:
        return self.has_own_password and fits(self.password_hash, password)


class Membership(Base):
    """A user's place in one project."""

    __tablename__ = "membership"

    user_id: Mapped[int] = mapped_column(
        sa.ForeignKey("user.id", ondelete="CASCADE"), primary_key=True
    )
    project_id: Mapped[int] = mapped_column(
        sa.ForeignKey("project.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    access: Mapped[Access]
