"""What an installation does with all of itself: back it up, and hand it out."""

import logging
from datetime import datetime

from redis.exceptions import RedisError

from jobs import enqueue, waiting_mail, will_come
from models import utcnow
from services.system import handout, saving_plan
from services.system.failures import SystemBackupError

#: Seconds; the first backup of a terabyte takes hours.
TIMEOUT = 12 * 60 * 60
_JOB = "save-installation"

log = logging.getLogger(__name__)


def save_when_due(now: datetime | None = None) -> bool:
    """Queue a backup of the installation if one is due; whether it was. Tells of the trouble with
    the last one, where a killed worker has not. For every minute or so, by any number of
    workers."""
    tell()
    if not saving_plan.is_due(now or utcnow()):
        return False
    try:
        # After everything that people wait for.
        return not will_come(_JOB) and enqueue(
            "files", save_installation, timeout=TIMEOUT, job_id=_JOB
        )
    except RedisError:
        return False


def save_installation() -> None:
    """Make the backup, unless another worker has just done so. A failure is noted, and mailed to
    administrators unless the one before failed too."""
    now = utcnow()
    if not saving_plan.is_due(now):
        return
    try:
        saving_plan.save_now(now)
    except SystemBackupError as e:
        log.warning("the installation could not be backed up: %s", e)
    finally:
        tell()


def tell() -> None:
    """Mail to administrators what nobody has been told of."""
    if entry_id := saving_plan.tell(utcnow()):
        waiting_mail.enqueue_about(entry_id=entry_id)


def export_job_id() -> str:
    return "export-everything"


def enqueue_export(user_id: int, *, with_pdfs: bool) -> bool:
    """Have everything exported; False when the queue cannot be reached."""
    return enqueue(
        "files",
        export_everything,
        user_id,
        int(with_pdfs),
        timeout=TIMEOUT,
        job_id=export_job_id(),
    )


def export_everything(user_id: int, with_pdfs: int) -> None:
    """Write the export where administrators find it. Its end stands in the audit log."""
    handout.make(user_id, utcnow(), with_pdfs=bool(with_pdfs))
