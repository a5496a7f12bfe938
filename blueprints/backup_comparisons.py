"""What the page that compares two backups shows."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from blueprints.access import user
from models import Backup, BackupStatus, Project, db
from services.backups.comparing import compare


def comparison_of(project: Project, old: str, new: str) -> dict[str, Any]:
    """For the numbers as they stand in the address: without `new` the latest finished backup,
    without `old` the one before that. What cannot be compared is said in `problem`."""
    choices = db.session.execute(
        _finished(project.id).with_only_columns(Backup.number, Backup.requested_at)
    ).all()
    numbers = [choice.number for choice in choices]
    context = {"project": project, "tab": "backups", "choices": choices, "problem": ""}
    unknown = [text for text in (old, new) if text and _number(text) not in numbers]
    if unknown:
        problem = f"This project has no finished backup “{unknown[0][:20]}”. Choose from the lists."
        return context | {"problem": problem}
    new_number = _number(new) if new else next(iter(numbers), None)
    old_number = _number(old) if old else _before(numbers, new_number)
    context |= {"old": old_number, "new": new_number}
    if old_number is None or new_number is None:
        return context | {"problem": _nothing_before(new_number)}
    return context | {
        "comparison": compare(*(_manifest(project.id, n) for n in (old_number, new_number)))
    }


def number_before(backup: Backup) -> int | None:
    """The number of the finished backup that whoever is signed in may see before this one."""
    query = _finished(backup.project_id).where(Backup.number < backup.number)
    return db.session.scalar(query.with_only_columns(Backup.number).limit(1))


def are_comparable(project: Project) -> bool:
    """Whether who is signed in sees at least two finished backups."""
    two = _finished(project.id).with_only_columns(Backup.id).limit(2)
    return len(db.session.scalars(two).all()) == 2


def _finished(project_id: int) -> sa.Select[Any]:
    """Newest first, and none that contains what who is signed in may not see. No addenda: what
    one holds is what has changed."""
    return Backup.visible_to(user(), project_id).where(
        Backup.status == BackupStatus.DONE, Backup.request["addendum"].as_string().is_(None)
    )


def _manifest(project_id: int, number: int) -> dict[str, Any]:
    query = _finished(project_id).where(Backup.number == number)
    manifest: dict[str, Any] = db.session.scalars(query.with_only_columns(Backup.manifest)).one()
    return manifest


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _before(numbers: Sequence[int], number: int | None) -> int | None:
    return next((each for each in numbers if number is not None and each < number), None)


def _nothing_before(number: int | None) -> str:
    if number is None:
        return "This project has no finished backup yet."
    return f"There is no finished backup before backup {number}."
