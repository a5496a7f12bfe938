"""Billing periods: one open per project at most, never deleted once invoiced (domain 2)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Self

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, utcnow


class PeriodStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class BillingPeriod(Base):
    __tablename__ = "billing_period"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "start", "end"),
        sa.CheckConstraint('start <= "end"', name="start_is_not_after_end"),
        sa.Index(
            "uq_billing_period_open",
            "project_id",
            unique=True,
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id", ondelete="CASCADE"))
    start: Mapped[date]
    end: Mapped[date]
    due: Mapped[date | None]
    status: Mapped[PeriodStatus]

    @classmethod
    def of_project(cls, project_id: int) -> sa.Select[Self]:
        """Newest first."""
        return (
            sa.select(cls)
            .where(cls.project_id == project_id)
            .order_by(cls.start.desc(), cls.end.desc())
        )

    @property
    def is_open(self) -> bool:
        return self.status == PeriodStatus.OPEN


class PeriodEvent(Base):
    """The history of a period: who opened, closed or changed it, when and why."""

    __tablename__ = "billing_period_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    period_id: Mapped[int] = mapped_column(
        sa.ForeignKey("billing_period.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    #: What happened, in the past tense: "opened", "closed", "reopened", "changed", "created".
    action: Mapped[str] = mapped_column(sa.String(20))
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
