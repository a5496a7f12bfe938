"""A project that somebody uploads: checked first, imported once its preview is confirmed."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, db, utcnow, writing
from models.project import Project
from models.user import User


class ImportStatus(StrEnum):
    """`uploaded → checking → ready → confirmed → importing → done`, or refused, or failed."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    REFUSED = "refused"
    READY = "ready"
    CONFIRMED = "confirmed"
    IMPORTING = "importing"
    DONE = "done"
    FAILED = "failed"


#: A worker takes these up, and what they become then.
CLAIMS = {
    ImportStatus.UPLOADED: ImportStatus.CHECKING,
    ImportStatus.CONFIRMED: ImportStatus.IMPORTING,
}
RUNNING = frozenset(CLAIMS.values())
#: An upload that nobody confirms is thrown away after this time.
KEPT_FOR = timedelta(days=7)


class ImportJob(Base):
    __tablename__ = "import_job"

    id: Mapped[int] = mapped_column(primary_key=True)
    requested_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("user.id", ondelete="SET NULL"), index=True
    )
    requested_at: Mapped[datetime] = mapped_column(default=utcnow)
    #: When the status changed last.
    changed_at: Mapped[datetime] = mapped_column(default=utcnow)
    status: Mapped[ImportStatus] = mapped_column(default=ImportStatus.UPLOADED, index=True)
    #: What people call the upload: the names of its files.
    title: Mapped[str] = mapped_column(sa.String(600))
    #: Where the files lie, below the data folder's `imports`.
    folder: Mapped[str] = mapped_column(sa.String(40), unique=True)
    #: The demo project is drawn by the job instead of uploaded.
    is_demo: Mapped[bool] = mapped_column(default=False)
    is_replacing: Mapped[bool] = mapped_column(default=False)
    #: What is wrong: [{file, row, column, message}].
    problems: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list)
    #: What was passed over, one sentence each.
    notes: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    #: What it would bring: `services.import_jobs.Preview`.
    preview: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    #: Why it was not imported, in one sentence.
    error: Mapped[str] = mapped_column(sa.Text, default="")
    project_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("project.id", ondelete="SET NULL"), index=True
    )

    project: Mapped[Project | None] = relationship()
    requested_by: Mapped[User | None] = relationship()

    @classmethod
    def newest_first(cls) -> sa.Select[Self]:
        return sa.select(cls).order_by(cls.id.desc())

    @property
    def is_waiting(self) -> bool:
        """For a worker."""
        return self.status in CLAIMS

    @property
    def is_running(self) -> bool:
        return self.status in RUNNING

    def claim(self) -> bool:
        """Take up what waits; False if somebody else has."""
        return self.status in CLAIMS and self.change(self.status, CLAIMS[self.status])

    def change(self, source: ImportStatus, target: ImportStatus, **values: object) -> bool:
        """One conditional UPDATE: of two who try, one wins and knows it."""
        changed = (
            sa.update(ImportJob)
            .where(ImportJob.id == self.id, ImportJob.status == source)
            .values(status=target, changed_at=utcnow(), **values)
            .returning(ImportJob.id)
        )
        with writing():
            won = db.session.scalar(changed) is not None
        db.session.refresh(self)
        return won
