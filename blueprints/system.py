"""What this installation has and lacks, for administrators."""

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from redis.exceptions import RedisError

import jobs
from blueprints.access import administrator_required
from services import mail

bp = Blueprint("system", __name__, url_prefix="/system")


@bp.get("")
@administrator_required
def show() -> ResponseReturnValue:
    return render_template(
        "system/show.html",
        soffice=current_app.config["SOFFICE"],
        workers=_workers(),
        has_mail_server=mail.has_server(),
        data_dir=current_app.config["DATA_DIR"],
    )


def _workers() -> int | None:
    """None where nobody can tell."""
    try:
        return jobs.workers()
    except RedisError:
        return None
