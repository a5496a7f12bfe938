"""The first administrator, signing in and out."""

from urllib.parse import urlsplit

from flask import (
    Blueprint,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from flask_wtf.csrf import generate_csrf

from blueprints import sessions
from blueprints.access import user as signed_in
from blueprints.clients import client
from blueprints.rendering import go_to, too_many, wants_fragment
from extensions import htmx, login_manager
from models import SignInState, User, db, utcnow
from services import users
from services.invitations import LinkExpired
from services.sign_in import second_factors
from services.sign_in import sessions as sign_in_sessions
from services.sign_in.second_factors import CodeRefused
from services.throttle import TooManyTries
from services.users import AccountRefused
from services.vault import VaultClosed

bp = Blueprint("auth", __name__)


login_manager.user_loader(sessions.load)


@login_manager.unauthorized_handler
def ask_who_it_is() -> ResponseReturnValue:
    """To the sign-in page and back: the whole page, also when htmx asked for a part of it."""
    if g.get("must_enrol"):
        return go_to(url_for("two_factor.show"))
    # What was posted is gone after signing in, and its address takes no GET.
    is_lost = not wants_fragment() and request.method != "GET"
    target = htmx.current_url if wants_fragment() else not is_lost and request.url
    here = urlsplit(target or "")._replace(scheme="", netloc="").geturl()
    return go_to(url_for("auth.sign_in", next=here or None, lost=1 if is_lost else None))


@bp.get("/session")
@login_required
def show_session() -> ResponseReturnValue:
    """The token that the forms of an open page need now: whoever signed in again has another. Not
    for a page of somebody else (`?user=`): what one has typed must not be saved as another's."""
    if request.args.get("user", type=int) != signed_in().id:
        return {}, 409, {"Cache-Control": "no-store"}
    return {"csrf_token": generate_csrf()}, 200, {"Cache-Control": "no-store"}


@bp.get("/setup")
def setup() -> ResponseReturnValue:
    if User.exist():
        return redirect(url_for(".sign_in"), 303)
    return render_template("auth/setup.html")


@bp.post("/setup")
def create_first() -> ResponseReturnValue:
    form = request.form
    try:
        user = users.create_first_administrator(
            form["key"], form["email"], form["name"], form["password"]
        )
    except AccountRefused as e:
        return render_template("auth/setup.html", error=e, form=form), 422
    sessions.enter(user, "setup key")
    return redirect(url_for("projects.index"), 303)


@bp.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    if not User.exist():
        return redirect(url_for(".setup"), 303)
    if current_user.is_authenticated:
        return redirect(next_page(), 303)
    return render_template("auth/sign_in.html")


@bp.post("/sign-in")
def start_session() -> ResponseReturnValue:
    form = request.form
    if not current_app.config["PASSWORD_SIGN_IN"]:
        return render_template("auth/sign_in.html", error="Passwords are switched off here."), 403
    try:
        user = users.sign_in(form["email"], form["password"], client(), utcnow())
    except TooManyTries as e:
        return too_many("auth/sign_in.html", e, error=e, form=form)
    if user is None:
        error = "This e-mail address and password do not belong together."
        return render_template("auth/sign_in.html", error=error, form=form), 422
    return sessions.go_on(user, next_page(), "password")


@bp.get("/sign-in/code")
def ask_code() -> ResponseReturnValue:
    if _half() is None:
        return redirect(url_for(".sign_in"), 303)
    return render_template("auth/code.html")


@bp.post("/sign-in/code")
def check_code() -> ResponseReturnValue:
    user_id, token = _half(), session.get("half", "")
    if user_id is None:
        flash("That took too long. Sign in again.")
        return redirect(url_for(".sign_in"), 303)
    try:
        second_factors.check(user_id, request.form.get("code", "")[:100], utcnow())
    except TooManyTries as e:
        return too_many("auth/code.html", e, error=e)
    except (CodeRefused, VaultClosed) as e:
        return render_template("auth/code.html", error=e), 422
    if sign_in_sessions.use(token, SignInState.NEEDS_CODE, utcnow()) is None:
        return redirect(url_for(".sign_in"), 303)
    target, by = session.get("target", url_for("projects.index")), session.get("by", "")
    sessions.enter(db.session.get_one(User, user_id), f"{by} and second factor")
    return redirect(target, 303)


@bp.get("/sign-in/link/<token>")
def show_link(token: str) -> ResponseReturnValue:
    """A button, since programs that look at links in advance would use it up."""
    if sign_in_sessions.waiting(token, SignInState.LINK, utcnow()) is None:
        return render_template("account/dead_link.html", sentence=str(LinkExpired())), 404
    response = make_response(render_template("auth/link.html", token=token))
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@bp.post("/sign-in/link/<token>")
def use_link(token: str) -> ResponseReturnValue:
    user_id = sign_in_sessions.use(token, SignInState.LINK, utcnow())
    if user_id is None:
        return render_template("account/dead_link.html", sentence=str(LinkExpired())), 404
    return sessions.go_on(db.session.get_one(User, user_id), url_for("projects.index"), "link")


def _half() -> int | None:
    """Who has shown the first of two proofs in this browser."""
    token = session.get("half")
    if not isinstance(token, str):
        return None
    return sign_in_sessions.waiting(token, SignInState.NEEDS_CODE, utcnow())


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    if current_user.is_authenticated:
        users.sign_out(signed_in())
    sessions.leave()
    answer = redirect(url_for(".sign_in"), 303)
    # The back button shows no page of who was here before.
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def next_page() -> str:
    """Where the visitor was going, but never to another site."""
    target = request.args.get("next", "")
    return target if is_own_address(target) else url_for("projects.index")


def is_own_address(target: str) -> bool:
    """Whether a browser that is sent there stays on this site, however it reads the text."""
    parts = urlsplit(target)
    starts_well = target.startswith("/") and not target.startswith(("//", "/\\"))
    is_plain = all(" " < char < "\x7f" and char != "\\" for char in target)
    return starts_well and is_plain and not parts.netloc and not parts.scheme
