"""Contracts of a project."""

from typing import Any

import sqlalchemy as sa
from flask_smorest import Blueprint
from sqlalchemy.orm import joinedload

from blueprints.access import contract_or_404, project_or_404, user
from blueprints.api import schemas
from blueprints.api.paging import Rows
from blueprints.api.refusals import refusing
from blueprints.api.tokens import needs
from models import Contract
from services.api_tokens import Scope

bp = Blueprint(
    "api-contracts",
    __name__,
    url_prefix="/api/v1/projects/<int:project_id>/contracts",
    description="Contracts",
)


@bp.get("")
@bp.response(200, schemas.Contract(many=True))
@refusing(bp, 404)
@bp.paginate(Rows)
@needs(Scope.READ)
def index(project_id: int) -> sa.Select[Contract]:
    """The contracts of a project that you may see"""
    project = project_or_404(project_id)
    query = Contract.visible_to(user(), project.id).options(joinedload(Contract.company))
    return query.order_by(Contract.number, Contract.id)


@bp.get("/<int:contract_id>")
@bp.response(200, schemas.Contract)
@refusing(bp, 404)
@needs(Scope.READ)
def show(project_id: int, contract_id: int) -> Any:
    """A contract"""
    return contract_or_404(project_id, contract_id)
