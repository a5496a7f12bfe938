"""What the audit log says of backups, and whom their end is told to."""

from collections.abc import Callable
from functools import partial
from typing import Any

from models import Backup, MailKind, utcnow
from services import audit
from services.delivery import mails

_TOLD = {"done": MailKind.READY, "failed": MailKind.FAILED}


def entry(backup: Backup, what: str, **detail: Any) -> Callable[[], object]:
    """The entry “backup.<what>”, to be recorded in the transaction of that act.

    A job works for who asked for the backup.
    """
    by = backup.requested_by if what in _TOLD else None
    return partial(
        audit.record,
        f"backup.{what}",
        user=by,
        project=backup.project_id,
        subject=("backup", backup.id),
        detail={"number": backup.number, **detail},
    )


def ending(backup: Backup, what: str, **detail: Any) -> Callable[[], object]:
    """The same for “done” and “failed”, and the mails that tell of it: in one transaction, so that
    no end is without its mails."""
    note = entry(backup, what, **detail)

    def end() -> None:
        note()
        mails.queue_for(backup, _TOLD[what], utcnow())

    return end
