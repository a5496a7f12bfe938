"""Mails of one backup: sent to the recipients, and sent again."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints.access import backup_or_404, mail_or_404
from jobs.mail import enqueue_backup_mail, enqueue_mail
from models import utcnow
from services.delivery import mails
from services.formats import counted
from services.permissions import Action

bp = Blueprint(
    "deliveries",
    __name__,
    url_prefix="/projects/<int:project_id>/backups/<int:backup_id>/mails",
)


@bp.post("")
@login_required
def create(project_id: int, backup_id: int) -> ResponseReturnValue:
    """One to each recipient of the project who has none yet."""
    backup = backup_or_404(project_id, backup_id, Action.COMPILE_BACKUPS)
    try:
        queued = mails.to_recipients(backup, utcnow())
        enqueue_backup_mail(backup_id)
        flash(f"{counted(queued, 'mail is', 'mails are')} on the way.")
    except mails.NotSent as e:
        flash(str(e))
    return _back(project_id, backup_id)


@bp.post("/<int:mail_id>/again")
@login_required
def again(project_id: int, backup_id: int, mail_id: int) -> ResponseReturnValue:
    row = mail_or_404(project_id, backup_id, mail_id, Action.COMPILE_BACKUPS)
    try:
        mails.send_again(row, utcnow())
        enqueue_mail(mail_id)
        flash(f"The mail to {row.email} is on the way again.")
    except mails.NotSent as e:
        flash(str(e))
    return _back(project_id, backup_id)


def _back(project_id: int, backup_id: int) -> ResponseReturnValue:
    page = url_for("backups.show", project_id=project_id, backup_id=backup_id)
    return redirect(f"{page}#mails", 303)
