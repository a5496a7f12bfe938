"""To whom a project's backups go, what the mails say, and which are made by themselves."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from blueprints.access import project_or_404, recipient_or_404, user
from models import Backup, BackupStatus, InvoiceStatus, Occasion, Project, db, utcnow
from services import mail
from services.delivery import plans, schedules, sending
from services.delivery.schedules import SetUp
from services.delivery.texts import FIELDS, Texts
from services.errors import AppError
from services.permissions import Action

bp = Blueprint("delivery", __name__, url_prefix="/projects/<int:project_id>/delivery")


@bp.get("")
@login_required
def show(project_id: int) -> ResponseReturnValue:
    return _page(project_or_404(project_id, Action.CONFIGURE))


@bp.post("")
@login_required
def save(project_id: int) -> ResponseReturnValue:
    """Keep the plan, or with the button “Preview” only show what a mail would say."""
    project = project_or_404(project_id, Action.CONFIGURE)
    form = request.form
    try:
        if form.get("preview") == "1":
            texts = Texts.parse(form.get("subject", ""), form.get("message", ""))
            return _page(project, form=form, preview=_preview(project, texts))
        plans.save(project_id, form)
    except AppError as e:
        db.session.rollback()
        project = project_or_404(project_id, Action.CONFIGURE)
        return _page(project, form=form, plan_error=e), 422
    flash("The mails of this project are saved.")
    return _back(project_id)


@bp.post("/recipients")
@login_required
def add(project_id: int) -> ResponseReturnValue:
    project = project_or_404(project_id, Action.CONFIGURE)
    form = request.form
    try:
        row = plans.add(project_id, form.get("email", ""), form.get("name", ""))
    except AppError as e:
        return _page(project, added=form, recipient_error=e), 422
    flash(f"{row.email} gets the backups that are sent on.")
    return _back(project_id)


@bp.post("/recipients/<int:recipient_id>/remove")
@login_required
def remove(project_id: int, recipient_id: int) -> ResponseReturnValue:
    row = recipient_or_404(project_id, recipient_id, Action.CONFIGURE)
    email = row.email
    plans.remove(row)
    flash(f"{email} gets no further backup.")
    return _back(project_id)


@bp.post("/schedule")
@login_required
def schedule(project_id: int) -> ResponseReturnValue:
    project = project_or_404(project_id, Action.CONFIGURE)
    try:
        wanted = SetUp.parse(request.form, request.form.getlist("status"))
        schedules.save(project, wanted, user().id, utcnow())
    except AppError as e:
        return _page(project, asked=request.form, schedule_error=e), 422
    flash("The schedule is saved.")
    return _back(project_id)


def _preview(project: Project, texts: Texts) -> dict[str, str]:
    """With the facts of the newest backup, or with examples where there is none."""
    newest = db.session.scalar(
        Backup.visible_to(user(), project.id).where(Backup.status == BackupStatus.DONE).limit(1)
    )
    if newest:
        subject, message = sending.text_for(newest, is_update=False, texts=texts)
        return {"subject": subject, "message": message, "of": f"backup {newest.number}"}
    examples = dict.fromkeys(FIELDS, "…") | {
        "state": "Ready",
        "project": project.name,
        "number": project.number,
        "period": "Aug 1 – 31, 2026",
        "pages": "1,204 pages",
        "invoices": "38 invoices",
        "contracts": "21 contracts",
        "size": "48.2 MB",
        "backup": "1",
        "date": "Aug 31, 2026",
        "file": f"{_('Subcontractor invoice backup')}.pdf",
    }
    subject, message = texts.filled(examples, is_update=False)
    return {"subject": subject, "message": message, "of": "an example"}


def _back(project_id: int) -> ResponseReturnValue:
    return redirect(url_for(".show", project_id=project_id), 303)


def _page(project: Project, **state: Any) -> str:
    return render_template(
        "delivery/show.html",
        tab="backups",
        project=project,
        plan=plans.of_project(project.id),
        recipients=plans.recipients(project.id),
        schedule=schedules.of_project(project.id),
        fields=FIELDS,
        occasions=list(Occasion),
        statuses=list(InvoiceStatus),
        has_mail_server=mail.has_server(),
        **state,
    )
