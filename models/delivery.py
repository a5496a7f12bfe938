"""How finished backups reach people: links, recipients, mails, and backups nobody presses for."""

from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Self

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.backup import Backup
from models.base import Base, utcnow
from models.project import Project
from models.user import User

#: Days that a link is good for, unless a project says otherwise.
LINK_DAYS = 30


class DeliveryPlan(Base):
    """To whom a project's backups go and what the mails say; a project without a row has none."""

    __tablename__ = "delivery_plan"
    __table_args__ = (
        sa.CheckConstraint("link_days BETWEEN 1 AND 3650", name="link_days_are_sane"),
        sa.CheckConstraint(
            "attach_megabytes IS NULL OR attach_megabytes BETWEEN 1 AND 25",
            name="attachments_fit_into_mails",
        ),
    )

    project_id: Mapped[int] = mapped_column(
        sa.ForeignKey("project.id", ondelete="CASCADE"), primary_key=True
    )
    #: Templates with the fields of `services.delivery.texts`.
    subject: Mapped[str] = mapped_column(sa.String(200))
    message: Mapped[str] = mapped_column(sa.Text)
    link_days: Mapped[int] = mapped_column(default=LINK_DAYS)
    #: Anyone with the link may download; else it asks for an account that may see the backup.
    is_public: Mapped[bool] = mapped_column(default=False)
    #: Attach what is not larger, in millions of bytes; None attaches nothing.
    attach_megabytes: Mapped[int | None]


class Recipient(Base):
    """Somebody who gets a project's backups: a user or an outside address."""

    __tablename__ = "recipient"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "email"),
        sa.CheckConstraint("email = lower(email)", name="email_is_lower"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(sa.String(254))
    name: Mapped[str] = mapped_column(sa.String(100), default="")

    @classmethod
    def of_project(cls, project_id: int) -> sa.Select[Self]:
        return sa.select(cls).where(cls.project_id == project_id).order_by(cls.email)


class BackupLink(Base):
    """An address that leads to one backup. The database keeps a hash: who reads it can use none.

    The token is made again from `salt` with the application's key, so that a mail that is sent
    again, or somebody who copies the link, has the same one.
    """

    __tablename__ = "backup_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    backup_id: Mapped[int] = mapped_column(
        sa.ForeignKey("backup.id", ondelete="CASCADE"), index=True
    )
    #: For whom it was made; empty for one that somebody passes on by himself.
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    salt: Mapped[str] = mapped_column(sa.String(32))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    is_public: Mapped[bool] = mapped_column(default=False)
    created: Mapped[datetime] = mapped_column(default=utcnow)
    expires: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    downloads: Mapped[int] = mapped_column(default=0)
    last_download_at: Mapped[datetime | None]

    backup: Mapped[Backup] = relationship()

    @staticmethod
    def hash_of(token: str) -> str:
        # A token is 192 bits of a keyed hash, so a plain hash cannot be guessed back.
        return sha256(token.encode()).hexdigest()

    @classmethod
    def of_backup(cls, backup_id: int) -> sa.Select[Self]:
        """Newest first."""
        return sa.select(cls).where(cls.backup_id == backup_id).order_by(cls.id.desc())

    def state(self, now: datetime) -> str:
        if self.revoked_at:
            return "revoked"
        return "active" if self.expires > now else "expired"


class MailKind(StrEnum):
    #: To who asked: the file is there, or why not.
    READY = "ready"
    FAILED = "failed"
    #: To a recipient of the project.
    DELIVERY = "delivery"
    #: To who set up a schedule: preflight forbids the backup.
    BLOCKED = "blocked"


class MailState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class MailDelivery(Base):
    """One mail to one person; the row says what became of it."""

    __tablename__ = "mail_delivery"
    __table_args__ = (
        # Never two mails for one recipient of one backup.
        sa.UniqueConstraint("backup_id", "email"),
        sa.Index("ix_mail_delivery_state_next_try_at", "state", "next_try_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id", ondelete="CASCADE"))
    backup_id: Mapped[int | None] = mapped_column(sa.ForeignKey("backup.id", ondelete="CASCADE"))
    kind: Mapped[MailKind]
    email: Mapped[str] = mapped_column(sa.String(254))
    name: Mapped[str] = mapped_column(sa.String(100))
    state: Mapped[MailState] = mapped_column(default=MailState.QUEUED)
    tries: Mapped[int] = mapped_column(default=0)
    created: Mapped[datetime] = mapped_column(default=utcnow)
    #: Not before; None once nothing more is to be done.
    next_try_at: Mapped[datetime | None]
    #: When the last try began: a process that died in it is noticed.
    tried_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    #: What the mail server said.
    error: Mapped[str | None] = mapped_column(sa.Text)
    #: Of a blocked schedule: what preflight found, sentence by sentence.
    findings: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    link_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("backup_link.id", ondelete="SET NULL")
    )

    project: Mapped[Project] = relationship()
    backup: Mapped[Backup | None] = relationship()
    link: Mapped[BackupLink | None] = relationship()

    @classmethod
    def of_backup(cls, backup_id: int) -> sa.Select[Self]:
        return sa.select(cls).where(cls.backup_id == backup_id).order_by(cls.id)


class Occasion(StrEnum):
    """When a backup is made by itself."""

    NEVER = "never"
    PERIOD_CLOSED = "period_closed"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class BackupSchedule(Base):
    """A backup that is made by itself; a project without a row makes none."""

    __tablename__ = "backup_schedule"
    __table_args__ = (
        sa.CheckConstraint(
            "(occasion = 'weekly' AND day IS NOT NULL AND day BETWEEN 0 AND 6)"
            " OR (occasion = 'monthly' AND day IS NOT NULL AND day BETWEEN 1 AND 31)"
            " OR (occasion IN ('never', 'period_closed') AND day IS NULL)",
            name="day_fits_occasion",
        ),
        sa.CheckConstraint(
            "(occasion IN ('weekly', 'monthly')) = (next_run_at IS NOT NULL)",
            name="a_clock_knows_its_next_time",
        ),
        sa.CheckConstraint("minute BETWEEN 0 AND 1439", name="minute_is_of_a_day"),
    )

    project_id: Mapped[int] = mapped_column(
        sa.ForeignKey("project.id", ondelete="CASCADE"), primary_key=True
    )
    occasion: Mapped[Occasion] = mapped_column(default=Occasion.NEVER)
    #: 0 is Monday, or the day of the month where 31 is its last.
    day: Mapped[int | None]
    #: Of the day, in the project's time zone.
    minute: Mapped[int] = mapped_column(default=0)
    #: Which invoices of the period go in, by status; empty for all.
    statuses: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    #: For whom it runs, and who hears of what stops it.
    set_up_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id", ondelete="SET NULL"))
    next_run_at: Mapped[datetime | None]
    #: The last closing of a period that was dealt with: an id of `billing_period_event`.
    last_event_id: Mapped[int] = mapped_column(default=0)
    last_run_at: Mapped[datetime | None]
    #: What became of the last run, in a sentence.
    last_result: Mapped[str] = mapped_column(sa.Text, default="")

    project: Mapped[Project] = relationship()
    set_up_by: Mapped[User | None] = relationship()
