"""Checking and importing uploaded projects in the background."""

import logging
from datetime import datetime, timedelta

import sqlalchemy as sa
from redis.exceptions import RedisError

from jobs import enqueue, queue_is_reachable, will_come
from jobs.drawings import enqueue_draw
from jobs.files import enqueue_inspect
from models import ImportJob, ImportStatus, db, reading, utcnow
from models.import_job import CLAIMS, RUNNING
from services import import_jobs, import_uploads
from services.importing import Imported

#: Seconds; gigabytes of files are copied once.
TIMEOUT = 60 * 60
#: Who stores a row queues its job right after; a row this old was forgotten.
GRACE = timedelta(seconds=5)

log = logging.getLogger(__name__)


def enqueue_import(job: ImportJob) -> bool:
    """Queue what the row waits for; False when the queue cannot be reached (the sweep does it)."""
    return enqueue("backups", work_on, job.id, timeout=TIMEOUT, job_id=_job_id(job))


def work_on(import_job_id: int) -> None:
    """Check or import, whatever the row waits for; a second copy of the job does nothing."""
    with reading():
        job = db.session.get(ImportJob, import_job_id)
        if job is None or not job.claim():
            return
        with import_uploads.at_work(job):
            imported = _act(job)
    if imported:
        prepare(imported)


def _act(job: ImportJob) -> Imported | None:
    """Check or import; what was brought."""
    if job.status == ImportStatus.CHECKING:
        import_jobs.check(job)
        return None
    if job.is_demo:
        import demo  # noqa: PLC0415 - once in the life of an installation

        demo.write(import_uploads.demo_folder(job))
    return import_jobs.run(job)


def prepare(imported: Imported) -> bool:
    """Queue what makes the first compile quick; False when the queue cannot be reached."""
    if not queue_is_reachable():
        return False
    for digest in imported.files:
        enqueue_inspect(digest)
    for invoice_id in imported.invoice_ids:
        enqueue_draw(invoice_id)
    return True


def sweep(now: datetime | None = None) -> None:
    """Queue forgotten rows, end those whose process is gone, throw old uploads away."""
    now = now or utcnow()
    with reading():
        old = sa.select(ImportJob).where(
            ImportJob.status.in_([*CLAIMS, *RUNNING]),
            # A moment to come is one of a clock that was set back.
            sa.or_(ImportJob.changed_at < now - GRACE, ImportJob.changed_at > now + GRACE),
        )
        try:
            for job in db.session.scalars(old).all():
                _look_after(job)
        except RedisError:
            log.info("the sweep found no Redis; uploads that wait go on waiting")
        import_jobs.discard_old(now)


def needs_sweep(job: ImportJob, now: datetime) -> bool:
    """Whether a sweep may put the row right."""
    return (job.is_waiting or job.is_running) and abs(now - job.changed_at) > GRACE


def _look_after(job: ImportJob) -> None:
    if will_come(_job_id(job)) or (job.is_running and import_uploads.is_at_work(job)):
        return
    if job.is_waiting:
        enqueue_import(job)
    else:
        log.warning("import %s lost its process", job.id)
        import_jobs.give_up(job)


def _job_id(job: ImportJob) -> str:
    """One for each half of the work."""
    half = "check" if job.status in {ImportStatus.UPLOADED, ImportStatus.CHECKING} else "import"
    return f"{half}-{job.id}"
