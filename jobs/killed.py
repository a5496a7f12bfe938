"""What becomes of the row when the process of its job was killed, as soon as somebody notices."""

from collections.abc import Callable
from typing import Any

from rq.job import Job

from jobs import running
from jobs.mail import enqueue_backup_mail
from models import Backup, ImportJob, MailDelivery, WaitingMail, db, reading
from services import backups, import_jobs
from services.delivery import telling, trying


def on_killed(job: Job, *_: Any) -> None:
    """The job's process died (SIGKILL, out of memory), so no callback of RQ has run.

    Called in the worker's own process, of jobs of its own or of a worker that is no more.
    """
    running.note_killed(job)
    try:
        end = _ENDS.get(str(job.func_name))
        if end and job.args and isinstance(job.args[0], int):
            with reading():
                end(job.args[0])
    finally:
        # Leave no connection for its next fork.
        db.session.remove()
        db.engine.dispose()


def give_up(backup: Backup) -> None:
    """End a backup that lost its process, and tell who asked for it."""
    if backups.give_up(backup):
        enqueue_backup_mail(backup.id)


def _end_compile(backup_id: int) -> None:
    if backup := db.session.get(Backup, backup_id):
        give_up(backup)


def _end_import(import_job_id: int) -> None:
    job = db.session.get(ImportJob, import_job_id)
    if job and job.is_running:
        import_jobs.give_up(job)


def _end_mail(mail_id: int) -> None:
    trying.end_lost(MailDelivery, MailDelivery.id == mail_id)


def _end_mails_of_backup(backup_id: int) -> None:
    trying.end_lost(MailDelivery, MailDelivery.backup_id == backup_id)


def _end_waiting_mail(mail_id: int) -> None:
    telling.tell_pages(trying.end_lost(WaitingMail, WaitingMail.id == mail_id))


_ENDS: dict[str, Callable[[int], None]] = {
    "jobs.backups.compile_backup": _end_compile,
    "jobs.backups.compile_prepared": _end_compile,
    "jobs.imports.work_on": _end_import,
    "jobs.mail.send_mail": _end_mail,
    "jobs.mail.send_backup_link": _end_mails_of_backup,
    "jobs.waiting_mail.send": _end_waiting_mail,
}
