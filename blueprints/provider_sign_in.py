"""Signing in through the provider of the settings: there, and back."""

from flask import (
    Blueprint,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue

from blueprints import sessions
from blueprints.auth import next_page
from blueprints.clients import client
from blueprints.rendering import too_many
from models import utcnow
from services.sign_in import identities, provider
from services.sign_in.identities import NotLetIn, VisitOver
from services.sign_in.provider import ProviderFailed
from services.throttle import TooManyTries
from settings import Provider

bp = Blueprint("provider_sign_in", __name__, url_prefix="/sign-in/provider")


@bp.get("")
def begin() -> ResponseReturnValue:
    """A link and no form: our pages may send forms to this site only (form-action), and browsers
    hold redirects to the same rule."""
    try:
        state, url = identities.begin(_provider(), _back(), next_page(), client(), utcnow())
    except TooManyTries as e:
        return too_many("auth/sign_in.html", e, error=e)
    except ProviderFailed as e:
        return render_template("auth/sign_in.html", error=e), 502
    # The answer counts in this browser only: no link signs somebody in as somebody else.
    session["visit"] = state
    return redirect(url, 303)


@bp.get("/callback")
def finish() -> ResponseReturnValue:
    chosen, now = _provider(), utcnow()
    state = session.pop("visit", None)
    try:
        visit, target = identities.take_visit(_same(state), _back(), now)
        person = provider.redeem(chosen, request.args.to_dict(), visit, now)
        user = identities.sign_in(chosen, person)
    except ProviderFailed as e:
        return render_template("auth/sign_in.html", error=e), 502
    except (VisitOver, NotLetIn) as e:
        return render_template("auth/sign_in.html", error=e), 403
    return sessions.go_on(user, target, "provider")


def _same(state: object) -> str:
    """What this browser was sent away with, if it comes back with the same."""
    if not isinstance(state, str) or request.args.get("state") != state:
        raise VisitOver
    return state


def _provider() -> Provider:
    return provider.configured() or abort(404)


def _back() -> str:
    """As it must be registered with the provider."""
    path = url_for(".finish").removeprefix(current_app.config["APPLICATION_ROOT"].rstrip("/"))
    return f"{current_app.config['BASE_URL']}{path}"
