"""The list of projects, the first page after signing in; creating, changing, archiving one."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

import demo
from blueprints.access import administrator_required, project_or_404, user
from jobs.drawings import enqueue_draws
from models import Dictionary, Project, User, db, utcnow
from services import projects
from services.forms import FormRefused
from services.permissions import Action

bp = Blueprint("projects", __name__)


@bp.get("/")
def home() -> ResponseReturnValue:
    return redirect(url_for(".index" if User.exist() else "auth.setup"), 303)


@bp.get("/projects")
@login_required
def index() -> ResponseReturnValue:
    """`?archived=1` lists those that are archived."""
    archived = bool(request.args.get("archived"))
    return render_template(
        "projects/index.html",
        projects=projects.listing(user(), archived=archived),
        is_archive=archived,
        archived=projects.count_archived(user()),
        lacks_demo=db.session.scalar(Project.numbered(demo.NUMBER)) is None,
    )


@bp.get("/projects/new")
@administrator_required
def new() -> ResponseReturnValue:
    return _form(None, {})


@bp.post("/projects")
@administrator_required
def create() -> ResponseReturnValue:
    try:
        project = projects.create(request.form)
    except FormRefused as e:
        return _form(None, request.form, error=e, errors=e.errors), 422
    flash(f"{project.name} is created. Its contracts are next.")
    return redirect(url_for("contracts.index", project_id=project.id), 303)


@bp.get("/projects/<int:project_id>/edit")
@login_required
def edit(project_id: int) -> ResponseReturnValue:
    project = project_or_404(project_id, Action.CONFIGURE)
    return _form(project, projects.shown(project))


@bp.post("/projects/<int:project_id>")
@login_required
def update(project_id: int) -> ResponseReturnValue:
    project = project_or_404(project_id, Action.CONFIGURE)
    try:
        touched = projects.update(project, request.form)
    except FormRefused as e:
        return _form(project, request.form, error=e, errors=e.errors), 422
    enqueue_draws(touched)
    flash("The project is saved.")
    return redirect(url_for("project_settings.show", project_id=project_id), 303)


@bp.post("/projects/<int:project_id>/archive")
@login_required
def archive(project_id: int) -> ResponseReturnValue:
    project = project_or_404(project_id, Action.CONFIGURE)
    projects.archive(project, utcnow())
    flash(f"{project.name} is archived. It can be read, but not changed.")
    return redirect(url_for(".index"), 303)


@bp.post("/projects/<int:project_id>/bring-back")
@login_required
def bring_back(project_id: int) -> ResponseReturnValue:
    project = project_or_404(project_id, Action.CONFIGURE, even_archived=True)
    projects.bring_back(project)
    flash(f"{project.name} is back.")
    return redirect(url_for("invoicing.show", project_id=project_id), 303)


def _form(project: Project | None, values: Mapping[str, str], **state: Any) -> str:
    return render_template(
        "projects/edit.html",
        tab="settings",
        project=project,
        values=values,
        timezones=projects.timezones(),
        dictionaries=list(Dictionary),
        **state,
    )
