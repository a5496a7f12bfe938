"""Mails, each a job of its own: a mail server that is away never harms what it reports on."""

from rq import Retry, get_current_job

from jobs import enqueue
from models import Backup, BackupStatus, db, reading, utcnow, writing
from services import mail

TIMEOUT = 120
#: Half a minute, five minutes, half an hour.
RETRY = Retry(max=3, interval=[30, 300, 1800])


def backup_job_id(backup_id: int) -> str:
    return f"backup-mail-{backup_id}"


def enqueue_backup_mail(backup_id: int) -> bool:
    """Tell who asked how it ended; nothing is sent where there is nothing to tell."""
    return enqueue(
        "mail",
        send_backup_link,
        backup_id,
        timeout=TIMEOUT,
        retry=RETRY,
        job_id=backup_job_id(backup_id),
    )


def send_backup_link(backup_id: int) -> None:
    """Mail the link of a finished backup, or why there is none, once. Raises where it should be
    tried again."""
    with reading():
        backup = db.session.get(Backup, backup_id)
        if backup is None or backup.requested_by is None or backup.mailed_at:
            return
        try:
            if backup.status == BackupStatus.DONE:
                mail.backup_ready(backup)
            elif backup.status == BackupStatus.FAILED:
                mail.backup_failed(backup)
            else:
                return
        except mail.FAILURES as e:
            _note(backup, mail_error=f"{mail.in_words(e)} {what_next()}")
            raise
        _note(backup, mailed_at=utcnow(), mail_error=None)


def _note(backup: Backup, **values: object) -> None:
    with writing():
        for name, value in values.items():
            setattr(backup, name, value)


def what_next() -> str:
    """What becomes of a mail that could not be handed over, as the running job knows."""
    job = get_current_job()
    is_tried_again = job is not None and bool(job.retries_left)
    return "It is tried again." if is_tried_again else "It was given up."
