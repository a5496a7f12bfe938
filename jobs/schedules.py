"""Backups that are made by themselves; the worker's sweeper looks once a minute."""

import logging
from datetime import datetime

from jobs.backups import enqueue_compile
from jobs.mail import enqueue_mail
from models import BackupSchedule, User, db, reading, utcnow, writing
from services import backups, members
from services.backups import Blocked
from services.delivery import mails, schedules
from services.delivery.schedules import Due
from services.errors import AppError

log = logging.getLogger(__name__)


def make_due_backups(now: datetime | None = None) -> int:
    """Ask for every backup whose time has come; returns how many were queued.

    For every minute or so, by any number of workers, late or twice.
    """
    now = now or utcnow()
    with reading():
        found = schedules.due(now)
    return sum(_make(each, now) for each in found)


def _make(found: Due, now: datetime) -> bool:
    with reading():
        schedule = db.session.get(BackupSchedule, found.project_id)
        if schedule is None:
            return False
        user = schedule.set_up_by
        chosen = schedules.chosen_invoices(found, schedule.statuses)
        about = f"{found.period}, {schedules.status_words(schedule.statuses)}"
        if user is None or not members.may_compile(user, found.project_id):
            who = user.name if user else "whoever set this up"
            schedules.note_result(found.project_id, f"Not made: {who} may not compile here.", now)
            return False
        user_id = user.id
    try:
        backup = backups.request(
            found.project_id,
            chosen,
            user_id,
            now,
            is_for_recipients=True,
            selection_key=f"schedule of period {found.period_id}",
        )
    except Blocked as e:
        said = [finding.message for finding in e.preflight.blocking]
        if not chosen:
            said = [f"There is no invoice to compile ({about})."]
        _tell(found.project_id, user_id, said, now)
    except AppError as e:
        _tell(found.project_id, user_id, [str(e)], now)
    else:
        number = backup.number
        enqueue_compile(backup.id)
        schedules.note_result(found.project_id, f"Backup {number} was asked for ({about}).", now)
        return True
    return False


def _tell(project_id: int, user_id: int, findings: list[str], now: datetime) -> None:
    log.info("the scheduled backup of project %s is blocked", project_id)
    with writing():
        user = db.session.get_one(User, user_id)
        mail_id = mails.queue_blocked(project_id, user, findings, now)
    schedules.note_result(project_id, f"Not made: {' '.join(findings)}", now)
    enqueue_mail(mail_id)
