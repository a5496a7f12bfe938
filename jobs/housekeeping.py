"""What keeps the disk from filling with what nobody needs any more."""

import logging
from datetime import datetime

from models import utcnow
from services import retention

log = logging.getLogger(__name__)


def apply_retention(now: datetime | None = None) -> int:
    """Remove the files of backups whose time has come; of how many. Harmless at any time."""
    return retention.apply(now or utcnow())
