"""What the pages of backups show."""

from itertools import accumulate, groupby
from typing import Any

import sqlalchemy as sa
from redis.exceptions import RedisError
from sqlalchemy.orm import defer, joinedload

from blueprints.access import may, user
from blueprints.backup_comparisons import are_comparable, number_before
from jobs import queue_is_reachable, recovery, worker_is_there
from models import Backup, BackupLink, BackupStatus, MailDelivery, Project, db, utcnow
from services import backups, mail
from services.backups.frozen import FrozenRequest
from services.delivery import links, plans
from services.permissions import Action

PAGE_SIZE = 50


def context_of(backup: Backup) -> dict[str, Any]:
    """For the page of one backup and for its polled fragment."""
    files = backups.files_of(backup)
    chosen = backups.frozen_request(backup)
    return {
        "tab": "backups",
        "project": backup.project,
        "backup": backup,
        "chosen": chosen,
        "follows": _followed(chosen),
        "contents": _contents(backup),
        "elapsed": (backup.finished_at or utcnow()) - (backup.started_at or backup.requested_at),
        "has_file": bool(files),
        "files": files,
        "originals": backups.originals_of(backup),
        "before": number_before(backup)
        if backup.status == BackupStatus.DONE and not chosen.addendum
        else None,
        "queue": _queue(backup),
        **_delivery(backup),
        "has_mail_server": mail.has_server(),
    }


def _delivery(backup: Backup) -> dict[str, Any]:
    """The mails of a finished backup, and for those who may compile its links and recipients."""
    if not backup.is_finished:
        return {"mails": []}
    found: dict[str, Any] = {
        "mails": db.session.scalars(
            MailDelivery.of_backup(backup.id).options(joinedload(MailDelivery.link))
        ).all(),
        "now": utcnow(),
    }
    if may(backup.project, Action.COMPILE_BACKUPS):
        rows = db.session.scalars(BackupLink.of_backup(backup.id)).all()
        there = {row.email for row in found["mails"]}
        found["links"] = [(row, links.url_of(row)) for row in rows]
        found["recipients"] = [
            row for row in plans.recipients(backup.project_id) if row.email not in there
        ]
    return found


def _contents(backup: Backup) -> list[tuple[str, int, list[dict[str, Any]]]]:
    """Contract, position and documents of each invoice, in the order of the file; `number` is
    printed on the first page of a document."""
    before = _numbers_before(backup.manifest) if backup.manifest else []
    entries = [
        entry | {"number": before[entry.get("volume", 1) - 1] + entry["first_page"]}
        for entry in (backup.manifest["entries"] if backup.manifest else [])
    ]
    invoices = groupby(entries, key=lambda entry: (entry["contract"], entry["position"]))
    return [(contract, position, list(rows)) for (contract, position), rows in invoices]


def _followed(chosen: FrozenRequest) -> int | None:
    """The backup that an addendum follows, while it is there."""
    if chosen.addendum is None:
        return None
    query = sa.select(Backup.id).where(Backup.id == chosen.addendum.backup_id)
    return db.session.scalar(query)


def _numbers_before(manifest: dict[str, Any]) -> list[int]:
    """By volume, the number on the last page before it: an addendum goes on, others begin at 1."""
    pages = [volume["pages"] for volume in manifest.get("volumes", ())] or [manifest["pages"]]
    follows = manifest.get("addendum")
    return list(accumulate(pages, initial=follows["last_page"])) if follows else [0] * len(pages)


def _queue(backup: Backup) -> str:
    """Why a queued backup waits: "unreachable", "no_worker" or "waiting"; empty for others."""
    if backup.status != BackupStatus.QUEUED:
        return ""
    if not queue_is_reachable():
        return "unreachable"
    try:
        return "waiting" if worker_is_there() else "no_worker"
    except RedisError:
        return "unreachable"


def list_of(project: Project, number: int) -> dict[str, Any]:
    """One page of a project's backups, newest first, each with its count of invoices."""
    rows = _rows(project, number)
    if any(recovery.needs_sweep(backup, utcnow()) for backup, _ in rows):
        recovery.sweep_for_a_page()
        rows = _rows(project, number)
    return {
        "rows": rows[:PAGE_SIZE],
        "number": number,
        "has_older": len(rows) > PAGE_SIZE,
        "are_comparable": are_comparable(project),
    }


def _rows(project: Project, number: int) -> list[tuple[Backup, int]]:
    invoices = sa.func.json_array_length(Backup.request["invoices"])
    query = (
        Backup.visible_to(user(), project.id)
        .add_columns(invoices)
        # The frozen request and the manifest are large, and a list shows neither.
        .options(
            defer(Backup.request, raiseload=True),
            defer(Backup.manifest, raiseload=True),
            joinedload(Backup.requested_by),
        )
        .limit(PAGE_SIZE + 1)
        .offset((number - 1) * PAGE_SIZE)
    )
    return [(backup, count) for backup, count in db.session.execute(query)]
