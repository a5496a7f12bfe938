"""The preflight of a selection, its backup, its progress and its file."""

from typing import Any

import sqlalchemy as sa
from flask import Response, url_for
from flask_smorest import Blueprint
from werkzeug.exceptions import NotFound

from blueprints.access import backup_or_404, project_or_404, user
from blueprints.api import schemas
from blueprints.api.idempotent import once
from blueprints.api.paging import Rows
from blueprints.api.problems import problem
from blueprints.api.refusals import refusing
from blueprints.api.tokens import needs
from blueprints.serving import (
    is_continued,
    manifest_of_row,
    private,
    refuse_what_is_gone,
    send,
    sends_bytes,
)
from jobs.backups import enqueue_compile
from models import Backup, Contract, Invoice, Project, db, utcnow
from services import backups, objects, preflight, recipes
from services.api_tokens import Scope
from services.backups import downloads, places
from services.errors import AppError
from services.permissions import Action

bp = Blueprint(
    "api-backups",
    __name__,
    url_prefix="/api/v1/projects/<int:project_id>",
    description="Preflight and backups",
)


class NotOfThisProject(AppError):
    """Something selected does not exist, or not for you."""


@bp.post("/preflight")
@bp.arguments(schemas.Selection)
@bp.response(200, schemas.Preflight)
@refusing(bp, 404, 422)
@needs(Scope.READ)
def check(wanted: dict[str, Any], project_id: int) -> Any:
    """What would make a reader send a backup of these invoices back"""
    project = project_or_404(project_id)
    return preflight.check(project.id, _selected(project, wanted), user())


@bp.get("/backups")
@bp.response(200, schemas.Backup(many=True))
@refusing(bp, 404)
@bp.paginate(Rows)
@needs(Scope.READ)
def index(project_id: int) -> sa.Select[Backup]:
    """The backups of a project, newest first"""
    return Backup.visible_to(user(), project_or_404(project_id).id)


@bp.post("/backups")
@once
@bp.arguments(schemas.Selection)
@bp.response(202, schemas.Backup)
@refusing(bp, 404, 422)
@needs(Scope.COMPILE)
def create(wanted: dict[str, Any], project_id: int) -> Any:
    """Compile a backup of these invoices, with the options of the project's recipe

    Blocked by preflight, nothing is queued and the findings are told. Ask for the backup until its
    status is `done`, `failed` or `cancelled`.
    """
    project = project_or_404(project_id, Action.COMPILE_BACKUPS)
    chosen = _selected(project, wanted)
    recipe = recipes.of_project(project)
    try:
        backup = backups.request(project.id, chosen, user().id, utcnow(), recipe)
    except backups.Blocked as e:
        blocking = [row.to_json() for row in e.preflight.blocking]
        said = "Nothing was queued: solve the blocking findings first."
        return problem(422, "Blocked by preflight", said, blocking=blocking)
    enqueue_compile(backup.id)
    at = url_for(".show", project_id=project_id, backup_id=backup.id)
    return backup, 202, {"Location": at}


@bp.get("/backups/<int:backup_id>")
@bp.response(200, schemas.Backup)
@refusing(bp, 404)
@needs(Scope.READ)
def show(project_id: int, backup_id: int) -> Any:
    """A backup and how far it is"""
    return backup_or_404(project_id, backup_id)


@bp.get("/backups/<int:backup_id>/file")
@bp.arguments(schemas.BackupFile, location="query")
@bp.response(200, content_type="application/pdf")
@refusing(bp, 404, 410)
@needs(Scope.READ)
def file(wanted: dict[str, Any], project_id: int, backup_id: int) -> Response:
    """The PDF of a finished backup; takes `Range`, so a broken download can be resumed"""
    backup = backup_or_404(project_id, backup_id)
    files = backups.files_of(backup)
    found = next((each for each in files if each.volume == wanted["volume"]), None)
    if found is None:
        refuse_what_is_gone(backup)
        raise NotFound("This backup has no such file.")
    answer = private(
        send(
            found.path,
            "application/pdf",
            as_attachment=True,
            download_name=found.path.name,
            etag=found.sha256,
            size=found.size,
        )
    )
    if sends_bytes(answer):
        what = f"volume {found.volume}" if found.volume > 1 else "PDF"
        downloads.note(backup, what, utcnow(), is_continued=is_continued(answer))
    return answer


@bp.get("/backups/<int:backup_id>/manifest")
@bp.response(200, content_type="application/json")
@refusing(bp, 404)
@needs(Scope.READ)
def manifest(project_id: int, backup_id: int) -> Response:
    """The manifest of a finished backup: every document, its pages and its SHA-256"""
    backup = backup_or_404(project_id, backup_id)
    if backup.files_removed_at:
        return private(manifest_of_row(backup))
    path = backups.pdf_of(backup)
    if path is None or not objects.bring(places.manifest_of(path)).is_file():
        raise NotFound("This backup has no manifest.")
    return private(send(places.manifest_of(path), "application/json"))


def _selected(project: Project, wanted: dict[str, Any]) -> list[int]:
    """The ids of the invoices meant. Raises NotOfThisProject for what is not there."""
    visible = Contract.ids_visible_to(user(), project.id)
    rows = db.session.execute(
        sa.select(Invoice.id, Contract.number)
        .join(Invoice.contract)
        .where(Invoice.contract_id.in_(visible))
        .order_by(Invoice.id)
    ).all()
    ids, numbers = {row.id for row in rows}, set(db.session.scalars(_numbers(visible)))
    for invoice_id in wanted["invoices"]:
        if invoice_id not in ids:
            raise NotOfThisProject(f"This project has no invoice {invoice_id}.")
    for number in wanted["contracts"]:
        if number not in numbers:
            raise NotOfThisProject(f"This project has no contract {number}.")
    by_id, by_number = set(wanted["invoices"]), set(wanted["contracts"])
    return [row.id for row in rows if wanted["all"] or row.id in by_id or row.number in by_number]


def _numbers(visible: sa.Select[Any]) -> sa.Select[Any]:
    return sa.select(Contract.number).where(Contract.id.in_(visible))
