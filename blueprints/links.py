"""Links to a backup that are passed on: the page behind one, the file, and making and revoking."""

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from blueprints.access import backup_link_or_404, backup_or_404
from blueprints.auth import ask_who_it_is
from blueprints.point_of_view import speak_of
from blueprints.serving import is_continued, refuse_what_is_gone, send_backup, sends_bytes
from models import Backup, BackupLink, utcnow
from services import backups
from services.backups import downloads
from services.delivery import links
from services.permissions import Action

bp = Blueprint("links", __name__)
_OF_BACKUP = "/projects/<int:project_id>/backups/<int:backup_id>/links"


@bp.get("/b/<token>")
def show(token: str) -> ResponseReturnValue:
    """The facts and the way to the file. Looking at it uses nothing up: mail scanners do."""
    link = _good(token)
    if _asks_to_sign_in(link):
        return _sign_in_first()
    backup = _visible(link)
    # Whoever has the link reads the words of the project.
    speak_of(backup.project)
    wanted = request.args.get("volume", type=int)
    answer = make_response(
        render_template(
            "links/show.html",
            token=token,
            link=link,
            backup=backup,
            chosen=backups.frozen_request(backup),
            project=backup.project,
            files=backups.files_of(backup),
            wanted=wanted,
        )
    )
    return _secret(answer)


@bp.get("/b/<token>/file")
def file(token: str) -> ResponseReturnValue:
    """`?volume=` of several. Ranges and resumption work: the file never changes under its tag."""
    link = _good(token)
    if _asks_to_sign_in(link):
        return _sign_in_first()
    backup = _visible(link)
    volume = request.args.get("volume", 1, type=int)
    found = next((each for each in backups.files_of(backup) if each.volume == volume), None)
    if found is None:
        refuse_what_is_gone(backup)
        abort(404)
    answer = send_backup(found.path, found.sha256, found.size)
    if sends_bytes(answer):
        what = f"volume {volume}" if volume > 1 else "PDF"
        downloads.note(
            backup,
            what,
            utcnow(),
            is_continued=is_continued(answer),
            link=link,
            link_for=link.email or "anybody it was passed on to",
        )
    return _secret(answer)


@bp.post(_OF_BACKUP)
@login_required
def create(project_id: int, backup_id: int) -> ResponseReturnValue:
    backup = backup_or_404(project_id, backup_id, Action.COMPILE_BACKUPS)
    if not backups.files_of(backup):
        abort(404, "This backup has no file to link to.")
    links.create(backup, utcnow())
    flash("There is a new link; copy it below.")
    return _back(project_id, backup_id)


@bp.post(f"{_OF_BACKUP}/<int:link_id>/revoke")
@login_required
def revoke(project_id: int, backup_id: int, link_id: int) -> ResponseReturnValue:
    link = backup_link_or_404(project_id, backup_id, link_id, Action.COMPILE_BACKUPS)
    links.revoke(link, utcnow())
    flash("The link is revoked: it leads nowhere from now on.")
    return _back(project_id, backup_id)


def _good(token: str) -> BackupLink:
    """Unknown, expired and revoked look alike, and say nothing of any project."""
    return links.find(token, utcnow()) or abort(404)


def _asks_to_sign_in(link: BackupLink) -> bool:
    return not (link.is_public or current_user.is_authenticated)


def _sign_in_first() -> ResponseReturnValue:
    answer: ResponseReturnValue = ask_who_it_is()
    return answer


def _visible(link: BackupLink) -> Backup:
    """A link that is not for anyone opens only what its reader may see anyway."""
    if link.is_public:
        return link.backup
    return backup_or_404(link.backup.project_id, link.backup_id)


def _secret(answer: Response) -> Response:
    """Its address opens the file: nothing may keep it or pass it on."""
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    if not answer.headers.get("ETag"):
        answer.headers["Cache-Control"] = "no-store"
    return answer


def _back(project_id: int, backup_id: int) -> ResponseReturnValue:
    page = url_for("backups.show", project_id=project_id, backup_id=backup_id)
    return redirect(f"{page}#links", 303)
