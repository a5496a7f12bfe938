"""Projects and their billing periods."""

from typing import Any

import sqlalchemy as sa
from flask_smorest import Blueprint

from blueprints.access import project_or_404, user
from blueprints.api import schemas
from blueprints.api.paging import Rows
from blueprints.api.refusals import refusing
from blueprints.api.tokens import needs
from models import BillingPeriod, Project
from services.api_tokens import Scope

bp = Blueprint("api-projects", __name__, url_prefix="/api/v1/projects", description="Projects")


@bp.get("")
@bp.response(200, schemas.Project(many=True))
@refusing(bp)
@bp.paginate(Rows)
@needs(Scope.READ)
def index() -> sa.Select[Project]:
    """The projects that you may see"""
    return Project.visible_to(user())


@bp.get("/<int:project_id>")
@bp.response(200, schemas.Project)
@refusing(bp, 404)
@needs(Scope.READ)
def show(project_id: int) -> Any:
    """A project"""
    return project_or_404(project_id)


@bp.get("/<int:project_id>/billing-periods")
@bp.response(200, schemas.Period(many=True))
@refusing(bp, 404)
@bp.paginate(Rows)
@needs(Scope.READ)
def periods(project_id: int) -> sa.Select[BillingPeriod]:
    """The billing periods of a project, first one first"""
    project = project_or_404(project_id)
    return (
        sa.select(BillingPeriod)
        .where(BillingPeriod.project_id == project.id)
        .order_by(BillingPeriod.start, BillingPeriod.end)
    )
