"""Who sees a contract: everybody in the project, or only the people on its list."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints.access import contract_or_404
from services import private_contracts
from services.permissions import Action

bp = Blueprint(
    "private_contracts",
    __name__,
    url_prefix="/projects/<int:project_id>/contracts/<int:contract_id>/private",
)


@bp.post("")
@login_required
def update(project_id: int, contract_id: int) -> ResponseReturnValue:
    contract = contract_or_404(project_id, contract_id, Action.KEEP_PRIVATE)
    is_private = "is_private" in request.form
    private_contracts.update(
        contract, request.form.getlist("reader", type=int), is_private=is_private
    )
    flash("This contract is private." if is_private else "Every member sees this contract.")
    return redirect(url_for("contracts.show", project_id=project_id, contract_id=contract_id), 303)
