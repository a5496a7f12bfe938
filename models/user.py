"""People who sign in, and the projects they belong to."""

from datetime import datetime
from enum import StrEnum
from typing import Self

import sqlalchemy as sa
from flask_login import UserMixin
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.security import check_password_hash, generate_password_hash

from models.base import Base, db, utcnow
from models.dictionary import Dictionary


class Access(StrEnum):
    """What a member may do with a project's contracts (domain: permissions, K29)."""

    READ_ONLY = "read_only"
    STANDARD = "standard"
    ADMIN = "admin"


class User(UserMixin, Base):
    __tablename__ = "user"
    __table_args__ = (sa.CheckConstraint("email = lower(email)", name="email_is_lower"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    #: Empty until somebody who was invited has chosen a password.
    password_hash: Mapped[str] = mapped_column(sa.String(300))
    #: Administrators of the installation see and do everything.
    is_administrator: Mapped[bool] = mapped_column(default=False)
    #: Whoever left keeps the name on what was done, but cannot sign in.
    is_active: Mapped[bool] = mapped_column(default=True)
    #: Part of each session's cookie: raising it ends all sessions of this person.
    session_version: Mapped[int] = mapped_column(default=1)
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

    def get_id(self) -> str:
        """What the session's cookie says, for `of_session`."""
        return f"{self.id}.{self.session_version}"

    @classmethod
    def of_session(cls, value: str) -> Self | None:
        """Who a session belongs to; None once it was ended or its owner may not sign in."""
        user_id, _, version = value.partition(".")
        if not (user_id.isdecimal() and version.isdecimal()):
            return None
        user = db.session.get(cls, int(user_id))
        if user is None or not user.is_active or user.session_version != int(version):
            return None
        return user

    def end_sessions(self) -> None:
        self.session_version = User.session_version + 1

    def set_password(self, password: str) -> None:
        self.password_hash = generate_password_hash(password)

    def has_password(self, password: str) -> bool:
        return check_password_hash(self.password_hash, password)


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
