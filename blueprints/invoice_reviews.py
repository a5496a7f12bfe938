"""Reviewing an invoice line by line, and comments on it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints import invoice_files
from blueprints.access import invoice_or_404, project_or_404, user
from jobs.drawings import enqueue_draw
from jobs.waiting_mail import enqueue_about
from models import Invoice, InvoiceStatus, Review, utcnow
from services import invoice_comments, invoice_review, invoice_status
from services.invoice_comments import NotSaid
from services.invoice_review import Mark, NotReviewed
from services.invoice_status import StatusRefused
from services.permissions import Action

bp = Blueprint(
    "invoice_reviews", __name__, url_prefix="/projects/<int:project_id>/invoices/<int:invoice_id>"
)


@bp.get("/review")
@login_required
def show(project_id: int, invoice_id: int) -> ResponseReturnValue:
    invoice = invoice_or_404(project_id, invoice_id, Action.REVIEW_INVOICE)
    return _page(project_id, invoice)


@bp.post("/review")
@login_required
def save(project_id: int, invoice_id: int) -> ResponseReturnValue:
    """Approve or reject lines; their amounts stay."""
    invoice = invoice_or_404(project_id, invoice_id, Action.REVIEW_INVOICE)
    rows = invoice_review.rows(invoice)
    version = request.form.get("version", 0, type=int)
    marks: dict[int, Mark] = {}
    try:
        for row in rows:
            said = (request.form.get(f"{name}-{row.line.id}") for name in ("review", "reason"))
            marks[row.line.id] = invoice_review.parse(row, *said)
        if request.form.get("others") == Review.APPROVED:
            marks = {line_id: mark.or_approved() for line_id, mark in marks.items()}
        invoice_review.save(invoice, rows, marks, version, user().id)
    except NotReviewed as e:
        return _page(project_id, invoice, refused=e, said=request.form), 422
    return redirect(f"{_url(invoice)}#finish", 303)


@bp.post("/review/finish")
@login_required
def finish(project_id: int, invoice_id: int) -> ResponseReturnValue:
    """Give the invoice the status that the review leads to, and tell who submitted it."""
    invoice = invoice_or_404(project_id, invoice_id, Action.REVIEW_INVOICE)
    try:
        seen = invoice_status.parse(request.form.get("seen", ""))
        wanted = invoice_status.parse(request.form.get("new_status", ""))
        told = invoice_review.finish(invoice, seen, wanted, user().id, utcnow())
    except StatusRefused as e:
        return _page(project_id, invoice, finish_refused=e), 422
    enqueue_draw(invoice_id)
    if told:
        enqueue_about(invoice_id=invoice_id)
        flash(f"The review is finished; {told} is told by e-mail.")
    else:
        flash("The review is finished.")
    return redirect(url_for("invoices.show", project_id=project_id, invoice_id=invoice_id), 303)


@bp.post("/comments")
@login_required
def comment(project_id: int, invoice_id: int) -> ResponseReturnValue:
    invoice = invoice_or_404(project_id, invoice_id, Action.COMMENT)
    said = request.form.get("text", "")
    try:
        invoice_comments.add(invoice.id, said, user_id=user().id)
    except NotSaid as e:
        context = {"comment_refused": e, "said": said}
        return invoice_files.whole_page(project_id, invoice, **context), 422
    page = url_for("invoices.show", project_id=project_id, invoice_id=invoice_id)
    return redirect(f"{page}#discussion", 303)


def _url(invoice: Invoice) -> str:
    project_id = invoice.contract.project_id
    return url_for(".show", project_id=project_id, invoice_id=invoice.id)


def _page(project_id: int, invoice: Invoice, **context: Any) -> str:
    rows = invoice_review.rows(invoice)
    return render_template(
        "invoices/review.html",
        tab="subcontractor",
        project=project_or_404(project_id),
        invoice=invoice,
        rows=rows,
        counts=invoice_review.counts(rows),
        proposed=invoice_review.proposed(invoice, rows),
        statuses=list(InvoiceStatus),
        **context,
    )
