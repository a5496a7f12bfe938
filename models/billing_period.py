"""Billing periods: one open per project at most, never deleted once invoiced (docs/domain.md 7)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Self

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from billing.calendar import DueRule, Monthly, Rule, Weekly
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


class Frequency(StrEnum):
    NEVER = "never"
    MONTHLY = "monthly"
    WEEKLY = "weekly"


class PeriodSchedule(Base):
    """How a project comes to its periods; a project without a row makes each by hand.

    The days are those of `billing.calendar`: 31 is the last of a month, 0 is Monday.
    """

    __tablename__ = "period_schedule"
    __table_args__ = (
        sa.CheckConstraint(
            "(frequency = 'never' AND end_day IS NULL AND due_day IS NULL)"
            " OR (frequency = 'monthly' AND end_day IS NOT NULL AND end_day BETWEEN 1 AND 31"
            " AND (due_day IS NULL OR due_day BETWEEN 1 AND 31))"
            " OR (frequency = 'weekly' AND end_day IS NOT NULL AND end_day BETWEEN 0 AND 6"
            " AND (due_day IS NULL OR due_day BETWEEN 0 AND 6))",
            name="days_fit_frequency",
        ),
        sa.CheckConstraint(
            "(frequency = 'never') = (done_until IS NULL)", name="a_rule_knows_how_far_it_came"
        ),
    )

    project_id: Mapped[int] = mapped_column(
        sa.ForeignKey("project.id", ondelete="CASCADE"), primary_key=True
    )
    frequency: Mapped[Frequency] = mapped_column(default=Frequency.NEVER)
    end_day: Mapped[int | None]
    due_day: Mapped[int | None]
    is_due_later: Mapped[bool] = mapped_column(default=False)
    #: The last day for which the rule has made its periods, so that one that somebody deleted does
    #: not come back.
    done_until: Mapped[date | None]
    #: With what the form for a period made by hand opens; None goes on from the period before.
    default_start_day: Mapped[int | None]
    default_end_day: Mapped[int | None]
    default_due_day: Mapped[int | None]
    due_rule: Mapped[DueRule] = mapped_column(default=DueRule.CREATE)

    @property
    def rule(self) -> Rule | None:
        if self.frequency == Frequency.NEVER:
            return None
        assert self.end_day is not None
        kind = Monthly if self.frequency == Frequency.MONTHLY else Weekly
        return kind(self.end_day, self.due_day, self.is_due_later)
