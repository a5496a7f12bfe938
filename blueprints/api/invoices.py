"""Invoices of a project, and the files attached to them."""

from typing import Any

import sqlalchemy as sa
from flask import request, url_for
from flask_smorest import Blueprint
from sqlalchemy.orm import contains_eager, joinedload
from werkzeug.exceptions import BadRequest

from blueprints.access import invoice_or_404, project_or_404, user
from blueprints.api import schemas
from blueprints.api.idempotent import once
from blueprints.api.paging import Rows
from blueprints.api.refusals import refusing
from blueprints.api.tokens import needs
from jobs.files import enqueue_inspect
from models import Contract, Invoice
from services import attachments, invoice_json
from services.api_tokens import Scope
from services.files import FileRefused
from services.permissions import Action

bp = Blueprint(
    "api-invoices",
    __name__,
    url_prefix="/api/v1/projects/<int:project_id>/invoices",
    description="Invoices and their attachments",
)


@bp.get("")
@bp.arguments(schemas.InvoiceFilter, location="query")
@bp.response(200, schemas.Invoice(many=True))
@refusing(bp, 404)
@bp.paginate(Rows)
@needs(Scope.READ)
def index(wanted: dict[str, Any], project_id: int) -> sa.Select[Invoice]:
    """The invoices of a project that you may see, by contract and position"""
    project = project_or_404(project_id)
    query = (
        sa.select(Invoice)
        .join(Invoice.contract)
        .where(Invoice.contract_id.in_(Contract.ids_visible_to(user(), project.id)))
        .options(contains_eager(Invoice.contract), joinedload(Invoice.period))
        .order_by(Contract.number, Contract.id, Invoice.position)
    )
    if "contract" in wanted:
        query = query.where(Contract.number == wanted["contract"])
    if "status" in wanted:
        query = query.where(Invoice.status == wanted["status"])
    if "period_id" in wanted:
        query = query.where(Invoice.period_id == wanted["period_id"])
    return query


@bp.get("/<int:invoice_id>")
@bp.response(200, schemas.InvoiceLines)
@refusing(bp, 404)
@needs(Scope.READ)
def show(project_id: int, invoice_id: int) -> dict[str, Any]:
    """An invoice with its summary and lines"""
    return invoice_json.describe(invoice_or_404(project_id, invoice_id))


@bp.get("/<int:invoice_id>/attachments")
@bp.response(200, schemas.Attachment(many=True))
@refusing(bp, 404)
@needs(Scope.READ)
def files(project_id: int, invoice_id: int) -> Any:
    """The attachments of an invoice, in the order of a backup"""
    return attachments.of_invoice(invoice_or_404(project_id, invoice_id).id)


@bp.post("/<int:invoice_id>/attachments")
@once
@bp.arguments(schemas.UploadForm, location="form")
@bp.arguments(schemas.Upload, location="files")
@bp.response(201, schemas.Attachment)
@refusing(bp, 404, 422)
@needs(Scope.UPLOAD)
def attach(form: dict[str, Any], uploaded: dict[str, Any], project_id: int, invoice_id: int) -> Any:
    """Attach a file

    Its document type is guessed from its name where none is given. Whether it can be read is known
    once somebody has looked into it: ask for the attachments again until `pages` or `problem` is
    told.
    """
    invoice = invoice_or_404(project_id, invoice_id, Action.ATTACH_FILES)
    if len(request.files.getlist("file")) != 1:
        raise BadRequest("Send one file, as the part “file”.")
    file = uploaded["file"]
    added = attachments.add(invoice.id, [(file.stream, file.filename or "")], form["document_type"])
    if added.refused:
        raise FileRefused(added.refused[0])
    enqueue_inspect(added.sha256s[0])
    row = attachments.of_invoice(invoice_id)[-1]
    at = url_for(".files", project_id=project_id, invoice_id=invoice_id)
    return row, 201, {"Location": at}
