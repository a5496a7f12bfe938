"""One compile: the request as it was made, its progress and its result."""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, db, utcnow, writing
from models.contract import Contract
from models.invoice import Invoice
from models.project import Project
from models.user import Access, Membership, User

Then = Callable[[], object] | None


class BackupStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


#: A running job beats at least this often; three missed beats mean that its process is gone.
HEARTBEAT = timedelta(seconds=10)
LOST_AFTER = 3 * HEARTBEAT


#: Whose invoices a backup contains. NULL: the contract is gone, and with it who might see it.
backup_contract = sa.Table(
    "backup_contract",
    Base.metadata,
    sa.Column("backup_id", sa.ForeignKey("backup.id", ondelete="CASCADE"), index=True),
    sa.Column("contract_id", sa.ForeignKey("contract.id", ondelete="SET NULL"), index=True),
)


class Backup(Base):
    __tablename__ = "backup"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "number"),
        sa.CheckConstraint(
            "status <> 'done'"
            " OR (path IS NOT NULL AND sha256 IS NOT NULL AND manifest IS NOT NULL)",
            name="done_has_a_file",
        ),
        sa.CheckConstraint(
            "is_kept IS FALSE OR files_removed_at IS NULL", name="kept_has_its_files"
        ),
        # SQLite gives the highest id again once its row is deleted; a mailed link, a folder and a
        # job that came back from the dead would then mean another backup.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id", ondelete="CASCADE"))
    #: Running number in the project, from 1.
    number: Mapped[int]
    requested_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("user.id", ondelete="SET NULL")
    )
    requested_at: Mapped[datetime] = mapped_column(default=utcnow)
    #: The frozen request: invoice ids with content keys, file hashes, dictionary, options.
    request: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    status: Mapped[BackupStatus] = mapped_column(default=BackupStatus.QUEUED, index=True)
    #: What is being done, in words, while it runs.
    step: Mapped[str] = mapped_column(sa.String(100), default="")
    documents_done: Mapped[int] = mapped_column(default=0)
    documents_total: Mapped[int] = mapped_column(default=0)
    pages_done: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    is_cancel_requested: Mapped[bool] = mapped_column(default=False)
    #: Why it failed, in one sentence.
    error: Mapped[str | None] = mapped_column(sa.Text)
    file_name: Mapped[str] = mapped_column(sa.String(255), default="")
    #: Where the PDF lies, relative to the data folder.
    path: Mapped[str | None] = mapped_column(sa.String(300))
    size: Mapped[int | None] = mapped_column(sa.BigInteger)
    pages: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(sa.String(64))
    manifest: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    #: Whether the project's recipients get it as soon as it is done.
    is_for_recipients: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    #: Held back from every rule of retention, and from being deleted, until somebody releases it.
    is_kept: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    #: When the rule of retention removed its files; row and manifest stay.
    files_removed_at: Mapped[datetime | None]
    #: Same key, same choice: a later backup takes the place of an earlier one.
    selection_key: Mapped[str] = mapped_column(
        sa.String(64), default="", server_default=sa.text("''")
    )

    project: Mapped[Project] = relationship()
    requested_by: Mapped[User | None] = relationship()

    @classmethod
    def of_project(cls, project_id: int) -> sa.Select[Self]:
        """Newest first."""
        return sa.select(cls).where(cls.project_id == project_id).order_by(cls.number.desc())

    @classmethod
    def visible_to(cls, user: User | None, project_id: int) -> sa.Select[Self]:
        """Newest first, without those that contain a contract which `user` may not see."""
        query = cls.of_project(project_id)
        if user is None or user.is_administrator:
            return query
        visible = Contract.ids_visible_to(user, project_id)
        access = sa.select(Membership.access).where(
            Membership.project_id == project_id, Membership.user_id == user.id
        )
        hidden = sa.exists().where(
            backup_contract.c.backup_id == cls.id,
            sa.or_(
                backup_contract.c.contract_id.is_(None),
                backup_contract.c.contract_id.not_in(visible),
            ),
        )
        is_admin = access.scalar_subquery() == Access.ADMIN
        return query.where(sa.or_(is_admin, ~hidden))

    @property
    def is_finished(self) -> bool:
        return self.status not in {BackupStatus.QUEUED, BackupStatus.RUNNING}

    # Each state change is one conditional UPDATE: of two who try, one wins and knows it.

    def claim(self) -> bool:
        """Move from queued to running; False if it was claimed or cancelled before."""
        now = utcnow()
        return self._change(
            BackupStatus.QUEUED,
            status=BackupStatus.RUNNING,
            step="",
            documents_done=0,
            started_at=sa.func.coalesce(Backup.started_at, now),
            heartbeat_at=now,
        )

    def begin_preparing(self, missing: int) -> bool:
        """Say that others prepare `missing` of its documents before it is its turn; False if it
        was claimed or cancelled before.

        It stays queued: nothing is lost with those who prepare, so nobody has to beat.
        """
        return self._change(
            BackupStatus.QUEUED,
            step="Preparing the documents",
            documents_done=max(self.documents_total - missing, 0),
            started_at=sa.func.coalesce(Backup.started_at, utcnow()),
        )

    @classmethod
    def note_prepared(cls, backup_id: int, count: int) -> bool:
        """Note that `count` more of its documents are prepared; False when it does not wait for
        them any more."""
        done = cls.documents_done + count
        noted = (
            sa.update(cls)
            .where(cls.id == backup_id, cls.status == BackupStatus.QUEUED)
            .values(
                documents_done=sa.case(
                    (done < cls.documents_total, done), else_=cls.documents_total
                )
            )
            .returning(cls.id)
        )
        with writing():
            return db.session.scalar(noted) is not None

    @classmethod
    def beat(cls, backup_id: int, **progress: object) -> bool | None:
        """Note life and progress. Tells whether to stop: None when the row no longer runs."""
        with writing():
            return db.session.scalar(
                sa.update(cls)
                .where(cls.id == backup_id, cls.status == BackupStatus.RUNNING)
                .values(heartbeat_at=utcnow(), **progress)
                .returning(cls.is_cancel_requested)
            )

    # What is passed as `then` is done in the same transaction, by the one who wins.

    def finish(self, *, then: Then = None, **result: object) -> bool:
        return self._change(
            BackupStatus.RUNNING,
            then=then,
            status=BackupStatus.DONE,
            finished_at=utcnow(),
            step="",
            **result,
        )

    def fail(self, error: str, *, then: Then = None) -> bool:
        return self._change(
            BackupStatus.QUEUED,
            BackupStatus.RUNNING,
            then=then,
            status=BackupStatus.FAILED,
            finished_at=utcnow(),
            error=error,
        )

    def request_cancel(self, *, then: Then = None) -> bool:
        """Cancel at once while queued; ask a running job to stop at the next document."""
        if self._change(
            BackupStatus.QUEUED, then=then, status=BackupStatus.CANCELLED, finished_at=utcnow()
        ):
            return True
        return self._change(BackupStatus.RUNNING, is_cancel_requested=True)

    def cancelled(self, *, then: Then = None) -> bool:
        return self._change(
            BackupStatus.RUNNING, then=then, status=BackupStatus.CANCELLED, finished_at=utcnow()
        )

    @classmethod
    def lost(cls, now: datetime) -> sa.Select[Self]:
        """Running, but its process has shown no life for too long."""
        return sa.select(cls).where(
            cls.status == BackupStatus.RUNNING, cls.heartbeat_at < now - LOST_AFTER
        )

    @classmethod
    def ahead_of(cls, now: datetime) -> sa.Select[Self]:
        """Running, and its last sign of life is still to come: the clock was set back."""
        return sa.select(cls).where(
            cls.status == BackupStatus.RUNNING, cls.heartbeat_at > now + HEARTBEAT
        )

    def is_lost(self, now: datetime) -> bool:
        """The same of one row."""
        return (
            self.status == BackupStatus.RUNNING
            and self.heartbeat_at is not None
            and self.heartbeat_at < now - LOST_AFTER
        )

    def _change(self, *sources: BackupStatus, then: Then = None, **values: object) -> bool:
        # Not self.id: to ask for an attribute of a row that somebody deleted meanwhile raises.
        [backup_id] = sa.inspect(self).identity or [None]
        changed = (
            sa.update(Backup)
            .where(Backup.id == backup_id, Backup.status.in_(sources))
            .values(**values)
            .returning(Backup.id)
        )
        with writing():
            won = db.session.scalar(changed) is not None
            if won and then:
                then()
        return won


@sa.event.listens_for(Backup, "after_insert")
def _note_contracts(_mapper: object, connection: Connection, backup: Backup) -> None:
    """Whoever stores a backup, its contracts are known: nobody can forget to hide it."""
    chosen = [row["id"] for row in backup.request.get("invoices", ())]
    contracts = (
        sa.select(sa.literal(backup.id), Invoice.contract_id)
        .where(Invoice.id.in_(chosen))
        .distinct()
    )
    follows = backup.request.get("addendum")
    if follows:
        # It names what is gone since: who may not see the backup before must not see it either.
        before = sa.select(sa.literal(backup.id), backup_contract.c.contract_id).where(
            backup_contract.c.backup_id == follows["backup_id"]
        )
        contracts = contracts.union(before)  # type: ignore[assignment]
    connection.execute(
        sa.insert(backup_contract).from_select(["backup_id", "contract_id"], contracts)
    )
