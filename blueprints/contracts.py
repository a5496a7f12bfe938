"""The page of a contract."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints.access import contract_or_404, project_or_404
from services import contract_pages

bp = Blueprint("contracts", __name__, url_prefix="/projects/<int:project_id>/contracts")


@bp.get("/<int:contract_id>")
@login_required
def show(project_id: int, contract_id: int) -> ResponseReturnValue:
    contract = contract_or_404(project_id, contract_id)
    return render_template(
        "contracts/show.html",
        tab="subcontractor",
        project=project_or_404(project_id),
        shown=contract_pages.of_contract(contract.id),
    )
