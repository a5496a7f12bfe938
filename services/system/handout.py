"""Exports of everything that wait to be downloaded, and when they go."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from models import AuditEntry, User, db
from services import audit, objects, storage
from services.objects import StoreDamaged, StoreUnreachable

#: Everything in one file is nothing to leave lying about.
KEPT_FOR = timedelta(days=7)
_NAME = re.compile(r"drawpack-\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d\.zip")


@dataclass(frozen=True, slots=True)
class Handout:
    name: str
    size: int
    made: datetime

    @property
    def goes(self) -> datetime:
        return self.made + KEPT_FOR


def make(user_id: int, now: datetime, *, with_pdfs: bool) -> bool:
    """Write an export; False where that failed, which the audit log then says."""
    # Only here: every job is a fork of its worker, and would carry the workbooks it brings.
    from services.system.exporting_all import NotExported, export_all  # noqa: PLC0415

    target = storage.folder("exports") / f"drawpack-{now:%Y-%m-%d-%H-%M-%S}.zip"
    try:
        export_all(target, now, with_pdfs=with_pdfs, user_id=user_id)
        objects.put(target)
    except (NotExported, StoreUnreachable, StoreDamaged) as e:
        user = db.session.get(User, user_id)
        audit.note("system.export_failed", user=user, detail={"why": str(e)})
        return False
    return True


def ready() -> list[Handout]:
    """Those that can be downloaded, newest first."""
    folder = storage.folder("exports")
    found = [
        Handout(each.name.rpartition("/")[2], each.size, each.changed)
        for each in objects.below(folder)
    ]
    # Of a host without a store.
    found += [
        Handout(path.name, path.stat().st_size, datetime.fromtimestamp(path.stat().st_mtime, UTC))
        for path in (() if objects.is_external() else folder.iterdir())
    ]
    named = [each for each in found if _NAME.fullmatch(each.name)]
    return sorted(named, key=lambda each: each.name, reverse=True)


def path_of(name: str) -> Path | None:
    """Where the one of that name lies, whatever the name tries."""
    return next(
        (storage.folder("exports") / each.name for each in ready() if each.name == name), None
    )


def last_word() -> AuditEntry | None:
    """How the newest export ended."""
    actions = ("system.exported", "system.export_failed")
    chosen = sa.select(AuditEntry).where(AuditEntry.action.in_(actions))
    return db.session.scalar(chosen.order_by(AuditEntry.id.desc()).limit(1))


def sweep(now: datetime) -> int:
    """Remove what was there for long enough, and what killed exports left; how many."""
    gone = 0
    for path in storage.folder("exports").iterdir():
        if path.is_file() and path.stat().st_mtime < (now - KEPT_FOR).timestamp():
            path.unlink(missing_ok=True)
            gone += 1
    for each in ready() if objects.is_external() else ():
        if each.goes < now:
            objects.drop(storage.folder("exports") / each.name)
            gone += 1
    return gone
