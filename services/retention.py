"""How long the files of backups stay. Row and manifest stay for ever: who gets an old link learns
what there was and when it went."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from models import Backup, BackupStatus, Installation, db, reading, writing
from services import audit
from services.backups import places
from services.backups.entries import entry
from services.errors import AppError
from services.formats import counted

_MOST_DAYS, _MOST_BACKUPS = 36_500, 10_000
#: So many at a time: nobody waits behind a year of backups whose rule was just made.
_AT_ONCE = 200


class RuleRefused(AppError):
    """The rule of retention cannot be understood."""


class CannotKeep(AppError):
    """The backup has no files to hold back."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Keep for `days`, or the `last` so many of each project; for ever with neither."""

    days: int | None = None
    last: int | None = None

    @property
    def kind(self) -> str:
        if self.days:
            return "days"
        return "last" if self.last else "forever"

    def in_words(self) -> str:
        if self.days:
            return f"{counted(self.days, 'day')} after they were compiled"
        if self.last:
            return f"once a project has {counted(self.last, 'newer one')}"
        return "never"


def current() -> Rule:
    row = db.session.get(Installation, 1)
    return Rule(row.keep_days, row.keep_last) if row else Rule()


def rule_of(values: Mapping[str, str]) -> Rule:
    """What a form says. Raises RuleRefused."""
    match values.get("rule", ""):
        case "forever":
            return Rule()
        case "days":
            return Rule(days=_number(values.get("days", ""), "days", _MOST_DAYS))
        case "last":
            return Rule(last=_number(values.get("last", ""), "backups", _MOST_BACKUPS))
    raise RuleRefused("Choose how long the files of backups are kept.")


def _number(text: str, what: str, most: int) -> int:
    digits = text.strip()
    if digits.isascii() and digits.isdigit() and len(digits) < 9 and 1 <= int(digits) <= most:
        return int(digits)
    raise RuleRefused(f"Give the number of {what} as a whole number from 1 to {most:,}.")


def choose(rule: Rule) -> None:
    row = db.session.get(Installation, 1) or Installation(id=1)
    db.session.add(row)
    row.keep_days, row.keep_last = rule.days, rule.last
    audit.record(
        "settings.changed", detail={"what": "retention", "files are removed": rule.in_words()}
    )
    db.session.commit()


def hold(backup: Backup) -> None:
    """Keep its files whatever the rule says. Raises CannotKeep."""
    there = (Backup.status == BackupStatus.DONE, Backup.files_removed_at.is_(None))
    if not _set_kept(backup, there, is_kept=True):
        raise CannotKeep("This backup has no files that could be held back.")


def release(backup: Backup) -> None:
    _set_kept(backup, (Backup.is_kept.is_(True),), is_kept=False)


def _set_kept(
    backup: Backup, conditions: tuple[sa.ColumnElement[bool], ...], *, is_kept: bool
) -> bool:
    changed = sa.update(Backup).where(Backup.id == backup.id, *conditions)
    with writing():
        won = db.session.scalar(changed.values(is_kept=is_kept).returning(Backup.id)) is not None
        if won:
            entry(backup, "kept" if is_kept else "released")()
    return won


def expired(rule: Rule, now: datetime) -> sa.Select[int]:
    """The backups whose files have to go, oldest first."""
    there = (Backup.status == BackupStatus.DONE, Backup.files_removed_at.is_(None))
    chosen = sa.select(Backup.id).where(*there, Backup.is_kept.is_(False)).order_by(Backup.id)
    if rule.days:
        return chosen.where(Backup.finished_at < now - timedelta(days=rule.days))
    place = sa.func.row_number().over(partition_by=Backup.project_id, order_by=Backup.number.desc())
    ranked = sa.select(Backup.id, place.label("place")).where(*there).subquery()
    newer = sa.select(ranked.c.id).where(ranked.c.place > (rule.last or 0))
    return chosen.where(Backup.id.in_(newer))


def count_expired(now: datetime) -> int:
    """Of how many backups the files go with the next look."""
    rule = current()
    if rule == Rule():
        return 0
    ids = expired(rule, now).order_by(None).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(ids)) or 0


def apply(now: datetime) -> int:
    """Remove the files whose time has come; of how many backups. For any number of workers."""
    with reading():
        rule = current()
        if rule == Rule():
            return 0
        ids = db.session.scalars(expired(rule, now).limit(_AT_ONCE)).all()
    return sum(_let_go(backup_id, now) for backup_id in ids)


def _let_go(backup_id: int, now: datetime) -> bool:
    """The row first: should we be killed in between, the sweep finds the files."""
    gone = (
        sa.update(Backup)
        .where(
            Backup.id == backup_id,
            Backup.is_kept.is_(False),
            Backup.status == BackupStatus.DONE,
            Backup.files_removed_at.is_(None),
        )
        .values(files_removed_at=now)
        .returning(Backup.id)
    )
    with writing():
        if db.session.scalar(gone) is None:
            return False
        entry(db.session.get_one(Backup, backup_id), "expired")()
    places.remove(backup_id)
    return True
