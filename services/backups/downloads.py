"""Every download of a backup leaves an entry in the audit log."""

from datetime import datetime, timedelta
from typing import Any

from models import Backup, BackupLink, User, writing
from services import audit
from services.delivery import links

#: Pieces of one file asked for within this time are one download.
ONE_DOWNLOAD = timedelta(hours=1)


def note(
    backup: Backup,
    what: str,
    now: datetime,
    *,
    is_shown: bool = False,
    is_continued: bool = False,
    user: User | None = None,
    link: BackupLink | None = None,
    **detail: Any,
) -> None:
    """Record that somebody begins to fetch `what` ("PDF", "originals" …) of a backup.

    A request that continues one (`is_continued`, a range that does not begin at the first byte)
    is recorded only where no beginning was: whoever leaves out the first byte is recorded, too.
    """
    entry: dict[str, Any] = {
        "action": "backup.viewed" if is_shown else "backup.downloaded",
        "project": backup.project_id,
        "subject": ("backup", backup.id),
        "user": user,
        "detail": {"number": backup.number, "file": what, **detail},
    }
    link_id = link.id if link else None
    if is_continued and audit.is_noted(now - ONE_DOWNLOAD, **entry):
        return
    with writing():
        audit.record(**entry)
        if link_id is not None:
            links.count_download(link_id, now)
