"""What this installation has and lacks, for administrators."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from blueprints.access import administrator_required
from models import utcnow
from services.system.checking import check
from services.system.result import State, worst

bp = Blueprint("system", __name__, url_prefix="/system")


@bp.get("")
@administrator_required
def show() -> ResponseReturnValue:
    now = utcnow()
    results = check(now)
    counts = {state: sum(each.state == state for each in results) for state in State}
    return render_template(
        "system/show.html", results=results, worst=worst(results), counts=counts, now=now
    )
