"""The compile itself: what a worker's job and the command line both run."""

import errno
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from binder.assemble import Progress, assemble
from binder.errors import BinderError, Cancelled
from binder.plan import Plan
from models import Backup, BackupStatus, db, reading
from services import drawings, files, storage
from services.backups import places, preparing
from services.backups.entries import ending, entry
from services.backups.frozen import FrozenRequest
from services.backups.planning import CannotCompile, plan_of
from services.backups.pulse import Lost, Pulse
from services.errors import AppError

UNEXPECTED = "Something went wrong on our side; the server’s log has the details. Run it again."
DISK_FULL = "The disk of the server is full. Make room on it and run this backup again."
KILLED = "The worker was stopped while it compiled this backup. Run it again."
STOPPED = "The compile was stopped before it was done. Run it again."

log = logging.getLogger(__name__)


def compile(backup_id: int, *, listen: Callable[[Progress], None] | None = None) -> Backup | None:  # noqa: A001 - the verb of the trade
    """Compile a queued backup to its end, whatever that is; the row says how it went.

    None when there is no such row or somebody else has claimed it. `listen` hears of the progress
    about once a second, from another thread. An expected failure (a bad file, a full disk, a
    cancelled request) is written into the row; an unexpected one is also raised. Takes minutes and
    holds no write lock while it draws or merges.
    """
    with reading():
        backup = db.session.get(Backup, backup_id)
        if backup is None or not backup.claim():
            return None
        _run(backup, listen)
        return backup


def _run(backup: Backup, listen: Callable[[Progress], None] | None) -> None:
    backup_id, number = backup.id, backup.number
    frozen = FrozenRequest.from_json(backup.request)
    try:
        with Pulse(backup_id, frozen.documents, listen) as pulse:
            result = _make(backup, frozen, pulse)
        if not backup.finish(then=ending(backup, "done", pages=result["pages"]), **result):
            places.remove(backup_id)
    except Cancelled:
        places.remove(backup_id)
        backup.cancelled(then=entry(backup, "cancelled"))
    except Lost:
        # Whoever gave the row up has said why.
        places.remove(backup_id)
    except (AppError, BinderError) as e:
        log.info("backup %s (number %s) failed: %s", backup_id, number, e)
        _fail(backup, str(e))
    except BaseException as e:
        is_full = isinstance(e, OSError) and e.errno in {errno.ENOSPC, errno.EDQUOT}
        _fail(backup, DISK_FULL if is_full else _unexpected(e))
        if not is_full:
            raise
    finally:
        places.clear(backup_id)


def _fail(backup: Backup, why: str) -> None:
    """Mark as failed, once what it left on disk is gone: a full disk has no room for the words.

    Not what is done already: a commit may arrive and its answer may not.
    """
    db.session.rollback()
    status = db.session.scalar(sa.select(Backup.status).where(Backup.id == backup.id))
    db.session.rollback()
    if status == BackupStatus.DONE:
        return
    places.remove(backup.id)
    backup.fail(why, then=ending(backup, "failed", why=why))


def give_up(backup: Backup) -> bool:
    """End a running backup whose process is gone; False if it turns out to have ended."""
    backup_id = backup.id
    if backup.is_cancel_requested:
        is_won = backup.cancelled(then=entry(backup, "cancelled"))
    else:
        is_won = backup.fail(KILLED, then=ending(backup, "failed", why=KILLED))
    if is_won:
        # Its process may live on where nobody hears of it, and a worker must not speak to the
        # store before it forks.
        places.remove_here(backup_id)
    return is_won


def _unexpected(e: BaseException) -> str:
    return UNEXPECTED if isinstance(e, Exception) else STOPPED


def _make(backup: Backup, frozen: FrozenRequest, pulse: Pulse) -> dict[str, Any]:
    """From the frozen request to a published file: what the row says of it."""
    _inspect(frozen, pulse)
    _draw(frozen, pulse)
    dark = places.dark(backup.id)
    with reading():
        plan, file_name = plan_of(backup, frozen, dark), backup.file_name
    backup_id = backup.id
    db.session.rollback()
    manifest = _assemble(plan, dark / file_name, pulse)
    pulse.step("Checking the result")
    path = places.publish(backup_id, dark / file_name, manifest)
    return {
        "path": str(path.relative_to(storage.data_dir())),
        "size": manifest["bytes"],
        "pages": manifest["pages"],
        "sha256": manifest["sha256"],
        "manifest": manifest,
        "documents_done": len(plan.documents),
        "documents_total": len(plan.documents),
        "pages_done": manifest["pages"],
    }


def _inspect(frozen: FrozenRequest, pulse: Pulse) -> None:
    missing = files.waiting(frozen.sha256s)
    for done, sha256 in enumerate(missing, 1):
        pulse.step(f"Checking file {done:,} of {len(missing):,}")
        files.inspect(sha256)


def _draw(frozen: FrozenRequest, pulse: Pulse) -> None:
    def say(done: int, of: int) -> None:
        pulse.step(f"Drawing invoice {done + 1:,} of {of:,}")

    missing = [invoice.id for invoice in preparing.undrawn(frozen)]
    if missing:
        drawings.ensure_drawn(missing, say)


def _assemble(plan: Plan, out: Path, pulse: Pulse) -> dict[str, Any]:
    try:
        manifest = assemble(
            plan, out, work=out.parent, progress=pulse.report, cancelled=pulse.should_stop
        )
    except Cancelled:
        pulse.check()
        raise
    except BinderError as e:
        raise CannotCompile(_where(plan, str(e)) + str(e)) from e
    pulse.check()
    return manifest.to_json()


def _where(plan: Plan, said: str) -> str:
    """The invoice of the one document that a sentence names."""
    named = {doc.invoice for doc in plan.documents if f"“{doc.name}”" in said}
    if len(named) != 1:
        return ""
    invoice = named.pop()
    return f"Invoice {invoice.number or invoice.position} of {invoice.contract.number}: "
