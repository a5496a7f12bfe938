"""The record of who did what: rows that are only ever added, each chained to the one before."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, utcnow

#: What the first entry follows.
GENESIS = "0" * 64


class AuditEntry(Base):
    """One act. Names stand as text and ids without foreign keys: an entry outlives what it is
    about, and deleting a project or an account must not change it.

    The triggers below refuse UPDATE and DELETE. A batch migration that rebuilds this table on
    SQLite drops them with the old one; make them again there (`append_only`).
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        sa.Index("ix_audit_entry_project_id_id", "project_id", "id"),
        sa.Index("ix_audit_entry_email_id", "email", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utcnow, index=True)
    #: Who; empty where nobody was signed in. `actor` then says what acted, such as a worker.
    user_id: Mapped[int | None]
    email: Mapped[str] = mapped_column(sa.String(254))
    actor: Mapped[str] = mapped_column(sa.String(100))
    #: A key of `services.audit.ACTIONS`.
    action: Mapped[str] = mapped_column(sa.String(60), index=True)
    project_id: Mapped[int | None]
    project_number: Mapped[str] = mapped_column(sa.String(60))
    #: What it is about: "backup", "invoice", "user" …, and the id of its row.
    subject_kind: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    #: The network address that the act came from; empty for jobs and commands.
    address: Mapped[str] = mapped_column(sa.String(64))
    previous: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64), unique=True)

    def digest(self) -> str:
        """SHA-256 over the canonical form: a JSON array in ASCII, keys sorted, no spaces."""
        fields = [
            self.previous,
            self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.user_id,
            self.email,
            self.actor,
            self.action,
            self.project_id,
            self.project_number,
            self.subject_kind,
            self.subject_id,
            self.detail,
            self.address,
        ]
        return sha256(
            json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
        ).hexdigest()


_REFUSAL = "the audit log is only added to"
#: SQLite replaces a row (INSERT OR REPLACE) without asking DELETE triggers, hence the third.
_SQLITE = tuple(
    f"CREATE TRIGGER audit_entry_{name} BEFORE {event} ON audit_entry{when}"
    f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    for name, event, when in (
        ("no_update", "UPDATE", ""),
        ("no_delete", "DELETE", ""),
        (
            "no_replace",
            "INSERT",
            " WHEN EXISTS (SELECT 1 FROM audit_entry WHERE id = NEW.id OR hash = NEW.hash)",
        ),
    )
)
_POSTGRESQL = (
    "CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';"
    " END $$",
    "CREATE TRIGGER audit_entry_no_change BEFORE UPDATE OR DELETE ON audit_entry"
    " FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()",
    "CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()",
)


def append_only(dialect: str) -> tuple[str, ...]:
    """The statements that make the table append-only, for that database."""
    return {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}.get(dialect, ())


for _dialect in ("sqlite", "postgresql"):
    for _statement in append_only(_dialect):
        sa.event.listen(
            AuditEntry.__table__,
            "after_create",
            sa.DDL(_statement).execute_if(dialect=_dialect),  # type: ignore[no-untyped-call]
        )
