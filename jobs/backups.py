"""Compiling a backup in the background."""

from redis.exceptions import RedisError
from rq.job import Dependency

from jobs import enqueue, will_come, workers
from jobs.mail import enqueue_backup_mail
from models import Backup, db, reading
from services import backups
from services.backups import preparing

#: Seconds; thousands of scanned pages take minutes.
TIMEOUT = 2 * 60 * 60


def job_id(backup_id: int) -> str:
    return f"backup-{backup_id}"


def prepared_job_id(backup_id: int) -> str:
    """Of the job that compiles once others have prepared."""
    return f"backup-{backup_id}-prepared"


def is_queued(backup_id: int) -> bool:
    """Whether a job will compile it. Raises RedisError."""
    return will_come(job_id(backup_id)) or will_come(prepared_job_id(backup_id))


def enqueue_compile(backup_id: int) -> bool:
    """False when the queue cannot be reached; the next sweep then queues the row."""
    return enqueue("backups", compile_backup, backup_id, timeout=TIMEOUT, job_id=job_id(backup_id))


def compile_backup(backup_id: int) -> None:
    """Compile, or have what is missing prepared by all workers before.

    Does nothing for a row that was claimed before, so a second copy of the job is harmless.
    """
    if not _is_left_to_all(backup_id):
        compile_prepared(backup_id)


def compile_prepared(backup_id: int) -> None:
    """Compile; what nobody has prepared by now is prepared here."""
    try:
        backups.compile(backup_id)
    finally:
        enqueue_backup_mail(backup_id)


def prepare_batch(backup_id: int, sha256s: list[str], invoices: dict[str, str]) -> None:
    """Prepare some documents of a backup that waits for them. JSON makes texts of the ids."""
    drawn = {int(invoice_id): key for invoice_id, key in invoices.items()}
    preparing.prepare(backup_id, preparing.Batch(sha256s, drawn))


def _is_left_to_all(backup_id: int) -> bool:
    """Whether workers share what is missing, and a job waits for them that holds none of them."""
    try:
        if workers() < 2:
            return False
        if will_come(prepared_job_id(backup_id)):
            return True
    except RedisError:
        return False
    batches = preparing.batches_of(backup_id)
    if len(batches) < 2:
        return False
    with reading():
        backup = db.session.get(Backup, backup_id)
        if backup is None or not backup.begin_preparing(sum(map(len, batches))):
            return False
    names = [f"backup-{backup_id}-batch-{number}" for number in range(len(batches))]
    return all(
        _enqueue_batch(name, backup_id, batch) for name, batch in zip(names, batches, strict=True)
    ) and enqueue(
        "backups",
        compile_prepared,
        backup_id,
        timeout=TIMEOUT,
        job_id=prepared_job_id(backup_id),
        # A batch whose process was killed strands nobody: the compile prepares what is left.
        depends_on=Dependency(jobs=list(names), allow_failure=True),
    )


def _enqueue_batch(name: str, backup_id: int, batch: preparing.Batch) -> bool:
    """Before what nobody waits for."""
    invoices = {str(invoice_id): key for invoice_id, key in batch.invoices.items()}
    return enqueue(
        "files",
        prepare_batch,
        backup_id,
        batch.sha256s,
        invoices,
        timeout=TIMEOUT,
        job_id=name,
        at_front=True,
    )
