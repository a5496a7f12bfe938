"""Contracts: the tab, the page of one, creating and changing it."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints.access import contract_or_404, may, may_bill, project_or_404, user
from jobs.drawings import enqueue_draws
from models import CONTRACT_STATUSES, Contract, ContractType, Project
from services import (
    contract_history,
    contract_list,
    contract_locks,
    contract_pages,
    contract_terms,
    contracts,
    payments,
    private_contracts,
)
from services.contract_locks import ContractLocked
from services.contracts import ContractRefused, ContractStale
from services.forms import FormRefused, StaleSave
from services.permissions import Action
from services.schedules import version_of

bp = Blueprint("contracts", __name__, url_prefix="/projects/<int:project_id>/contracts")


@bp.get("")
@login_required
def index(project_id: int) -> ResponseReturnValue:
    project = project_or_404(project_id)
    return render_template(
        "contracts/index.html",
        tab="contracts",
        project=project,
        contracts=contract_list.of_project(project_id, user()),
    )


@bp.get("/new")
@login_required
def new(project_id: int) -> ResponseReturnValue:
    """`?type=purchase_order` proposes the number of one."""
    project = project_or_404(project_id, Action.EDIT_CONTRACTS)
    wanted = request.args.get("type", "")
    kind = ContractType(wanted) if wanted in list(ContractType) else ContractType.SUBCONTRACT
    proposed = {
        "type": kind.value,
        "number": contracts.proposed_number(project, kind),
        "status": "draft",
        "invoices_enabled": "yes",
    }
    return _form(project, None, proposed)


@bp.post("")
@login_required
def create(project_id: int) -> ResponseReturnValue:
    project = project_or_404(project_id, Action.EDIT_CONTRACTS)
    try:
        contract = contracts.create(project, request.form, user_id=user().id)
    except FormRefused as e:
        return _form(project, None, request.form, error=e, errors=e.errors), 422
    flash(f"{contract.number} is created. Its schedule of values is next.")
    return redirect(url_for("schedules.edit", project_id=project_id, contract_id=contract.id), 303)


@bp.get("/<int:contract_id>")
@login_required
def show(project_id: int, contract_id: int) -> ResponseReturnValue:
    return _page(contract_or_404(project_id, contract_id))


@bp.get("/<int:contract_id>/edit")
@login_required
def edit(project_id: int, contract_id: int) -> ResponseReturnValue:
    contract = contract_or_404(project_id, contract_id, Action.EDIT_CONTRACTS)
    return _form(contract.project, contract, contracts.shown(contract))


@bp.post("/<int:contract_id>")
@login_required
def update(project_id: int, contract_id: int) -> ResponseReturnValue:
    contract = contract_or_404(project_id, contract_id, Action.EDIT_CONTRACTS)
    try:
        touched = contracts.update(contract, request.form, user_id=user().id)
    except FormRefused as e:
        return _form(contract.project, contract, request.form, error=e, errors=e.errors), 422
    except ContractStale as e:
        return _form(contract.project, contract, request.form, error=e, now=e.now), 422
    enqueue_draws(touched)
    flash(f"{contract.number} is saved.")
    return _back(contract)


@bp.post("/<int:contract_id>/status")
@login_required
def change_status(project_id: int, contract_id: int) -> ResponseReturnValue:
    contract = contract_or_404(project_id, contract_id, Action.EDIT_CONTRACTS)
    status, seen = request.form.get("status", ""), version_of(request.form)
    try:
        touched = contracts.change_status(contract, status, seen, user_id=user().id)
    except (FormRefused, StaleSave) as e:
        return _page(contract, error=e), 422
    enqueue_draws(touched)
    return _back(contract)


@bp.post("/<int:contract_id>/delete")
@login_required
def delete(project_id: int, contract_id: int) -> ResponseReturnValue:
    contract = contract_or_404(project_id, contract_id, Action.EDIT_CONTRACTS)
    number = contract.number
    try:
        contracts.delete(contract)
    except (ContractLocked, ContractRefused) as e:
        return _page(contract, error=e), 422
    flash(f"{number} is deleted.")
    return redirect(url_for(".index", project_id=project_id), 303)


def _back(contract: Contract) -> ResponseReturnValue:
    address = url_for(".show", project_id=contract.project_id, contract_id=contract.id)
    return redirect(address, 303)


def _page(contract: Contract, **state: Any) -> str:
    project = contract.project
    knows_readers = may(project, Action.KEEP_PRIVATE)
    return render_template(
        "contracts/show.html",
        tab="contracts",
        project=project,
        privacy=private_contracts.of_contract(contract) if knows_readers else None,
        may_bill=may_bill(contract),
        lock=contract_locks.why_locked(contract),
        statuses=CONTRACT_STATUSES[contract.type],
        terms=(contract_terms.rules_of(contract.id), contract_terms.contacts_of(contract.id)),
        payments=payments.of_contract(contract.id),
        history=contract_history.of_contract(contract.id),
        shown=contract_pages.of_contract(contract.id),
        **state,
    )


def _form(
    project: Project, contract: Contract | None, values: Mapping[str, str], **state: Any
) -> str:
    return render_template(
        "contracts/edit.html",
        tab="contracts",
        project=project,
        contract=contract,
        values=values,
        is_locked=contract is not None and contract_locks.is_locked(contract),
        lock=contract_locks.why_locked(contract) if contract else "",
        statuses=CONTRACT_STATUSES,
        companies=contracts.companies(project.id),
        most_contacts=contract_terms.MOST_CONTACTS,
        **state,
    )
