"""For supervisors, load balancers and monitors: no names, no paths, no versions."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from services.system.readiness import readiness

bp = Blueprint("health", __name__)


@bp.get("/health/live")
@bp.get("/healthz")
def live() -> ResponseReturnValue:
    """The supervisor asks this to learn that the web server answers."""
    return "ok\n", 200, {"Content-Type": "text/plain"}


@bp.get("/health/ready")
def ready() -> ResponseReturnValue:
    """Whether requests can be served: 503 while database, data folder or the store of files, where
    there is one, cannot be used."""
    found = readiness()
    words = {name: "ok" if is_usable else "failed" for name, is_usable in found.items()}
    return jsonify(words), 200 if all(found.values()) else 503
