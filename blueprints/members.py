"""The members of a project."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints.access import project_or_404
from models import Access, Membership, Project, User, db
from services import members
from services.members import MemberRefused
from services.permissions import Action

bp = Blueprint("members", __name__, url_prefix="/projects/<int:project_id>/members")


@bp.get("")
@login_required
def index(project_id: int) -> ResponseReturnValue:
    return _page(project_or_404(project_id, Action.MANAGE_MEMBERS))


@bp.post("")
@login_required
def add(project_id: int) -> ResponseReturnValue:
    project = project_or_404(project_id, Action.MANAGE_MEMBERS)
    form = request.form
    try:
        user = members.add(project.id, form.get("email", ""), form.get("access", ""))
    except MemberRefused as e:
        return _page(project, error=e, form=form), 422
    flash(f"{user.name} is a member of this project.")
    return _back(project_id)


@bp.post("/<int:user_id>")
@login_required
def change(project_id: int, user_id: int) -> ResponseReturnValue:
    project = project_or_404(project_id, Action.MANAGE_MEMBERS)
    try:
        members.change(_membership_or_404(project_id, user_id), request.form.get("access", ""))
    except MemberRefused as e:
        return _page(project, error=e), 422
    flash(f"{_name(user_id)}: the access is changed.")
    return _back(project_id)


@bp.post("/<int:user_id>/remove")
@login_required
def remove(project_id: int, user_id: int) -> ResponseReturnValue:
    project_or_404(project_id, Action.MANAGE_MEMBERS)
    members.remove(_membership_or_404(project_id, user_id))
    flash(f"{_name(user_id)} is no longer a member of this project.")
    return _back(project_id)


def _membership_or_404(project_id: int, user_id: int) -> Membership:
    return db.session.get(Membership, (user_id, project_id)) or abort(404)


def _name(user_id: int) -> str:
    return db.session.get_one(User, user_id).name


def _back(project_id: int) -> ResponseReturnValue:
    return redirect(url_for(".index", project_id=project_id), 303)


def _page(project: Project, **state: Any) -> str:
    return render_template(
        "members/index.html",
        tab="members",
        project=project,
        members=members.of_project(project.id),
        administrators=members.administrators(),
        accesses=list(Access),
        **state,
    )
