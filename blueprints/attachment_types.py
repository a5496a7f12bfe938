"""What the attachments of an invoice are: choosing a type, guessing, confirming guesses."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints import invoice_files
from blueprints.access import attachment_or_404, invoice_or_404
from blueprints.attachments import done
from blueprints.rendering import wants_fragment
from services import attachments
from services.document_types import TypeRefused
from services.permissions import Action

bp = Blueprint(
    "attachment_types",
    __name__,
    url_prefix="/projects/<int:project_id>/invoices/<int:invoice_id>/attachments",
)


@bp.post("/<int:attachment_id>/type")
@login_required
def change(project_id: int, invoice_id: int, attachment_id: int) -> ResponseReturnValue:
    """Choosing a type confirms it."""
    attachment = attachment_or_404(project_id, invoice_id, attachment_id, Action.ATTACH_FILES)
    form = request.form
    try:
        attachments.set_type(attachment, form.get("document_type", ""), form.get("expires", ""))
    except TypeRefused as e:
        invoice = invoice_or_404(project_id, invoice_id)
        refusal = {"type_refused": e, "typed": attachment_id, "type_form": form}
        if wants_fragment():
            template = "invoices/_attachment_list.html"
            return invoice_files.fragment(template, project_id, invoice, **refusal), 422
        return invoice_files.whole_page(project_id, invoice, **refusal), 422
    return done(project_id, invoice_id, typed=attachment_id)


@bp.post("/guess-types")
@login_required
def guess(project_id: int, invoice_id: int) -> ResponseReturnValue:
    """From the names, of all that nobody confirmed."""
    invoice = invoice_or_404(project_id, invoice_id, Action.ATTACH_FILES)
    attachments.guess_types(invoice.id)
    return done(project_id, invoice_id, is_guessed=True)


@bp.post("/confirm-types")
@login_required
def confirm(project_id: int, invoice_id: int) -> ResponseReturnValue:
    """All guesses are right."""
    invoice = invoice_or_404(project_id, invoice_id, Action.ATTACH_FILES)
    attachments.confirm_types(invoice.id)
    return done(project_id, invoice_id, is_guessed=True)
