"""Looking things up in the record."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from models import AuditEntry, Project, db
from services.audit.actions import ACTIONS, in_words
from services.errors import AppError
from services.list_export.cells import guarded

PAGE_SIZE = 100
#: Rows of a CSV file in memory at a time.
_CHUNK = 2000
_COLUMNS = (
    "Time (UTC)", "Person", "Name", "Action", "What", "Project", "About", "Id", "Details",
    "Address", "Entry", "Hash",
)  # fmt: skip


class BadFilter(AppError):
    """A filter that cannot be understood."""


@dataclass(frozen=True, slots=True)
class AuditFilters:
    """What a page of the record shows; empty means all."""

    project: str = ""
    person: str = ""
    action: str = ""
    first: date | None = None
    last: date | None = None

    @classmethod
    def from_values(cls, values: Mapping[str, str]) -> Self:
        """Raises `BadFilter` for a day that is none; unknown names just find nothing."""
        return cls(
            project=values.get("project", "")[:60],
            person=values.get("person", "")[:254],
            action=values.get("action", "")[:60],
            first=_day(values.get("from", "")),
            last=_day(values.get("to", "")),
        )

    def select(self, zone: ZoneInfo, project: Project | None = None) -> sa.Select[AuditEntry]:
        """Newest first. Days are those of `zone`; `project` keeps to one project."""
        query = sa.select(AuditEntry).order_by(AuditEntry.id.desc())
        if project:
            # SQLite gives the id of a deleted project again: nothing older is of this one.
            query = query.where(
                AuditEntry.project_id == project.id, AuditEntry.at >= project.created
            )
        if self.project and not project:
            query = query.where(AuditEntry.project_number == self.project)
        if self.person:
            query = query.where(AuditEntry.email == self.person)
        if self.action:
            query = query.where(AuditEntry.action == self.action)
        if self.first:
            query = query.where(AuditEntry.at >= _midnight(self.first, zone))
        if self.last and self.last < date.max:
            query = query.where(AuditEntry.at < _midnight(self.last + timedelta(days=1), zone))
        return query


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer: only what the record has."""

    projects: Sequence[str]
    people: Sequence[str]
    #: Words by code.
    actions: Mapping[str, str]


def choices(project: Project | None) -> Choices:
    def distinct(column: sa.orm.InstrumentedAttribute[str]) -> Sequence[str]:
        query = sa.select(column).distinct().where(column != "").order_by(column)
        if project:
            query = query.where(AuditEntry.project_id == project.id)
        return db.session.scalars(query).all()

    known = distinct(AuditEntry.action)
    return Choices(
        projects=() if project else distinct(AuditEntry.project_number),
        people=distinct(AuditEntry.email),
        actions={code: words for code, words in ACTIONS.items() if code in known},
    )


def older_than(query: sa.Select[AuditEntry], entry_id: int | None) -> list[AuditEntry]:
    """One page, and one row more where there are older ones."""
    if entry_id is not None:
        query = query.where(AuditEntry.id < entry_id)
    return list(db.session.scalars(query.limit(PAGE_SIZE + 1)))


def as_csv(query: sa.Select[AuditEntry]) -> Iterator[bytes]:
    """All that it finds, in pieces; text that a spreadsheet would compute is guarded."""
    yield b"\xef\xbb\xbf" + _lines([_COLUMNS])
    last: int | None = None
    while True:
        after = query if last is None else query.where(AuditEntry.id < last)
        rows = db.session.scalars(after.limit(_CHUNK)).all()
        if not rows:
            return
        yield _lines([_cells(row) for row in rows])
        last = rows[-1].id
        db.session.expunge_all()


def detail_words(detail: Mapping[str, Any]) -> str:
    """“status: approved, count: 2”: what an entry adds, for people."""
    return ", ".join(f"{name.replace('_', ' ')}: {_word(value)}" for name, value in detail.items())


def _word(value: Any) -> str:
    match value:
        case None | "" | []:
            return "none"
        case bool():
            return "yes" if value else "no"
        case list():
            return " + ".join(map(_word, value))
        case _:
            return str(value)


def _cells(row: AuditEntry) -> list[str]:
    texts = [
        row.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        row.email,
        row.actor,
        row.action,
        in_words(row.action),
        row.project_number,
        row.subject_kind,
        str(row.subject_id or ""),
        json.dumps(row.detail, ensure_ascii=False) if row.detail else "",
        row.address,
        str(row.id),
        row.hash,
    ]
    return [guarded(text) for text in texts]


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as e:
        raise BadFilter(f"“{text[:40]}” is not a day, such as 2026-08-31.") from e
    if not 1970 <= day.year <= 9000:
        raise BadFilter(f"“{text[:40]}” is not a day of this record.")
    return day
