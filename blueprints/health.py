from flask import Blueprint
from flask.typing import ResponseReturnValue

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def live() -> ResponseReturnValue:
    """The supervisor asks this to learn that the web server answers."""
    return "ok\n", 200, {"Content-Type": "text/plain"}
