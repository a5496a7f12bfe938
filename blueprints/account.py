"""One's own account, and the links by mail that open one."""

from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints import sessions
from blueprints.access import user
from blueprints.clients import client
from blueprints.rendering import too_many
from jobs.waiting_mail import enqueue_password_reset
from models import Purpose, utcnow
from services import account_tokens, dictionaries, invitations, password_resets, users
from services.dictionaries import UnknownDictionary
from services.invitations import LinkExpired
from services.sign_in import browsers, second_factors
from services.sign_in import sessions as sign_in_sessions
from services.throttle import TooManyTries
from services.users import AccountRefused

bp = Blueprint("account", __name__)


@bp.get("/account")
@login_required
def show() -> ResponseReturnValue:
    return _page()


@bp.post("/account/name")
@login_required
def rename() -> ResponseReturnValue:
    try:
        users.rename(user(), request.form.get("name", ""))
    except AccountRefused as e:
        return _page(name_error=e), 422
    flash("Your name is changed.")
    return redirect(url_for(".show"), 303)


@bp.post("/account/dictionary")
@login_required
def choose_dictionary() -> ResponseReturnValue:
    """The words of the pages for who is signed in."""
    try:
        dictionaries.choose_for_user(user(), request.form.get("dictionary", ""))
    except UnknownDictionary as e:
        return _page(dictionary_error=e), 422
    flash("Your pages speak as you chose.")
    return redirect(url_for(".show"), 303)


@bp.post("/account/password")
@login_required
def change_password() -> ResponseReturnValue:
    _need_passwords()
    form = request.form
    try:
        users.change_password(user(), form.get("current", ""), form.get("password", ""), utcnow())
    except TooManyTries as e:
        return too_many("account/show.html", e, password_error=e, **_facts())
    except AccountRefused as e:
        return _page(password_error=e), 422
    sessions.begin(user())
    flash("Your password is changed. Everywhere else you must sign in again.")
    return redirect(url_for(".show"), 303)


@bp.post("/account/sessions/end")
@login_required
def end_sessions() -> ResponseReturnValue:
    users.end_sessions(user())
    sessions.begin(user())
    flash("You are signed in here and nowhere else.")
    return redirect(url_for(".show"), 303)


@bp.post("/account/sessions/<int:sign_in_id>/end")
@login_required
def end_session(sign_in_id: int) -> ResponseReturnValue:
    if not sign_in_sessions.end_one(user(), sign_in_id):
        abort(404)
    flash("That browser is signed out.")
    return redirect(url_for(".show"), 303)


@bp.get("/invitation/<token>")
def invitation(token: str) -> ResponseReturnValue:
    invited = account_tokens.owner(token, Purpose.INVITATION, utcnow())
    if invited is None:
        return _dead_link()
    return _unkept(render_template("account/invitation.html", invited=invited))


@bp.post("/invitation/<token>")
def accept(token: str) -> ResponseReturnValue:
    _need_passwords()
    form = request.form
    try:
        joined = invitations.accept(token, form.get("name", ""), form.get("password", ""), utcnow())
    except LinkExpired:
        return _dead_link()
    except AccountRefused as e:
        invited = account_tokens.owner(token, Purpose.INVITATION, utcnow())
        return _unkept(
            render_template("account/invitation.html", invited=invited, error=e, form=form), 422
        )
    sessions.enter(joined, "invitation")
    return redirect(url_for("projects.index"), 303)


@bp.get("/password-reset")
def forgot_password() -> ResponseReturnValue:
    _need_passwords()
    return render_template("account/forgot_password.html")


@bp.post("/password-reset")
def ask_for_reset() -> ResponseReturnValue:
    """The same answer, in the same time, whether or not there is such an account."""
    _need_passwords()
    email = request.form.get("email", "").strip()[:254]
    try:
        if password_resets.may_ask(email, client(), utcnow()):
            enqueue_password_reset(email)
    except TooManyTries as e:
        return too_many("account/forgot_password.html", e, error=e, form=request.form)
    return render_template("account/forgot_password.html", asked=email)


@bp.get("/password-reset/<token>")
def choose_password(token: str) -> ResponseReturnValue:
    _need_passwords()
    owner = account_tokens.owner(token, Purpose.PASSWORD_RESET, utcnow())
    if owner is None:
        return _dead_link()
    return _unkept(render_template("account/choose_password.html", owner=owner))


@bp.post("/password-reset/<token>")
def reset_password(token: str) -> ResponseReturnValue:
    _need_passwords()
    try:
        password_resets.reset(token, request.form.get("password", ""), utcnow())
    except LinkExpired:
        return _dead_link()
    except AccountRefused as e:
        owner = account_tokens.owner(token, Purpose.PASSWORD_RESET, utcnow())
        return _unkept(render_template("account/choose_password.html", owner=owner, error=e), 422)
    flash("Your password is changed. Sign in with it.")
    return redirect(url_for("auth.sign_in"), 303)


def _need_passwords() -> None:
    """These addresses do not exist where people sign in through a provider only."""
    if not current_app.config["PASSWORD_SIGN_IN"]:
        abort(404)


def _page(**state: Any) -> str:
    return render_template("account/show.html", **_facts(), **state)


def _facts() -> dict[str, Any]:
    lifetime = current_app.config["SESSION_LIFETIME"]
    return {
        "sessions": [
            (row, browsers.in_words(row.browser))
            for row in sign_in_sessions.of_user(user(), utcnow(), lifetime)
        ],
        "this_session": g.get("sign_in_id"),
        "has_second_factor": second_factors.is_on(user().id),
    }


def _dead_link() -> ResponseReturnValue:
    return render_template("account/dead_link.html", sentence=str(LinkExpired())), 404


def _unkept(*answer: Any) -> Response:
    """Not kept by any cache: the address of this page is a secret."""
    response = make_response(*answer)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
