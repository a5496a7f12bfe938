"""Compiling a backup in the background."""

from jobs import enqueue
from jobs.mail import enqueue_backup_mail
from services import backups

#: Seconds; thousands of scanned pages take minutes.
TIMEOUT = 2 * 60 * 60


def job_id(backup_id: int) -> str:
    return f"backup-{backup_id}"


def enqueue_compile(backup_id: int) -> bool:
    """False when the queue cannot be reached; the next sweep then queues the row."""
    return enqueue("backups", compile_backup, backup_id, timeout=TIMEOUT, job_id=job_id(backup_id))


def compile_backup(backup_id: int) -> None:
    """Does nothing for a row that was claimed before, so a second copy of the job is harmless."""
    try:
        backups.compile(backup_id)
    finally:
        enqueue_backup_mail(backup_id)
