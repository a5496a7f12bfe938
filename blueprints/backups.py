"""Backups: compiled from a selection, watched while they are made, downloaded, run again."""

from collections.abc import Callable
from functools import partial

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints.access import backup_or_404, project_or_404, user
from blueprints.backup_comparisons import comparison_of
from blueprints.backup_pages import context_of, list_of
from blueprints.invoicing import list_after, with_findings
from blueprints.rendering import go_to, page
from blueprints.serving import (
    is_continued,
    manifest_of_row,
    private,
    refuse_what_is_gone,
    send,
    send_backup,
    sends_bytes,
)
from extensions import htmx
from jobs import recovery
from jobs.backups import enqueue_compile
from models import Backup, utcnow
from services import backups, objects, recipes, retention, selection
from services.backups import downloads, places
from services.errors import AppError
from services.permissions import Action

bp = Blueprint("backups", __name__, url_prefix="/projects/<int:project_id>/backups")

#: No list is longer, and a larger number would not fit into the statement that asks for it.
LAST_PAGE = 1_000_000


@bp.get("")
@login_required
def index(project_id: int) -> ResponseReturnValue:
    project = project_or_404(project_id)
    number = min(max(1, request.args.get("page", 1, type=int)), LAST_PAGE)
    return render_template(
        "backups/index.html",
        tab="backups",
        project=project,
        **list_of(project, number),
    )


@bp.post("")
@login_required
def create(project_id: int) -> ResponseReturnValue:
    project = project_or_404(project_id, Action.COMPILE_BACKUPS)
    chosen = selection.invoice_ids(project.id, request.form, user())
    try:
        recipe = recipes.from_form(request.form, project)
        since = request.form.get("since", "")
        base = backups.addenda.numbered(project.id, since, user()) if since else None
        backup = backups.request(
            project.id,
            chosen,
            user().id,
            utcnow(),
            recipe,
            base=base,
            is_for_recipients=request.form.get("send_on") == "1",
        )
    except (recipes.RecipeRefused, backups.NothingNew, backups.NothingToFollow) as e:
        return list_after(project, request.form, chosen, refused=e)
    except backups.Blocked as e:
        return with_findings(project, request.form, e.preflight, chosen, is_refused=True), 422
    if request.form.get("keep_recipe") == "1":
        recipes.keep(project.id, recipe)
    return _start(backup)


@bp.get("/compare")
@login_required
def compare(project_id: int) -> ResponseReturnValue:
    project = project_or_404(project_id)
    asked = comparison_of(project, request.args.get("from", ""), request.args.get("to", ""))
    return render_template("backups/compare.html", **asked)


@bp.get("/<int:backup_id>")
@login_required
def show(project_id: int, backup_id: int) -> ResponseReturnValue:
    backup = backup_or_404(project_id, backup_id)
    if recovery.needs_sweep(backup, utcnow()):
        recovery.sweep_for_a_page()
    block = "mails" if htmx.target == "mails" else "progress"
    return page("backups/show.html", block=block, **context_of(backup))


@bp.get("/<int:backup_id>/file")
@login_required
def file(project_id: int, backup_id: int) -> ResponseReturnValue:
    backup = backup_or_404(project_id, backup_id)
    volume = request.args.get("volume", 1, type=int)
    found = next((each for each in backups.files_of(backup) if each.volume == volume), None)
    if found is None:
        refuse_what_is_gone(backup)
        abort(404, "This backup has no file, or its file was removed from the server’s disk.")
    is_shown = request.args.get("inline") == "1"
    answer = send_backup(found.path, found.sha256, found.size, is_shown=is_shown)
    what = f"volume {volume}" if volume > 1 else "PDF"
    return _noted(backup, answer, what, is_shown=is_shown)


@bp.get("/<int:backup_id>/originals")
@login_required
def originals(project_id: int, backup_id: int) -> ResponseReturnValue:
    backup = backup_or_404(project_id, backup_id)
    found = backups.originals_of(backup)
    if found is None:
        refuse_what_is_gone(backup)
        abort(404, "This backup has no ZIP of originals.")
    answer = send(
        found.path,
        "application/zip",
        as_attachment=True,
        download_name=found.path.name,
        etag=found.sha256,
        size=found.size,
    )
    return _noted(backup, answer, "originals")


@bp.get("/<int:backup_id>/manifest")
@login_required
def manifest(project_id: int, backup_id: int) -> ResponseReturnValue:
    backup = backup_or_404(project_id, backup_id)
    path = backups.pdf_of(backup)
    if backup.files_removed_at:
        return _noted(backup, manifest_of_row(backup), "manifest")
    if path is None or not objects.bring(places.manifest_of(path)).is_file():
        abort(404)
    path = places.manifest_of(path)
    answer = send(path, "application/json", as_attachment=True, download_name=path.name)
    return _noted(backup, answer, "manifest")


@bp.post("/<int:backup_id>/cancel")
@login_required
def cancel(project_id: int, backup_id: int) -> ResponseReturnValue:
    backup = backup_or_404(project_id, backup_id, Action.COMPILE_BACKUPS)
    backups.cancel(backup)
    return redirect(_url(backup), 303)


@bp.post("/<int:backup_id>/run-again")
@login_required
def run_again(project_id: int, backup_id: int) -> ResponseReturnValue:
    backup = backup_or_404(project_id, backup_id, Action.COMPILE_BACKUPS)
    return _follow(backup, partial(backups.run_again, backup, user().id, utcnow()))


@bp.post("/<int:backup_id>/addendum")
@login_required
def addendum(project_id: int, backup_id: int) -> ResponseReturnValue:
    backup = backup_or_404(project_id, backup_id, Action.COMPILE_BACKUPS)
    return _follow(backup, partial(backups.request_addendum, backup, user(), utcnow()))


@bp.post("/<int:backup_id>/hold")
@login_required
def hold(project_id: int, backup_id: int) -> ResponseReturnValue:
    """Hold a backup back from retention and from being deleted, or (`held=no`) release it."""
    backup = backup_or_404(project_id, backup_id, Action.COMPILE_BACKUPS)
    if request.form.get("held") == "no":
        retention.release(backup)
        flash(f"Backup {backup.number} is released: it goes when its time comes.")
    else:
        retention.hold(backup)
        flash(f"Backup {backup.number} is held back: it stays until somebody releases it.")
    return redirect(_url(backup), 303)


@bp.get("/<int:backup_id>/delete")
@login_required
def confirm_delete(project_id: int, backup_id: int) -> ResponseReturnValue:
    backup = backup_or_404(project_id, backup_id, Action.COMPILE_BACKUPS)
    return render_template("backups/delete.html", **context_of(backup))


@bp.post("/<int:backup_id>/delete")
@login_required
def delete(project_id: int, backup_id: int) -> ResponseReturnValue:
    backup = backup_or_404(project_id, backup_id, Action.COMPILE_BACKUPS)
    number = backup.number
    backups.delete(backup)
    flash(f"Backup {number} was deleted.")
    return redirect(url_for(".index", project_id=project_id), 303)


def _follow(backup: Backup, ask: Callable[[], Backup]) -> ResponseReturnValue:
    """Start what `ask` asks for after `backup`, or show why it cannot be."""
    try:
        return _start(ask())
    except backups.Blocked as e:
        context = {**context_of(backup), "preflight": e.preflight, "action": request.endpoint}
        return render_template("backups/blocked.html", **context), 422
    except AppError as e:
        return render_template("backups/show.html", **context_of(backup), refused=e), 422


def _start(backup: Backup) -> ResponseReturnValue:
    # Where the queue cannot be reached, the row waits for the next sweep, and its page says so.
    enqueue_compile(backup.id)
    return go_to(_url(backup))


def _noted(backup: Backup, answer: Response, what: str, *, is_shown: bool = False) -> Response:
    if sends_bytes(answer):
        downloads.note(backup, what, utcnow(), is_shown=is_shown, is_continued=is_continued(answer))
    return private(answer)


def _url(backup: Backup) -> str:
    return url_for(".show", project_id=backup.project_id, backup_id=backup.id)
