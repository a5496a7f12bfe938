"""Changing the status of one invoice on its page, and of many on the Subcontractor tab."""

from datetime import datetime

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints import invoice_files
from blueprints.access import invoice_or_404, may, project_or_404, user
from blueprints.invoicing import list_after
from blueprints.invoicing_links import Links
from blueprints.rendering import wants_fragment
from jobs.drawings import enqueue_draw, enqueue_draws
from models import InvoiceStatus
from services import invoice_status, selection
from services.formats import counted, words
from services.invoice_status import StatusRefused
from services.permissions import Action

bp = Blueprint("invoice_statuses", __name__, url_prefix="/projects/<int:project_id>")


@bp.post("/invoicing/status")
@login_required
def change_many(project_id: int) -> ResponseReturnValue:
    """One status for all that the form of the Subcontractor tab selects."""
    project = project_or_404(project_id, Action.CHANGE_STATUSES)
    chosen = selection.invoice_ids(project.id, request.form, user())
    try:
        status = invoice_status.parse(request.form.get("new_status", ""))
        changed = invoice_status.change(chosen, status, user_id=user().id)
    except StatusRefused as e:
        return list_after(project, request.form, chosen, refused=e)
    # A drawing shows the status, and whether the invoice is a draft.
    enqueue_draws(changed)
    said = _said(len(changed), len(chosen) - len(changed), status)
    if wants_fragment():
        return list_after(project, request.form, chosen, done=said)
    flash(said)
    return redirect(Links.of(project.id, request.form).here, 303)


@bp.post("/invoices/<int:invoice_id>/status")
@login_required
def change(project_id: int, invoice_id: int) -> ResponseReturnValue:
    """Administrators give any status; others only submit what is theirs to prepare."""
    project = project_or_404(project_id)
    asked = request.form.get("new_status", "")
    is_free = may(project, Action.CHANGE_STATUSES)
    is_submitted = not is_free and asked == InvoiceStatus.UNDER_REVIEW
    action = Action.SUBMIT_INVOICE if is_submitted else Action.CHANGE_STATUSES
    invoice = invoice_or_404(project_id, invoice_id, action)
    try:
        if is_submitted:
            today = datetime.now(project.zone).date()
            invoice_status.submit(invoice, today, user_id=user().id)
        else:
            seen = invoice_status.parse(request.form.get("seen", ""))
            wanted = invoice_status.parse(asked)
            invoice_status.change_one(invoice, seen, wanted, user_id=user().id)
    except StatusRefused as e:
        return invoice_files.whole_page(project_id, invoice, status_refused=e), 422
    enqueue_draw(invoice_id)
    address = url_for("invoices.show", project_id=project_id, invoice_id=invoice_id)
    return redirect(address, 303)


def _said(changed: int, kept: int, status: InvoiceStatus) -> str:
    name = words(status)
    if not changed:
        return f"{counted(kept, 'invoice was', 'invoices were')} {name} already."
    rest = f"; {counted(kept, 'was', 'were')} already" if kept else ""
    return f"{counted(changed, 'invoice is', 'invoices are')} {name} now{rest}."
