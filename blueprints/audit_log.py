"""The audit log: of the installation for administrators, of a project for its own."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    Response,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints.access import administrator_required, project_or_404
from blueprints.serving import private
from models import Project, utcnow
from services import audit, files
from services.audit import reading
from services.audit.reading import PAGE_SIZE, AuditFilters, BadFilter
from services.permissions import Action

bp = Blueprint("audit_log", __name__)
bp.add_app_template_filter(audit.in_words, "audit_words")
bp.add_app_template_filter(reading.detail_words, "detail_words")

UTC = ZoneInfo("UTC")
_FILTERS = ("project", "person", "action", "from", "to")


@bp.get("/audit")
@administrator_required
def index() -> ResponseReturnValue:
    return _page("audit/index.html", None)


@bp.get("/audit.csv")
@administrator_required
def as_csv() -> ResponseReturnValue:
    return _csv(None)


@bp.get("/projects/<int:project_id>/audit")
@login_required
def of_project(project_id: int) -> ResponseReturnValue:
    return _page("audit/of_project.html", project_or_404(project_id, Action.CONFIGURE))


@bp.get("/projects/<int:project_id>/audit.csv")
@login_required
def of_project_as_csv(project_id: int) -> ResponseReturnValue:
    return _csv(project_or_404(project_id, Action.CONFIGURE))


def _page(template: str, project: Project | None) -> ResponseReturnValue:
    """`?before=` is the entry below which a further page begins."""
    error, filters = None, AuditFilters()
    try:
        filters = AuditFilters.from_values(request.args)
    except BadFilter as e:
        error = e
    zone = project.zone if project else UTC
    before = request.args.get("before", type=int)
    if before is not None and not 0 < before < 1 << 62:
        before = None
    rows = reading.older_than(filters.select(zone, project), before)
    context: dict[str, Any] = {
        "project": project,
        "tab": "audit",
        "zone": zone,
        "rows": rows[:PAGE_SIZE],
        "links": _links(project, rows[PAGE_SIZE - 1].id if len(rows) > PAGE_SIZE else None),
        "is_newest": before is None,
        "choices": reading.choices(project),
        "asked": _asked(),
        "error": error,
    }
    return render_template(template, **context), 422 if error else 200


def _asked() -> dict[str, str]:
    return {name: request.args[name] for name in _FILTERS if request.args.get(name)}


def _links(project: Project | None, older: int | None) -> dict[str, str]:
    """Addresses with the same filters; "older" only where there is more."""
    page, table = (".of_project", ".of_project_as_csv") if project else (".index", ".as_csv")
    where: dict[str, Any] = {"project_id": project.id} if project else {}
    same = where | _asked()
    links = {
        "all": url_for(page, **where),
        "newest": url_for(page, **same),
        "csv": url_for(table, **same),
    }
    return links | ({"older": url_for(page, **same, before=older)} if older else {})


def _csv(project: Project | None) -> Response:
    zone = project.zone if project else UTC
    query = AuditFilters.from_values(request.args).select(zone, project)
    place = f" - {project.number}" if project else ""
    name = files.clean_name(f"Audit log{place} - {utcnow().astimezone(zone):%Y-%m-%d}.csv")
    audit.note("audit.exported", project=project and project.id)
    answer = Response(stream_with_context(reading.as_csv(query)), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return private(answer)
