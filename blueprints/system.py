"""What this installation has and lacks, and everything out of it, for administrators."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from redis.exceptions import RedisError

from blueprints.access import administrator_required, user
from blueprints.rendering import page
from blueprints.serving import send_own, sends_bytes
from jobs import installation, is_under_way
from models import db, utcnow
from services import audit, mail, objects
from services.system import handout
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
        "system/show.html",
        results=results,
        worst=worst(results),
        counts=counts,
        now=now,
        has_mail_server=mail.has_server(),
        **_exports(),
    )


@bp.get("/export")
@administrator_required
def exports() -> ResponseReturnValue:
    """Exports of everything: those that are there, and one that is being written."""
    return page("system/exports.html", block="exports", **_exports())


@bp.post("/export")
@administrator_required
def export() -> ResponseReturnValue:
    with_pdfs = request.form.get("with_pdfs") == "yes"
    me = user().id
    # Commit, then enqueue: nothing is to be committed here, but the job must not wait for us.
    db.session.rollback()
    if _is_exporting() or installation.enqueue_export(me, with_pdfs=with_pdfs):
        return redirect(url_for(".exports"), 303)
    return page("system/exports.html", block=None, is_refused=True, **_exports()), 503


@bp.get("/export/<name>")
@administrator_required
def export_file(name: str) -> ResponseReturnValue:
    path = handout.path_of(name) or abort(404)
    answer = send_own(path, path.name, "application/zip", is_download=True)
    if sends_bytes(answer):
        audit.note("system.export_fetched", detail={"file": path.name})
    return answer


@bp.post("/export/<name>/delete")
@administrator_required
def delete_export(name: str) -> ResponseReturnValue:
    path = handout.path_of(name) or abort(404)
    path.unlink(missing_ok=True)
    objects.drop(path)
    flash("The export was removed from the server.")
    return redirect(url_for(".exports"), 303)


def _exports() -> dict[str, Any]:
    return {
        "handouts": handout.ready(),
        "is_exporting": _is_exporting(),
        "last": handout.last_word(),
        "kept_for": handout.KEPT_FOR.days,
    }


def _is_exporting() -> bool:
    try:
        return is_under_way(installation.export_job_id())
    except RedisError:
        return False
