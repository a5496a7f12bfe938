"""A project's documents: its own types, which ones invoices must bring, and doing without one."""

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints import invoice_files
from blueprints.access import invoice_or_404, project_or_404, user
from models import Contract, DocumentType, Project, RequiredDocument, Requirement, Strictness, db
from services import document_types, required_documents
from services.document_types import TypeRefused
from services.formats import counted
from services.natural import natural
from services.permissions import Action
from services.required_documents import RuleRefused

bp = Blueprint("required_documents", __name__, url_prefix="/projects/<int:project_id>")


@bp.get("/documents")
@login_required
def index(project_id: int) -> ResponseReturnValue:
    return _page(project_or_404(project_id, Action.CONFIGURE))


@bp.post("/documents")
@login_required
def save(project_id: int) -> ResponseReturnValue:
    project = project_or_404(project_id, Action.CONFIGURE)
    try:
        required_documents.save(project.id, request.form)
    except RuleRefused as e:
        return _page(project_or_404(project_id), rule_refused=e, form=request.form), 422
    flash("The rule is saved.")
    return _back(project_id)


@bp.post("/documents/<int:rule_id>/remove")
@login_required
def remove(project_id: int, rule_id: int) -> ResponseReturnValue:
    project_or_404(project_id, Action.CONFIGURE)
    row = db.session.get(RequiredDocument, rule_id)
    if row is None or row.project_id != project_id:
        abort(404)
    required_documents.remove(row)
    flash("The rule is removed.")
    return _back(project_id)


@bp.post("/documents/types")
@login_required
def add_type(project_id: int) -> ResponseReturnValue:
    project = project_or_404(project_id, Action.CONFIGURE)
    try:
        row = document_types.add(project.id, request.form.get("name", ""))
    except TypeRefused as e:
        return _page(project_or_404(project_id), type_refused=e, type_form=request.form), 422
    flash(f"“{row.name}” is a document type of this project.")
    return _back(project_id, "types")


@bp.post("/documents/types/<int:type_id>")
@login_required
def rename_type(project_id: int, type_id: int) -> ResponseReturnValue:
    row = _type_or_404(project_id, type_id)
    try:
        document_types.rename(row, request.form.get("name", ""))
    except TypeRefused as e:
        return _page(project_or_404(project_id), type_refused=e), 422
    return _back(project_id, "types")


@bp.post("/documents/types/<int:type_id>/remove")
@login_required
def remove_type(project_id: int, type_id: int) -> ResponseReturnValue:
    try:
        document_types.remove(_type_or_404(project_id, type_id))
    except TypeRefused as e:
        return _page(project_or_404(project_id), type_refused=e), 422
    return _back(project_id, "types")


@bp.post("/documents/guess")
@login_required
def guess(project_id: int) -> ResponseReturnValue:
    """The types of all attachments that nobody confirmed."""
    project = project_or_404(project_id, Action.CONFIGURE)
    changes = document_types.guess_in_project(project.id)
    flash(f"{counted(changes, 'type')} guessed anew." if changes else "No guess has changed.")
    return _back(project_id, "types")


@bp.post("/invoices/<int:invoice_id>/documents/not-required")
@login_required
def exempt(project_id: int, invoice_id: int) -> ResponseReturnValue:
    invoice = invoice_or_404(project_id, invoice_id, Action.REVIEW_INVOICE)
    code, reason = request.form.get("document_type", ""), request.form.get("reason", "")
    try:
        required_documents.exempt(invoice, code, reason, user())
    except RuleRefused as e:
        refused = {"exempt_refused": e, "exempt_code": code, "exempt_reason": reason}
        invoice = invoice_or_404(project_id, invoice_id)
        return invoice_files.whole_page(project_id, invoice, **refused), 422
    return _to_checklist(project_id, invoice_id)


@bp.post("/invoices/<int:invoice_id>/documents/required")
@login_required
def require_again(project_id: int, invoice_id: int) -> ResponseReturnValue:
    invoice = invoice_or_404(project_id, invoice_id, Action.REVIEW_INVOICE)
    required_documents.require_again(invoice, request.form.get("document_type", ""))
    return _to_checklist(project_id, invoice_id)


def _type_or_404(project_id: int, type_id: int) -> DocumentType:
    project_or_404(project_id, Action.CONFIGURE)
    row = db.session.get(DocumentType, type_id)
    if row is None or row.project_id != project_id:
        abort(404)
    return row


def _to_checklist(project_id: int, invoice_id: int) -> ResponseReturnValue:
    page = url_for("invoices.show", project_id=project_id, invoice_id=invoice_id)
    return redirect(f"{page}#required-documents", 303)


def _back(project_id: int, anchor: str | None = None) -> ResponseReturnValue:
    return redirect(url_for(".index", project_id=project_id, _anchor=anchor), 303)


def _page(project: Project, **state: Any) -> str:
    contracts = db.session.scalars(sa.select(Contract).where(Contract.project_id == project.id))
    return render_template(
        "required_documents/index.html",
        tab="documents",
        project=project,
        rules=required_documents.of_project(project.id),
        contracts=sorted(contracts, key=lambda row: natural(row.number)),
        type_names=document_types.names_of(project.id),
        own_types=document_types.own_types(project.id),
        requirements=list(Requirement),
        strictnesses=list(Strictness),
        **state,
    )
