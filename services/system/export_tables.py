"""The tables of an export of everything, for people and spreadsheets."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from models import Backup, Membership, Project, User, db, reading
from services.list_export.cells import guarded


def all_of_them() -> Iterator[tuple[str, bytes]]:
    """Name and content of each."""
    with reading():
        people = db.session.scalars(sa.select(User).order_by(User.id)).all()
        rows = [
            (
                each.email,
                each.name,
                _yes(each.is_administrator),
                _yes(each.is_active),
                each.created.isoformat(timespec="seconds"),
            )
            for each in people
        ]
        columns = ("email", "name", "administrator", "active", "created")
        yield "people.csv", _table(columns, rows)
        members = db.session.execute(
            sa.select(Project.number, User.email, Membership.access)
            .join(Project, Project.id == Membership.project_id)
            .join(User, User.id == Membership.user_id)
            .order_by(Project.id, User.email)
        ).all()
        yield "members.csv", _table(("project", "email", "access"), members)
        yield "backups.csv", _table(_BACKUP_COLUMNS, _backup_rows())


_BACKUP_COLUMNS = (
    "project", "number", "name", "status", "asked_for", "asked_for_by", "finished", "pages",
    "bytes", "sha256", "files_removed", "held", "error",
)  # fmt: skip


def _backup_rows() -> Iterator[tuple[str, ...]]:
    chosen = (
        sa.select(Backup)
        .options(
            sa.orm.defer(Backup.request, raiseload=True),
            sa.orm.defer(Backup.manifest, raiseload=True),
            joinedload(Backup.project),
            joinedload(Backup.requested_by),
        )
        .order_by(Backup.project_id, Backup.number)
    )
    for row in db.session.scalars(chosen):
        yield (
            row.project.number,
            str(row.number),
            row.file_name,
            row.status,
            _moment(row.requested_at),
            row.requested_by.email if row.requested_by else "",
            _moment(row.finished_at),
            str(row.pages or ""),
            str(row.size or ""),
            row.sha256 or "",
            _moment(row.files_removed_at),
            _yes(row.is_kept),
            row.error or "",
        )


def _table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([guarded(str(cell)) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _moment(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else ""
