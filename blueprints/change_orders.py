"""Change orders of a contract."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints.access import change_order_or_404, contract_or_404, user
from jobs.drawings import enqueue_draws
from models import ChangeOrder, ChangeOrderStatus, Contract
from services import change_orders
from services.contract_locks import ContractLocked
from services.forms import FormRefused, StaleSave
from services.permissions import Action
from services.schedule_grid import SOME_ROWS, Grid, IncompleteGrid
from services.schedule_saving import Scope
from services.schedules import version_of

bp = Blueprint(
    "change_orders",
    __name__,
    url_prefix="/projects/<int:project_id>/contracts/<int:contract_id>/change-orders",
)


@bp.get("/new")
@login_required
def new(project_id: int, contract_id: int) -> ResponseReturnValue:
    contract = contract_or_404(project_id, contract_id, Action.EDIT_CONTRACTS)
    values = change_orders.proposed(contract)
    return _page(contract, None, values, change_orders.blank_grid(contract))


@bp.post("")
@login_required
def create(project_id: int, contract_id: int) -> ResponseReturnValue:
    contract = contract_or_404(project_id, contract_id, Action.EDIT_CONTRACTS)
    return _save(contract, None)


@bp.get("/<int:order_id>")
@login_required
def edit(project_id: int, contract_id: int, order_id: int) -> ResponseReturnValue:
    order = change_order_or_404(project_id, contract_id, order_id, Action.EDIT_CONTRACTS)
    grid = Scope(order.contract, order).grid()
    if not change_orders.why_held(order):
        grid.add_blank(1)
    return _page(order.contract, order, change_orders.shown(order), grid)


@bp.post("/<int:order_id>")
@login_required
def update(project_id: int, contract_id: int, order_id: int) -> ResponseReturnValue:
    order = change_order_or_404(project_id, contract_id, order_id, Action.EDIT_CONTRACTS)
    return _save(order.contract, order)


@bp.post("/<int:order_id>/delete")
@login_required
def delete(project_id: int, contract_id: int, order_id: int) -> ResponseReturnValue:
    order = change_order_or_404(project_id, contract_id, order_id, Action.EDIT_CONTRACTS)
    contract, number = order.contract, order.number
    try:
        touched = change_orders.delete(order, user_id=user().id)
    except ContractLocked as e:
        grid = Scope(contract, order).grid()
        return _page(contract, order, change_orders.shown(order), grid, error=e), 422
    enqueue_draws(touched)
    flash(f"Change order {number} is deleted.")
    return _to_contract(contract)


def _save(contract: Contract, order: ChangeOrder | None) -> ResponseReturnValue:
    """What the form of a new or an old one does: save, or only add empty rows to it."""
    form = request.form
    is_held = order is not None and bool(change_orders.why_held(order))
    try:
        grid = change_orders.read_grid(contract, form)
    except IncompleteGrid as e:
        grid = Scope(contract, order).grid() if order else change_orders.blank_grid(contract)
        return _page(contract, order, form, grid, error=e), 422
    if "add" in form and not is_held:
        grid.add_blank(SOME_ROWS)
        return _page(contract, order, form, grid, version=version_of(form))
    try:
        seen = version_of(form)
        if order is None:
            touched = change_orders.create(contract, form, grid, seen, user_id=user().id)
        else:
            lines = None if is_held and not grid.rows else grid
            touched = change_orders.update(order, form, lines, seen, user_id=user().id)
    except FormRefused as e:
        shown = Scope(contract, order).grid() if is_held else grid
        return _page(contract, order, form, shown, error=e, errors=e.errors, version=seen), 422
    except (ContractLocked, StaleSave) as e:
        shown = Scope(contract, order).grid() if is_held else grid
        return _page(contract, order, form, shown, error=e), 422
    enqueue_draws(touched)
    flash(f"Change order {form['number'].strip()} is saved.")
    return _to_contract(contract)


def _to_contract(contract: Contract) -> ResponseReturnValue:
    address = url_for("contracts.show", project_id=contract.project_id, contract_id=contract.id)
    return redirect(f"{address}#orders", 303)


def _page(
    contract: Contract,
    order: ChangeOrder | None,
    values: Mapping[str, str],
    grid: Grid,
    *,
    version: int | None = None,
    **state: Any,
) -> str:
    return render_template(
        "change_orders/edit.html",
        tab="contracts",
        project=contract.project,
        contract=contract,
        order=order,
        values=values,
        grid=grid,
        held=change_orders.why_held(order) if order else "",
        statuses=list(ChangeOrderStatus),
        version=contract.version if version is None else version,
        **state,
    )
