"""The attachments of an invoice. Without JavaScript each verb leads back to the invoice's page."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints import invoice_files
from blueprints.access import attachment_or_404, invoice_or_404
from blueprints.rendering import wants_fragment
from blueprints.serving import private, send_upload
from jobs.files import enqueue_inspect
from models import Invoice
from services import attachments, files, objects, storage
from services.attachments import NothingUploaded
from services.document_types import TypeRefused
from services.files import FileRefused
from services.formats import counted
from services.permissions import Action

bp = Blueprint(
    "attachments",
    __name__,
    url_prefix="/projects/<int:project_id>/invoices/<int:invoice_id>/attachments",
)


@bp.get("")
@login_required
def index(project_id: int, invoice_id: int) -> ResponseReturnValue:
    """The list alone, for the page that waits until every file has been looked into."""
    invoice = invoice_or_404(project_id, invoice_id)
    return _list(project_id, invoice)


@bp.post("")
@login_required
def create(project_id: int, invoice_id: int) -> ResponseReturnValue:
    """Takes several files; those that are refused are named, the others stay."""
    invoice = invoice_or_404(project_id, invoice_id, Action.ATTACH_FILES)
    uploads = [(u.stream, u.filename or "") for u in request.files.getlist("files") if u.filename]
    try:
        added = attachments.add(invoice.id, uploads, request.form.get("document_type", ""))
    except (NothingUploaded, FileRefused, TypeRefused) as e:
        return _card(project_id, invoice_id, refused=[str(e)]), 422
    all(enqueue_inspect(sha256) for sha256 in added.sha256s)
    if added.refused:
        count = len(added.sha256s), len(added.sha256s) + len(added.refused)
        arrived = f"{count[0]} of {counted(count[1], 'file')} {'was' if count[0] == 1 else 'were'}"
        return _card(project_id, invoice_id, refused=[f"{arrived} uploaded.", *added.refused]), 422
    if wants_fragment():
        return _card(project_id, invoice_id, is_uploaded=True)
    flash(f"{counted(len(added.sha256s), 'file')} uploaded.")
    return _back(project_id, invoice_id)


@bp.get("/<int:attachment_id>")
@login_required
def show(project_id: int, invoice_id: int, attachment_id: int) -> ResponseReturnValue:
    """The file as it was uploaded; `?download=1` saves it."""
    attachment = attachment_or_404(project_id, invoice_id, attachment_id)
    path = objects.bring(storage.original(attachment.sha256))
    if not path.exists():
        abort(404, f"“{attachment.name}” is missing from the data folder.")
    return send_upload(path, attachment.name, is_download="download" in request.args)


@bp.get("/<int:attachment_id>/thumbnail")
@login_required
def thumbnail(project_id: int, invoice_id: int, attachment_id: int) -> ResponseReturnValue:
    attachment = attachment_or_404(project_id, invoice_id, attachment_id)
    path = objects.bring(files.preview_path(attachment.sha256))
    if not path.exists():
        abort(404)
    return private(send_file(path, mimetype="image/png", etag=attachment.sha256))


@bp.post("/<int:attachment_id>/move")
@login_required
def move(project_id: int, invoice_id: int, attachment_id: int) -> ResponseReturnValue:
    attachment = attachment_or_404(project_id, invoice_id, attachment_id, Action.ATTACH_FILES)
    attachments.move(attachment, "up" if request.form.get("direction") == "up" else "down")
    return done(project_id, invoice_id, moved=attachment_id)


@bp.post("/<int:attachment_id>/leave-out")
@login_required
def leave_out(project_id: int, invoice_id: int, attachment_id: int) -> ResponseReturnValue:
    attachment = attachment_or_404(project_id, invoice_id, attachment_id, Action.ATTACH_FILES)
    attachments.set_left_out(attachment, is_left_out=True)
    return done(project_id, invoice_id)


@bp.post("/<int:attachment_id>/put-back")
@login_required
def put_back(project_id: int, invoice_id: int, attachment_id: int) -> ResponseReturnValue:
    attachment = attachment_or_404(project_id, invoice_id, attachment_id, Action.ATTACH_FILES)
    attachments.set_left_out(attachment, is_left_out=False)
    return done(project_id, invoice_id)


@bp.post("/<int:attachment_id>/remove")
@login_required
def remove(project_id: int, invoice_id: int, attachment_id: int) -> ResponseReturnValue:
    attachment = attachment_or_404(project_id, invoice_id, attachment_id, Action.ATTACH_FILES)
    ids = [row.id for row in attachments.of_invoice(invoice_id)]
    attachments.remove(attachment)
    return done(project_id, invoice_id, removed=ids.index(attachment_id))


def done(project_id: int, invoice_id: int, **state: Any) -> ResponseReturnValue:
    """The list after a verb, or back to the invoice's page."""
    if wants_fragment():
        return _list(project_id, invoice_or_404(project_id, invoice_id), **state)
    return _back(project_id, invoice_id)


def _back(project_id: int, invoice_id: int) -> ResponseReturnValue:
    page = url_for("invoices.show", project_id=project_id, invoice_id=invoice_id)
    return redirect(f"{page}#attachments", 303)


def _list(project_id: int, invoice: Invoice, **state: Any) -> ResponseReturnValue:
    if not wants_fragment():
        return _back(project_id, invoice.id)
    return invoice_files.fragment("invoices/_attachment_list.html", project_id, invoice, **state)


def _card(project_id: int, invoice_id: int, **state: Any) -> str:
    """The list with its form; on the whole page where the browser asked for one."""
    # The upload ended the transaction that authorised it.
    invoice = invoice_or_404(project_id, invoice_id)
    if wants_fragment():
        return invoice_files.fragment("invoices/_attachments.html", project_id, invoice, **state)
    return invoice_files.whole_page(project_id, invoice, **state)
