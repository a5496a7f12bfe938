"""The page of a contract."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints.access import contract_or_404, may, may_bill, project_or_404
from services import contract_pages, private_contracts
from services.permissions import Action

bp = Blueprint("contracts", __name__, url_prefix="/projects/<int:project_id>/contracts")


@bp.get("/<int:contract_id>")
@login_required
def show(project_id: int, contract_id: int) -> ResponseReturnValue:
    project = project_or_404(project_id)
    contract = contract_or_404(project_id, contract_id)
    knows_readers = may(project, Action.KEEP_PRIVATE)
    return render_template(
        "contracts/show.html",
        tab="subcontractor",
        project=project,
        privacy=private_contracts.of_contract(contract) if knows_readers else None,
        may_bill=may_bill(contract),
        shown=contract_pages.of_contract(contract.id),
    )
