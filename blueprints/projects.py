"""The list of projects: the first page after signing in."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

import demo
from blueprints.access import user
from models import Project, User, db

bp = Blueprint("projects", __name__)


@bp.get("/")
def home() -> ResponseReturnValue:
    return redirect(url_for(".index" if User.exist() else "auth.setup"), 303)


@bp.get("/projects")
@login_required
def index() -> ResponseReturnValue:
    projects = db.session.scalars(Project.visible_to(user())).all()
    lacks_demo = all(project.number != demo.NUMBER for project in projects)
    return render_template("projects/index.html", projects=projects, lacks_demo=lacks_demo)
