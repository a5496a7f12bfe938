"""Sending invoices to be signed: one from its page, many from the Subcontractor tab."""

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints import invoice_files
from blueprints.access import invoice_or_404, project_or_404, user
from blueprints.invoicing import list_after
from blueprints.invoicing_links import Links
from blueprints.rendering import wants_fragment
from blueprints.serving import send_upload
from jobs import signing as jobs
from models import Signature, StoredFile, db, utcnow
from services import objects, selection, storage
from services.formats import counted
from services.permissions import Action
from services.signing import asking, envelopes, hearing, voiding
from services.signing.asking import SendingRefused
from services.signing.voiding import VoidRefused

bp = Blueprint("signing", __name__, url_prefix="/projects/<int:project_id>")


@bp.post("/invoicing/signatures")
@login_required
def send_many(project_id: int) -> ResponseReturnValue:
    """Ask for the signatures of all that the form of the Subcontractor tab selects."""
    project = project_or_404(project_id, Action.SIGN_INVOICE)
    chosen = selection.invoice_ids(project.id, request.form, user())
    try:
        rows = asking.ask(chosen, user_id=user().id)
    except SendingRefused as e:
        return list_after(project, request.form, chosen, refused=e)
    _send(rows)
    said = f"{counted(len(rows), 'invoice is', 'invoices are')} on the way to DocuSign."
    if wants_fragment():
        return list_after(project, request.form, chosen, done=said)
    flash(said)
    return redirect(Links.of(project.id, request.form).here, 303)


@bp.post("/invoices/<int:invoice_id>/envelope")
@login_required
def send(project_id: int, invoice_id: int) -> ResponseReturnValue:
    invoice = invoice_or_404(project_id, invoice_id, Action.SIGN_INVOICE)
    try:
        _send(asking.ask([invoice.id], user_id=user().id))
    except SendingRefused as e:
        return _refused(project_id, invoice_id, e)
    return _answer(project_id, invoice_id)


@bp.post("/invoices/<int:invoice_id>/envelope/finish")
@login_required
def finish(project_id: int, invoice_id: int) -> ResponseReturnValue:
    """Try again to send what was not sent."""
    signature = _live(project_id, invoice_id)
    if envelopes.try_again(signature.id):
        jobs.enqueue_send(signature.id)
    return _answer(project_id, invoice_id)


@bp.post("/invoices/<int:invoice_id>/envelope/refresh")
@login_required
def refresh(project_id: int, invoice_id: int) -> ResponseReturnValue:
    """Ask the service now; at most every five minutes (docs/domain.md 22)."""
    signature = _live(project_id, invoice_id)
    if not hearing.want_refresh(signature.id, utcnow()):
        said = SendingRefused("This was refreshed less than five minutes ago.")
        return _refused(project_id, invoice_id, said)
    jobs.enqueue_check()
    return _answer(project_id, invoice_id)


@bp.post("/invoices/<int:invoice_id>/envelope/void")
@login_required
def void(project_id: int, invoice_id: int) -> ResponseReturnValue:
    signature = _live(project_id, invoice_id)
    reason = request.form.get("reason", "")
    try:
        voiding.want(signature.id, reason)
    except VoidRefused as e:
        return _refused(project_id, invoice_id, e, void_reason=reason)
    jobs.enqueue_void(signature.id)
    return _answer(project_id, invoice_id)


@bp.get("/invoices/<int:invoice_id>/envelopes/<int:signature_id>/<what>")
@login_required
def document(project_id: int, invoice_id: int, signature_id: int, what: str) -> ResponseReturnValue:
    """What was sent, what came back signed, or its certificate; of past envelopes too."""
    invoice = invoice_or_404(project_id, invoice_id)
    found = envelopes.document(invoice.id, signature_id, what)
    if found is None:
        abort(404)
    sha256, name = found
    path = objects.bring(storage.original(sha256))
    if db.session.get(StoredFile, sha256) is None or not path.exists():
        abort(404, f"“{name}” is missing from the data folder.")
    return send_upload(path, name, is_download=True)


def _send(signature_ids: list[int]) -> None:
    # Stops at the first that cannot be queued: the others cannot be either, and a chore sends them.
    all(jobs.enqueue_send(signature_id) for signature_id in signature_ids)


def _live(project_id: int, invoice_id: int) -> Signature:
    invoice = invoice_or_404(project_id, invoice_id, Action.SIGN_INVOICE)
    signature = envelopes.under_way(invoice.id)
    if signature is None:
        abort(409, "This envelope is not under way any more.")
    return signature


def _refused(
    project_id: int, invoice_id: int, error: Exception, **state: str
) -> ResponseReturnValue:
    invoice = invoice_or_404(project_id, invoice_id)
    if wants_fragment():
        card = "invoices/_signature.html"
        return invoice_files.fragment(
            card, project_id, invoice, signature_error=error, **state
        ), 422
    return invoice_files.whole_page(project_id, invoice, signature_error=error, **state), 422


def _answer(project_id: int, invoice_id: int) -> ResponseReturnValue:
    if wants_fragment():
        invoice = invoice_or_404(project_id, invoice_id)
        return invoice_files.fragment(
            "invoices/_signature.html", project_id, invoice, is_changed=True
        )
    page = url_for("invoices.show", project_id=project_id, invoice_id=invoice_id)
    return redirect(f"{page}#signed-copy", 303)
