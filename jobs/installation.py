"""What an installation does with all of itself: back it up, and hand it out."""

import logging
from datetime import datetime

from redis.exceptions import RedisError

from jobs import enqueue, is_under_way
from jobs.mail import RETRY
from jobs.mail import TIMEOUT as MAIL_TIMEOUT
from models import AuditEntry, User, db, reading, utcnow
from services import mail
from services.system import handout, saving_plan
from services.system.failures import SystemBackupError

#: Seconds; the first backup of a terabyte takes hours.
TIMEOUT = 12 * 60 * 60
_JOB = "save-installation"

log = logging.getLogger(__name__)


def save_when_due(now: datetime | None = None) -> bool:
    """Queue a backup of the installation if one is due; whether it was. For every minute or so, by
    any number of workers."""
    if not saving_plan.is_due(now or utcnow()):
        return False
    try:
        # After everything that people wait for.
        return not is_under_way(_JOB) and enqueue(
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
        _tell()


def _tell() -> None:
    with reading():
        entry = saving_plan.news()
        entry_id = entry.id if entry else 0
        people = saving_plan.administrators() if entry else []
    for user_id in people:
        enqueue("mail", tell, user_id, entry_id, timeout=MAIL_TIMEOUT, retry=RETRY)


def tell(user_id: int, entry_id: int) -> None:
    """Raises where it should be tried again."""
    with reading():
        user, entry = db.session.get(User, user_id), db.session.get(AuditEntry, entry_id)
        if user and entry and user.is_active:
            mail.saving_failed(user, saving_plan.trouble(entry), entry.at)


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
