"""The Settings tab of a project."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints.access import project_or_404
from blueprints.point_of_view import speak_of
from models import Installation, Project
from services import dictionaries
from services.dictionaries import UnknownDictionary
from services.permissions import Action

bp = Blueprint("project_settings", __name__, url_prefix="/projects/<int:project_id>/settings")


@bp.get("")
@login_required
def show(project_id: int) -> ResponseReturnValue:
    return _page(project_or_404(project_id, Action.CONFIGURE))


@bp.post("/dictionary")
@login_required
def choose_dictionary(project_id: int) -> ResponseReturnValue:
    project = project_or_404(project_id, Action.CONFIGURE)
    try:
        dictionaries.choose_for_project(project, request.form.get("dictionary", ""))
    except UnknownDictionary as e:
        return _page(project, error=e), 422
    speak_of(project)
    flash("The words of the project are saved. Backups from now on speak so.")
    return redirect(url_for(".show", project_id=project_id), 303)


def _page(project: Project, error: UnknownDictionary | None = None) -> str:
    return render_template(
        "project_settings/show.html",
        tab="settings",
        project=project,
        company=Installation.default_dictionary(),
        error=error,
    )
