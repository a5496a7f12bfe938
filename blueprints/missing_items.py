"""Asking the contacts of a contract for what its invoices lack, and deciding on what they send."""

from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints.access import contract_or_404, project_or_404, user
from blueprints.serving import send_upload
from jobs.waiting_mail import enqueue_about
from models import Contract, DocumentRequest, SubmittedFile, db, utcnow
from services import attachments, mail, missing_items, objects, storage, submissions
from services.document_types import TypeRefused, names_of
from services.missing_items import AskedLately, AskRefused, Missing
from services.permissions import Action
from services.submissions import DecisionRefused


def init_app(app: Flask) -> None:
    app.add_template_global(submissions.waiting, "waiting_uploads")


bp = Blueprint("missing_items", __name__, url_prefix="/projects/<int:project_id>")
_MOST_CHOSEN = 500


@bp.get("/contracts/<int:contract_id>/missing")
@login_required
def show(project_id: int, contract_id: int) -> ResponseReturnValue:
    """What is missing, to be ticked; `?invoice=` limits it."""
    return _page(contract_or_404(project_id, contract_id, Action.REVIEW_INVOICE))


@bp.post("/contracts/<int:contract_id>/missing")
@login_required
def ask(project_id: int, contract_id: int) -> ResponseReturnValue:
    """Show the mail, or send it."""
    contract = contract_or_404(project_id, contract_id, Action.REVIEW_INVOICE)
    form = request.form
    chosen = set(form.getlist("item"))
    missing = [row for row in _missing(contract) if _key(row) in chosen]
    if form.get("verb") != "send":
        return _page(contract, chosen=chosen, preview=_preview(contract, missing))
    is_meant = form.get("again") == "1"
    try:
        row = missing_items.ask(
            contract,
            missing,
            user(),
            utcnow(),
            message=form.get("message", ""),
            is_meant=is_meant,
        )
    except AskRefused as e:
        contract = contract_or_404(project_id, contract_id)
        is_lately = isinstance(e, AskedLately)
        return _page(contract, chosen=chosen, refused=e, must_mean_it=is_lately), 422
    if enqueue_about(request_id=row.id):
        flash("The contacts are being asked by e-mail.")
    else:
        flash("Kept, but the queue cannot be reached: the e-mail was not sent yet.")
    return _back(project_id, contract_id)


@bp.post("/contracts/<int:contract_id>/missing/<int:request_id>/revoke")
@login_required
def revoke(project_id: int, contract_id: int, request_id: int) -> ResponseReturnValue:
    contract = contract_or_404(project_id, contract_id, Action.REVIEW_INVOICE)
    row = db.session.get(DocumentRequest, request_id)
    if row is None or row.contract_id != contract.id:
        abort(404)
    missing_items.revoke(row, utcnow())
    flash("The upload page is closed.")
    return _back(project_id, contract_id)


@bp.get("/uploads")
@login_required
def queue(project_id: int) -> ResponseReturnValue:
    return _queue(project_id)


@bp.get("/uploads/<int:submitted_id>")
@login_required
def file(project_id: int, submitted_id: int) -> ResponseReturnValue:
    row = _submitted_or_404(project_id, submitted_id)
    path = objects.bring(storage.original(row.sha256))
    if not path.exists():
        abort(404)
    return send_upload(path, row.name, is_download="download" in request.args)


@bp.post("/uploads/<int:submitted_id>/accept")
@login_required
def accept(project_id: int, submitted_id: int) -> ResponseReturnValue:
    row = _submitted_or_404(project_id, submitted_id)
    try:
        expires = attachments.parse_expiry(request.form.get("expires", ""))
        submissions.accept(row, user(), utcnow(), expires)
    except (DecisionRefused, TypeRefused) as e:
        return _queue(project_id, refused=e), 422
    flash("The file is an attachment of its invoice.")
    return redirect(url_for(".queue", project_id=project_id), 303)


@bp.post("/uploads/<int:submitted_id>/refuse")
@login_required
def refuse(project_id: int, submitted_id: int) -> ResponseReturnValue:
    row = _submitted_or_404(project_id, submitted_id)
    try:
        submissions.refuse(row, user(), utcnow(), request.form.get("reason", ""))
    except DecisionRefused as e:
        return _queue(project_id, refused=e), 422
    enqueue_about(submitted_id=submitted_id)
    flash("The file is refused; the company gets the reason by e-mail.")
    return redirect(url_for(".queue", project_id=project_id), 303)


def _submitted_or_404(project_id: int, submitted_id: int) -> SubmittedFile:
    project_or_404(project_id, Action.REVIEW_INVOICE)
    found = submissions.visible_to(user(), project_id).where(SubmittedFile.id == submitted_id)
    return db.session.scalar(found) or abort(404)


def _queue(project_id: int, **state: Any) -> str:
    project = project_or_404(project_id, Action.REVIEW_INVOICE)
    return render_template(
        "missing_items/queue.html",
        tab="uploads",
        project=project,
        rows=submissions.queue(user(), project_id),
        type_names=names_of(project_id),
        **state,
    )


def _missing(contract: Contract) -> list[Missing]:
    ids = request.values.getlist("invoice", type=int)[:_MOST_CHOSEN]
    return missing_items.of_contract(contract, [each for each in ids if each < 2**31], utcnow())


def _key(row: Missing) -> str:
    return f"{row.invoice_id}-{row.document_type}"


def _preview(contract: Contract, missing: list[Missing]) -> str:
    row = DocumentRequest(
        contract=contract,
        asked_by=user(),
        items=[{"title": each.title} for each in missing],
        recipients=_recipients(contract),
        message=request.form.get("message", "").strip(),
    )
    return mail.missing_preview(row)


def _recipients(contract: Contract) -> list[dict[str, str]]:
    people = missing_items.contacts(contract.id)
    return [{"name": person.name, "email": person.email} for person in people]


def _page(contract: Contract, **state: Any) -> str:
    missing = _missing(contract)
    return render_template(
        "missing_items/show.html",
        tab="subcontractor",
        project=contract.project,
        contract=contract,
        missing=[(_key(row), row) for row in missing],
        invoice_ids=request.values.getlist("invoice", type=int)[:_MOST_CHOSEN],
        recipients=_recipients(contract),
        history=missing_items.history(contract.id),
        subject=mail.missing_subject(contract),
        message=request.form.get("message", ""),
        now=utcnow(),
        **state,
    )


def _back(project_id: int, contract_id: int) -> ResponseReturnValue:
    return redirect(url_for(".show", project_id=project_id, contract_id=contract_id), 303)
