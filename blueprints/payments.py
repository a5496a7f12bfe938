"""Payments issued on a contract."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints.access import contract_or_404, payment_or_404, user
from models import Contract, Payment, PaymentMethod, db
from services import payments
from services.forms import FormRefused
from services.payments import PaymentStale
from services.permissions import Action

bp = Blueprint(
    "payments",
    __name__,
    url_prefix="/projects/<int:project_id>/contracts/<int:contract_id>/payments",
)


@bp.get("/new")
@login_required
def new(project_id: int, contract_id: int) -> ResponseReturnValue:
    """`?invoice=` is the invoice that it pays."""
    contract = contract_or_404(project_id, contract_id, Action.ISSUE_PAYMENTS)
    today = datetime.now(contract.project.zone).date()
    values = payments.proposed(contract, today) | {"invoice": request.args.get("invoice", "")}
    return _page(contract, None, values)


@bp.post("")
@login_required
def create(project_id: int, contract_id: int) -> ResponseReturnValue:
    contract = contract_or_404(project_id, contract_id, Action.ISSUE_PAYMENTS)
    try:
        payment = payments.create(contract, request.form, user_id=user().id)
    except FormRefused as e:
        return _page(contract, None, request.form, error=e, errors=e.errors), 422
    flash(f"Payment {payment.number} is added.")
    return _to_contract(contract.project_id, contract.id)


@bp.get("/<int:payment_id>")
@login_required
def edit(project_id: int, contract_id: int, payment_id: int) -> ResponseReturnValue:
    payment = payment_or_404(project_id, contract_id, payment_id, Action.ISSUE_PAYMENTS)
    return _page(db.session.get_one(Contract, contract_id), payment, payments.shown(payment))


@bp.post("/<int:payment_id>")
@login_required
def update(project_id: int, contract_id: int, payment_id: int) -> ResponseReturnValue:
    payment = payment_or_404(project_id, contract_id, payment_id, Action.ISSUE_PAYMENTS)
    try:
        payments.update(payment, request.form, user_id=user().id)
    except FormRefused as e:
        contract = db.session.get_one(Contract, contract_id)
        return _page(contract, payment, request.form, error=e, errors=e.errors), 422
    except PaymentStale as e:
        contract = db.session.get_one(Contract, contract_id)
        return _page(contract, payment, request.form, error=e, now=e.now), 422
    flash(f"Payment {payment.number} is saved.")
    return _to_contract(project_id, contract_id)


@bp.post("/<int:payment_id>/delete")
@login_required
def delete(project_id: int, contract_id: int, payment_id: int) -> ResponseReturnValue:
    payment = payment_or_404(project_id, contract_id, payment_id, Action.ISSUE_PAYMENTS)
    number = payment.number
    payments.delete(payment, user_id=user().id)
    flash(f"Payment {number} is deleted.")
    return _to_contract(project_id, contract_id)


def _to_contract(project_id: int, contract_id: int) -> ResponseReturnValue:
    address = url_for("contracts.show", project_id=project_id, contract_id=contract_id)
    return redirect(f"{address}#payments", 303)


def _page(
    contract: Contract, payment: Payment | None, values: Mapping[str, str], **state: Any
) -> str:
    return render_template(
        "payments/edit.html",
        tab="contracts",
        project=contract.project,
        contract=contract,
        payment=payment,
        values=values,
        invoices=payments.invoices_of(contract.id),
        methods=list(PaymentMethod),
        **state,
    )
