"""Mails, each a job of its own: a mail server that is away never harms what it reports on.

A mail is a row (`MailDelivery`): claimed by who sends it, and tried again when its time has come by
the sweep, so that neither a restart nor a lost queue forgets one.
"""

from rq import Retry

from jobs import enqueue
from models import reading, utcnow
from services.delivery import mails, sending

#: Seconds; a backup may have fifty recipients.
TIMEOUT = 20 * 60
#: Of what is no row: half a minute, five minutes, half an hour.
RETRY = Retry(max=3, interval=[30, 300, 1800])


def backup_job_id(backup_id: int) -> str:
    return f"backup-mail-{backup_id}"


def mail_job_id(mail_id: int) -> str:
    return f"mail-{mail_id}"


def enqueue_backup_mail(backup_id: int) -> bool:
    """Send what a backup has to tell; nothing is sent where there is nothing to tell."""
    return enqueue(
        "mail", send_backup_link, backup_id, timeout=TIMEOUT, job_id=backup_job_id(backup_id)
    )


def enqueue_mail(mail_id: int) -> bool:
    """Send one mail. False when the queue cannot be reached; the next sweep then queues it."""
    return enqueue("mail", send_mail, mail_id, timeout=TIMEOUT, job_id=mail_job_id(mail_id))


def send_backup_link(backup_id: int) -> None:
    """Send all mails of a backup that wait: its link, or why there is none."""
    with reading():
        waiting = mails.queued(backup_id)
    for mail_id in waiting:
        send_mail(mail_id)


def send_mail(mail_id: int) -> None:
    sending.send(mail_id, utcnow())
