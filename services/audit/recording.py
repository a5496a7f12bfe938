"""Adding an entry. Whoever acts is asked of the outermost layer, which alone knows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app

from models import AuditEntry, Project, User, db, utcnow, writing
from models.audit import GENESIS
from services.audit.actions import ACTIONS


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from where. `name` says what does where nobody is signed in."""

    user: User | None = None
    name: str = ""
    address: str = ""


#: A background job that nobody asked for.
NOBODY = Actor(name="Drawpack")


def who_acts_by(app: Flask, find: Callable[[], Actor]) -> None:
    """Have `find` tell who acts at this moment."""
    app.extensions["actor"] = find


def record(
    action: str,
    *,
    user: User | None = None,
    project: Project | int | None = None,
    subject: tuple[str, int | None] = ("", None),
    detail: Mapping[str, Any] | None = None,
    address: str | None = None,
) -> AuditEntry:
    """Add an entry to the transaction of the act, which must be one that may write.

    `action` is a key of `ACTIONS`. Without a `user` and an `address` they are those of whoever
    acts now. `detail` is plain data as JSON takes it, in words that people can read; secrets and
    what people typed by mistake have no place in it, for an entry can never be changed.
    """
    if action not in ACTIONS:
        raise ValueError(f"“{action}” is no action of the audit log")
    acting = _acting()
    who = user or acting.user
    place = db.session.get(Project, project) if isinstance(project, int) else project
    entry = AuditEntry(
        at=utcnow(),
        user_id=who.id if who else None,
        email=who.email if who else "",
        actor=who.name if who else acting.name,
        action=action,
        project_id=place.id if place else None,
        project_number=place.number if place else "",
        subject_kind=subject[0],
        subject_id=subject[1],
        detail=_clean(dict(detail or {})),
        address=_clean(acting.address if address is None else address)[:64],
    )
    return _chain(entry)


def note(action: str, **about: Any) -> None:
    """`record` in a short transaction of its own, for acts that change nothing else."""
    with writing():
        record(action, **about)


def is_noted(
    since: datetime,
    action: str,
    *,
    subject: tuple[str, int | None],
    user: User | None = None,
    **about: Any,
) -> bool:
    """Whether whoever acts now has done the same to the same since then."""
    acting = _acting()
    who = user or acting.user
    same = sa.select(AuditEntry.detail).where(
        AuditEntry.at >= since,
        AuditEntry.action == action,
        AuditEntry.subject_kind == subject[0],
        AuditEntry.subject_id == subject[1],
        AuditEntry.user_id == who.id if who else AuditEntry.address == acting.address,
    )
    return _clean(dict(about["detail"])) in db.session.scalars(same).all()


def _acting() -> Actor:
    find: Callable[[], Actor] | None = current_app.extensions.get("actor")
    return find() if find else NOBODY


def _chain(entry: AuditEntry) -> AuditEntry:
    """No two entries follow the same one: a writing transaction is alone from its first statement
    on (models/base.py)."""
    db.session.flush()
    last = sa.select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)
    entry.previous = db.session.scalar(last) or GENESIS
    entry.hash = entry.digest()
    db.session.add(entry)
    db.session.flush()
    return entry


def _clean(value: Any) -> Any:
    """The same without lone surrogates and NUL, which databases refuse, as plain JSON data."""
    match value:
        case str():
            return value.replace("\x00", "").encode("utf-8", "replace").decode()
        case dict():
            return {str(key): _clean(item) for key, item in value.items()}
        case list() | tuple():
            return [_clean(item) for item in value]
        case None | bool() | int():
            return value
        case _:
            return str(value)
