"""Failures as pages: what happened, in a sentence, and the way back."""

import errno
import sqlite3

import sqlalchemy as sa
from flask import Blueprint, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from blueprints.api.problems import is_for_programs, problem
from blueprints.rendering import wants_fragment
from models import db
from models.base import begin_deferred
from models.failures import is_away, is_busy, reason
from services.errors import AppError
from services.objects import StoreDamaged, StoreUnreachable

bp = Blueprint("errors", __name__)

SENTENCES = {
    403: "You may look at this, but not change it.",
    404: "There is nothing here, or nothing that you may see.",
    405: "This address does not take that kind of request.",
    410: "This was here, and was removed.",
    413: "The upload is larger than this server accepts.",
    500: "Something went wrong on our side. It has been noted in the log.",
}
TOO_LARGE = "A text is longer, or a number larger, than can be kept. Nothing was changed."


DISK_FULL = (
    "The disk of the server is full, so nothing of this was saved. Whoever runs Drawpack must make "
    "room on it; then try again."
)
DISK_BROKEN = (
    "The disk of the server cannot be written to, so nothing of this was saved. Whoever runs "
    "Drawpack must look at it; what is there can be read meanwhile."
)


@bp.app_errorhandler(AppError)
def refused(error: AppError) -> ResponseReturnValue:
    return _answer(422, "Not done", str(error))


@bp.app_errorhandler(StoreUnreachable)
def unreachable(error: StoreUnreachable) -> ResponseReturnValue:
    return _answer(503, "Not now", f"{error} Nothing was lost; try again in a moment.")


@bp.app_errorhandler(StoreDamaged)
def damaged(error: StoreDamaged) -> ResponseReturnValue:
    return _answer(502, "Damaged", str(error))


@bp.app_errorhandler(CSRFError)
def forged(_: CSRFError) -> ResponseReturnValue:
    sentence = (
        "This page was open for too long, so nothing was saved. Go back, reload it and try again."
    )
    answer = make_response(_answer(400, "Page expired", sentence))
    # A page with JavaScript goes on in the session that there is now (session.js).
    answer.headers["X-Page-Expired"] = "1"
    return answer


@bp.app_errorhandler(OSError)
def disk(error: OSError) -> ResponseReturnValue:
    """Nothing can be written: what was asked for was not done, and who runs the server must act."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return _answer(507, "Disk full", DISK_FULL)
    if error.errno in {errno.EROFS, errno.EIO}:
        return _answer(503, "Disk not writable", DISK_BROKEN)
    raise error


def _of_disk(code: int) -> ResponseReturnValue | None:
    """The answer where SQLite says that its disk is full or cannot be written to."""
    if code == sqlite3.SQLITE_FULL:
        return _answer(507, "Disk full", DISK_FULL)
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}:
        current_app.logger.error("the disk of the database cannot be written to")
        return _answer(503, "Disk not writable", DISK_BROKEN)
    return None


@bp.app_errorhandler(sa.exc.DBAPIError)
@bp.app_errorhandler(sa.exc.TimeoutError)
def not_now(error: sa.exc.SQLAlchemyError) -> ResponseReturnValue:
    """Another writer, such as a large import, held the database for longer than anybody waits, or
    a database server is away."""
    if answer := _of_disk(getattr(getattr(error, "orig", None), "sqlite_errorcode", 0) & 0xFF):
        return answer
    if is_away(error):
        current_app.logger.warning("the database is away: %s", reason(error))
        return _without_database()
    if isinstance(error, sa.exc.DataError):
        # SQLite keeps what is longer than its column; every form has a limit of its own before.
        current_app.logger.error("a value does not fit its column: %s", reason(error))
        return _answer(422, "Not done", TOO_LARGE)
    if not is_busy(error):
        raise error
    return _answer(
        503,
        "Busy",
        "Something large is being saved, such as an import. Nothing of yours was changed; try "
        "again in a moment.",
    )


@bp.app_errorhandler(HTTPException)
def http(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    own = error.description if error.description != type(error).description else None
    sentence = own or SENTENCES.get(code) or str(error.description)
    return _answer(code, error.name.capitalize(), sentence, error)


def _without_database() -> ResponseReturnValue:
    """The usual page asks who is signed in, and which words they prefer."""
    db.session.rollback()
    title = "The database cannot be reached"
    is_looking = request.method in {"GET", "HEAD"}
    # Where a connection was lost at the commit, nobody knows what came of it.
    sentence = "Try again in a moment."
    if not is_looking:
        sentence = "Before you send it again, look whether it was saved."
    if is_for_programs():
        return _problem(503, title, sentence, None)
    # Past what every other template is given, which comes out of the database.
    environment = current_app.jinja_env
    if wants_fragment():
        message = environment.get_template("errors/_message.html")
        return message.render(sentence=f"{title}. {sentence}", code=503), 503
    here = request.url if is_looking else url_for("projects.index")
    page = environment.get_template("errors/away.html")
    label = "Try again" if is_looking else "To the projects"
    return page.render(title=title, sentence=sentence, here=here, label=label), 503


def _answer(
    code: int, title: str, sentence: str, error: HTTPException | None = None
) -> ResponseReturnValue:
    # What failed is undone, and its page only reads: it must not fail or wait for the same reason.
    db.session.rollback()
    begin_deferred()
    if is_for_programs():
        return _problem(code, title, sentence, error)
    if wants_fragment():
        # A 422 swaps into the target; other codes are shown in the page's message area (app.js).
        return render_template("errors/_message.html", sentence=sentence, code=code), code
    current_app.logger.debug("answering %s: %s", code, sentence)
    return render_template("errors/show.html", title=title, sentence=sentence, code=code), code


def _problem(
    code: int, title: str, sentence: str, error: HTTPException | None
) -> ResponseReturnValue:
    """For programs: with what is wrong field by field, and the headers that the error brings."""
    # What flask-smorest found wrong with the request, by place and field.
    found = getattr(error, "data", None) or {}
    more = {"errors": found["messages"]} if "messages" in found else {}
    answer = problem(code, title, "The request is not valid." if more else sentence, **more)
    for name, value in error.get_headers() if error else ():
        if name.lower() not in {"content-type", "content-length"}:
            answer.headers[name] = value
    return answer
