"""What the audit log says of backups."""

from collections.abc import Callable
from functools import partial
from typing import Any

from models import Backup
from services import audit


def entry(backup: Backup, what: str, **detail: Any) -> Callable[[], object]:
    """The entry “backup.<what>”, to be recorded in the transaction of that act.

    A job works for who asked for the backup.
    """
    by = backup.requested_by if what in {"done", "failed"} else None
    return partial(
        audit.record,
        f"backup.{what}",
        user=by,
        project=backup.project_id,
        subject=("backup", backup.id),
        detail={"number": backup.number, **detail},
    )
