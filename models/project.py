"""Projects and the companies that work on them."""

from datetime import date, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, utcnow
from models.dictionary import Dictionary
from models.user import Access, Membership, User


class Project(Base):
    __tablename__ = "project"
    __table_args__ = (
        sa.CheckConstraint("number <> ''", name="number_is_given"),
        sa.CheckConstraint("name <> ''", name="name_is_given"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(60), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    timezone: Mapped[str] = mapped_column(sa.String(60), default="UTC")
    owner: Mapped[str] = mapped_column(sa.String(200), default="")
    general_contractor: Mapped[str] = mapped_column(sa.String(200), default="")
    architect: Mapped[str] = mapped_column(sa.String(200), default="")
    address: Mapped[str] = mapped_column(sa.String(400), default="")
    #: None: that of the company.
    dictionary: Mapped[Dictionary | None]
    created: Mapped[datetime] = mapped_column(default=utcnow)
    #: Since when it is only read; None while people work on it.
    archived: Mapped[datetime | None]
    #: Whether an entry that bills more than a line's scheduled value is refused.
    forbids_overbilling: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    #: The highest number that a backup of this project ever had.
    last_backup: Mapped[int] = mapped_column(default=0, server_default="0")
    #: `binder.recipe.Recipe` as JSON; None for the defaults.
    recipe: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def day_of(self, moment: datetime) -> date:
        """The day that it is where the project is."""
        return moment.astimezone(self.zone).date()

    @classmethod
    def numbered(cls, number: str) -> sa.Select[Self]:
        return sa.select(cls).where(cls.number == number)

    @classmethod
    def visible_to(cls, user: User | None) -> sa.Select[Self]:
        """The projects that `user` may see, by number; None is the installation, which sees all."""
        query = sa.select(cls).order_by(cls.number)
        if user is None or user.is_administrator:
            return query
        return query.join(Membership, Membership.project_id == cls.id).where(
            Membership.user_id == user.id
        )

    def access_of(self, user: User) -> sa.Select[Access]:
        return sa.select(Membership.access).where(
            Membership.project_id == self.id, Membership.user_id == user.id
        )


class Company(Base):
    """The other party of a contract; a project keeps its own list."""

    __tablename__ = "company"
    __table_args__ = (sa.UniqueConstraint("project_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(200))
    address: Mapped[str] = mapped_column(sa.String(400), default="")
