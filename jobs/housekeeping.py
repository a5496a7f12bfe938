"""What keeps the disk from filling with what nobody needs any more."""

from datetime import datetime

from models import utcnow
from services import objects, orphans, retention, tracing
from services.objects import trimming
from services.system import handout, shelf_cleaning


def apply_retention(now: datetime | None = None) -> int:
    """Remove the files of backups whose time has come; of how many. Harmless at any time."""
    return retention.apply(now or utcnow())


def sweep_orphans(now: datetime | None = None) -> int:
    """Throw away files that no row names; how many. Harmless at any time, by any number of
    workers."""
    now = now or utcnow()
    handout.sweep(now)
    gone = orphans.sweep(now)
    if gone:
        tracing.event("sweep", "files that no row names", count=len(gone))
    return len(gone)


def trim_cache() -> int:
    """Keep this host's copies of what the store has below their limit; bytes that went."""
    trimmed = trimming.trim()
    return trimmed.before - trimmed.after


def clean_store(now: datetime | None = None) -> int:
    """Delete from the store what no row names; how many objects. By any number of workers."""
    return shelf_cleaning.clean(now or utcnow()) if objects.is_external() else 0
