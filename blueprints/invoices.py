"""The page of an invoice, and its pages as a PDF."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from binder import sniff
from blueprints import invoice_files
from blueprints.access import invoice_or_404, project_or_404
from blueprints.invoice_files import waiting_time
from blueprints.rendering import wants_fragment
from blueprints.serving import send_own
from jobs import queue_is_reachable
from jobs.drawings import enqueue_draw
from models import Invoice
from services import files, invoice_pages

bp = Blueprint("invoices", __name__, url_prefix="/projects/<int:project_id>/invoices")

#: Asked this often, a drawing that still is not there is asked for again.
_ASK_AGAIN = 30


@bp.get("/<int:invoice_id>")
@login_required
def show(project_id: int, invoice_id: int) -> ResponseReturnValue:
    invoice = invoice_or_404(project_id, invoice_id)
    return invoice_files.whole_page(project_id, invoice)


@bp.get("/<int:invoice_id>/pdf")
@login_required
def pdf(project_id: int, invoice_id: int) -> ResponseReturnValue:
    """The drawn invoice; while it is not drawn, a page (or fragment) that waits for it."""
    invoice = invoice_or_404(project_id, invoice_id)
    path = invoice_pages.drawing(invoice.id)
    waited = max(0, request.args.get("waited", 0, type=int))
    if path is not None and not wants_fragment():
        return send_own(path, _file_name(invoice), sniff.PDF)
    if path is None:
        ask = waited % _ASK_AGAIN == 0
        is_queued = enqueue_draw(invoice.id) if ask else queue_is_reachable()
    else:
        is_queued = True
    state = {
        "project": project_or_404(project_id),
        "invoice": invoice,
        "is_drawn": path is not None,
        "is_queued": is_queued,
        "waited": waited,
        "delay": waiting_time(waited),
    }
    if wants_fragment():
        return render_template("invoices/_drawing.html", **state)
    # Works without JavaScript: the browser comes back by itself until it gets the PDF.
    again = url_for(".pdf", project_id=project_id, invoice_id=invoice.id, waited=waited + 1)
    refresh = {"Refresh": f"{waiting_time(waited)}; url={again}"}
    return render_template("invoices/pdf.html", **state), 200, refresh


def _file_name(invoice: Invoice) -> str:
    return files.clean_name(f"Invoice {invoice.contract.number} - {invoice.label}.pdf")
