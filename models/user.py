"""People who sign in, and the projects they belong to."""

from datetime import datetime
from enum import StrEnum
from typing import Self

import sqlalchemy as sa
from flask_login import UserMixin
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.security import check_password_hash, generate_password_hash

from models.base import Base, db, utcnow


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
    password_hash: Mapped[str] = mapped_column(sa.String(300))
    #: Administrators of the installation see and do everything.
    is_administrator: Mapped[bool] = mapped_column(default=False)
    created: Mapped[datetime] = mapped_column(default=utcnow)

    @classmethod
    def named(cls, email: str) -> sa.Select[Self]:
        return sa.select(cls).where(cls.email == email.strip().lower())

    @staticmethod
    def exist() -> bool:
        return bool(db.session.scalar(sa.select(sa.exists().select_from(User))))

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
