"""The schedule of values of a contract in a grid."""

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints.access import contract_or_404, user
from jobs.drawings import enqueue_draws
from models import Contract
from services import schedule_files, schedules
from services.contract_locks import ContractLocked, why_locked
from services.forms import FormRefused
from services.permissions import Action
from services.schedule_files import FileRefused
from services.schedule_grid import SOME_ROWS, Grid, IncompleteGrid
from services.schedules import ScheduleStale

bp = Blueprint(
    "schedules",
    __name__,
    url_prefix="/projects/<int:project_id>/contracts/<int:contract_id>/schedule",
)


@bp.get("")
@login_required
def edit(project_id: int, contract_id: int) -> ResponseReturnValue:
    contract = contract_or_404(project_id, contract_id, Action.EDIT_CONTRACTS)
    return _page(contract, _to_type_in(contract))


@bp.post("")
@login_required
def update(project_id: int, contract_id: int) -> ResponseReturnValue:
    """Saves; or, where the button says so, only adds empty rows to what stands in the form."""
    contract = contract_or_404(project_id, contract_id, Action.EDIT_CONTRACTS)
    try:
        grid = schedules.read(contract, request.form)
    except IncompleteGrid as e:
        return _page(contract, schedules.grid_of(contract), error=e), 422
    if "add" in request.form:
        grid.add_blank(SOME_ROWS)
        return _page(contract, grid, version=schedules.version_of(request.form))
    try:
        seen = schedules.version_of(request.form)
        touched = schedules.save(contract, grid, seen, user_id=user().id)
    except (ContractLocked, FormRefused, ScheduleStale) as e:
        version = None if isinstance(e, ScheduleStale) else schedules.version_of(request.form)
        return _page(contract, grid, error=e, version=version), 422
    enqueue_draws(touched)
    flash("The schedule of values is saved.")
    return _to_contract(contract)


@bp.post("/check")
@login_required
def check(project_id: int, contract_id: int) -> ResponseReturnValue:
    """What the grid adds up to while it is typed; nothing is saved."""
    contract = contract_or_404(project_id, contract_id, Action.EDIT_CONTRACTS)
    try:
        grid = schedules.read(contract, request.form)
    except IncompleteGrid as e:
        return str(e), 409
    return render_template("schedules/_totals.html", grid=grid, said=_said(grid))


@bp.post("/import")
@login_required
def upload(project_id: int, contract_id: int) -> ResponseReturnValue:
    """Lines from a file: whole, or not at all with every mistake."""
    contract = contract_or_404(project_id, contract_id, Action.EDIT_CONTRACTS)
    given = request.files.get("file")
    grid = schedules.grid_of(contract)
    if given is None or not given.filename:
        sentence = "Choose a CSV file or a workbook (.xlsx)."
        return _page(contract, _to_type_in(contract), file_error=sentence), 422
    try:
        with NamedTemporaryFile(suffix=Path(given.filename).suffix[:8]) as kept:
            given.save(kept)
            kept.flush()
            schedule_files.apply(Path(kept.name), given.filename, grid)
        seen = schedules.version_of(request.form)
        touched = schedules.save(contract, grid, seen, user_id=user().id)
    except (FileRefused, ContractLocked, FormRefused, ScheduleStale) as e:
        return _page(contract, _to_type_in(contract), file_error=e), 422
    enqueue_draws(touched)
    flash(f"The lines of {given.filename[:80]} are in the schedule of values.")
    return _to_contract(contract)


def _to_type_in(contract: Contract) -> Grid:
    """What is saved, and empty rows below."""
    grid = schedules.grid_of(contract)
    grid.add_blank(1 if grid.rows else SOME_ROWS)
    return grid


def _said(grid: Grid) -> dict[str, str]:
    """The amounts that the page shows already, by row."""
    return {row.key: request.form.get(f"amount-{row.key}", "") for row in grid.rows}


def _to_contract(contract: Contract) -> ResponseReturnValue:
    address = url_for("contracts.show", project_id=contract.project_id, contract_id=contract.id)
    return redirect(f"{address}#schedule", 303)


def _page(contract: Contract, grid: Grid, *, version: int | None = None, **state: Any) -> str:
    return render_template(
        "schedules/edit.html",
        tab="contracts",
        project=contract.project,
        contract=contract,
        grid=grid,
        version=contract.version if version is None else version,
        lock=why_locked(contract),
        **state,
    )
