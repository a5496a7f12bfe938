"""The signed copy of an invoice."""

from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints import invoice_files
from blueprints.access import invoice_or_404
from blueprints.rendering import wants_fragment
from blueprints.serving import send_upload
from jobs.files import enqueue_inspect
from models import Invoice
from services import objects, signatures, storage
from services.files import FileRefused
from services.permissions import Action

bp = Blueprint(
    "signatures",
    __name__,
    url_prefix="/projects/<int:project_id>/invoices/<int:invoice_id>/signature",
)


@bp.get("/card")
@login_required
def card(project_id: int, invoice_id: int) -> ResponseReturnValue:
    """The card alone, for the page that waits until the file has been looked into."""
    invoice = invoice_or_404(project_id, invoice_id)
    return _answer(project_id, invoice.id)


@bp.get("")
@login_required
def show(project_id: int, invoice_id: int) -> ResponseReturnValue:
    invoice = invoice_or_404(project_id, invoice_id)
    signature = signatures.of_invoice(invoice.id)
    if signature is None or signature.sha256 is None:
        abort(404)
    path = objects.bring(storage.original(signature.sha256))
    if not path.exists():
        abort(404, f"“{signature.name}” is missing from the data folder.")
    return send_upload(path, signature.name, is_download="download" in request.args)


@bp.post("")
@login_required
def create(project_id: int, invoice_id: int) -> ResponseReturnValue:
    """Upload a signed copy, or another in its place."""
    invoice = invoice_or_404(project_id, invoice_id, Action.SIGN_INVOICE)
    upload = request.files.get("file")
    try:
        sha256 = signatures.upload(
            invoice.id,
            upload.stream if upload else None,
            (upload.filename if upload else "") or "",
        )
    except FileRefused as e:
        # The upload ended the transaction that authorised it.
        invoice = invoice_or_404(project_id, invoice_id)
        if wants_fragment():
            return _card(project_id, invoice, signature_error=e), 422
        return invoice_files.whole_page(project_id, invoice, signature_error=e), 422
    enqueue_inspect(sha256)
    return _answer(project_id, invoice_id, is_changed=True)


@bp.post("/remove")
@login_required
def remove(project_id: int, invoice_id: int) -> ResponseReturnValue:
    invoice = invoice_or_404(project_id, invoice_id, Action.SIGN_INVOICE)
    try:
        signatures.remove(invoice.id)
    except FileRefused as e:
        if wants_fragment():
            return _card(project_id, invoice, signature_error=e), 422
        return invoice_files.whole_page(project_id, invoice, signature_error=e), 422
    return _answer(project_id, invoice_id, is_changed=True)


def _answer(project_id: int, invoice_id: int, **state: Any) -> ResponseReturnValue:
    if wants_fragment():
        return _card(project_id, invoice_or_404(project_id, invoice_id), **state)
    page = url_for("invoices.show", project_id=project_id, invoice_id=invoice_id)
    return redirect(f"{page}#signed-copy", 303)


def _card(project_id: int, invoice: Invoice, **state: Any) -> str:
    return invoice_files.fragment("invoices/_signature.html", project_id, invoice, **state)
