"""Creating the next invoice of a contract, and deleting the latest."""

from datetime import date, datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints.access import contract_or_404, invoice_or_404, may, may_bill, project_or_404, user
from jobs.drawings import enqueue_draw
from models import Contract
from services import invoice_creation, invoice_deletion
from services.invoice_creation import NotCreated
from services.invoice_deletion import NotDeleted
from services.permissions import Action

bp = Blueprint("invoice_creation", __name__, url_prefix="/projects/<int:project_id>")


@bp.get("/contracts/<int:contract_id>/invoices/new")
@login_required
def new(project_id: int, contract_id: int) -> ResponseReturnValue:
    contract = _contract(project_id, contract_id)
    return _page(contract)


@bp.post("/contracts/<int:contract_id>/invoices")
@login_required
def create(project_id: int, contract_id: int) -> ResponseReturnValue:
    contract = _contract(project_id, contract_id)
    number = request.form.get("number", "")
    is_free = may(contract.project, Action.CREATE_INVOICE)
    try:
        invoice = invoice_creation.create(
            contract,
            number,
            _today(contract),
            user_id=user().id,
            is_administrator=is_free,
            position=request.form.get("position", type=int),
        )
    except NotCreated as e:
        return _page(contract_or_404(project_id, contract_id), refused=e, number=number), 422
    enqueue_draw(invoice.id)
    return redirect(
        url_for("invoice_entry.edit", project_id=project_id, invoice_id=invoice.id), 303
    )


@bp.get("/invoices/<int:invoice_id>/delete")
@login_required
def confirm_delete(project_id: int, invoice_id: int) -> ResponseReturnValue:
    invoice = invoice_or_404(project_id, invoice_id, Action.DELETE_INVOICE)
    return render_template(
        "invoices/delete.html",
        tab="subcontractor",
        project=invoice.contract.project,
        invoice=invoice,
        hindrance=invoice_deletion.hindrance(invoice),
    )


@bp.post("/invoices/<int:invoice_id>/delete")
@login_required
def delete(project_id: int, invoice_id: int) -> ResponseReturnValue:
    invoice = invoice_or_404(project_id, invoice_id, Action.DELETE_INVOICE)
    contract_id, label = invoice.contract_id, invoice.label
    try:
        invoice_deletion.delete(invoice, user_id=user().id)
    except NotDeleted as e:
        return render_template(
            "invoices/delete.html",
            tab="subcontractor",
            project=project_or_404(project_id),
            invoice=invoice_or_404(project_id, invoice_id),
            hindrance=str(e),
        ), 422
    flash(f"Invoice {label} was deleted.")
    return redirect(url_for("contracts.show", project_id=project_id, contract_id=contract_id), 303)


def _contract(project_id: int, contract_id: int) -> Contract:
    """For administrators, and for those who answer for the invoices of the contract."""
    contract = contract_or_404(project_id, contract_id)
    if not may_bill(contract):
        abort(403, "Only an administrator of this project creates invoices of this contract.")
    return contract


def _page(contract: Contract, **context: Any) -> str:
    project = contract.project
    try:
        context["proposal"] = invoice_creation.propose(contract, _today(contract))
    except NotCreated as e:
        context.setdefault("refused", e)
    return render_template(
        "invoices/new.html", tab="subcontractor", project=project, contract=contract, **context
    )


def _today(contract: Contract) -> date:
    return datetime.now(contract.project.zone).date()
