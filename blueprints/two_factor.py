"""One's own second factor: setting it up, its recovery codes, switching it off.

To whoever must have one and has none, nothing else of the product is open (`blueprints.sessions`).
"""

from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import login_required
from markupsafe import Markup

from blueprints import sessions
from blueprints.access import user
from blueprints.rendering import too_many
from models import utcnow
from services import users
from services.sign_in import second_factors
from services.sign_in.second_factors import CodeRefused
from services.throttle import TooManyTries
from services.users import AccountRefused

bp = Blueprint("two_factor", __name__, url_prefix="/account/two-factor")


@bp.get("")
@login_required
def show() -> ResponseReturnValue:
    return _unkept(_page())


@bp.post("")
@login_required
def start() -> ResponseReturnValue:
    try:
        second_factors.start(user(), request.form.get("password", ""), utcnow())
    except TooManyTries as e:
        return too_many("two_factor/show.html", e, error=e, **_facts())
    except AccountRefused as e:
        return _unkept(_page(error=e), 422)
    sessions.renew(user())
    return redirect(url_for(".show"), 303)


@bp.post("/confirm")
@login_required
def confirm() -> ResponseReturnValue:
    try:
        codes = second_factors.confirm(user(), request.form.get("code", "")[:100], utcnow())
    except TooManyTries as e:
        return too_many("two_factor/show.html", e, error=e, **_facts())
    except CodeRefused as e:
        return _unkept(_page(error=e), 422)
    # All sessions have ended, this one too.
    sessions.begin(user())
    return _unkept(render_template("two_factor/codes.html", codes=codes))


@bp.post("/codes")
@login_required
def renew_codes() -> ResponseReturnValue:
    try:
        codes = second_factors.renew_codes(user(), request.form.get("proof", "")[:1000], utcnow())
    except TooManyTries as e:
        return too_many("two_factor/show.html", e, error=e, **_facts())
    except (AccountRefused, CodeRefused) as e:
        return _unkept(_page(codes_error=e), 422)
    sessions.renew(user())
    return _unkept(render_template("two_factor/codes.html", codes=codes))


@bp.post("/off")
@login_required
def remove() -> ResponseReturnValue:
    try:
        second_factors.remove(user(), request.form.get("proof", "")[:1000], utcnow())
    except TooManyTries as e:
        return too_many("two_factor/show.html", e, error=e, **_facts())
    except (AccountRefused, CodeRefused) as e:
        return _unkept(_page(off_error=e), 422)
    sessions.renew(user())
    flash("Your second factor is off. Your password alone signs you in.")
    return redirect(url_for("account.show"), 303)


def _page(**state: Any) -> str:
    return render_template("two_factor/show.html", **_facts(), **state)


def _facts() -> dict[str, Any]:
    secret = second_factors.pending(user())
    return {
        "proves_by_password": users.proves_by_password(user()),
        "is_on": second_factors.is_on(user().id),
        "codes_left": second_factors.codes_left(user()),
        "secret": secret,
        "picture": _picture(secret) if secret else "",
    }


def _picture(secret: str) -> Markup:
    """What the app photographs: drawn here, so that no other server learns the secret."""
    # Few requests need them.
    import segno  # noqa: PLC0415
    from pyotp import TOTP  # noqa: PLC0415

    address = TOTP(secret).provisioning_uri(name=user().email, issuer_name="Drawpack")
    drawn = segno.make(address, error="m", micro=False).svg_inline(scale=5, border=4, light="#fff")
    # Made by a library out of squares: nothing that somebody typed stands in it.
    return Markup(drawn)  # noqa: S704


def _unkept(*answer: Any) -> Response:
    """Not kept by any cache: secrets stand on it."""
    response = make_response(*answer)
    response.headers["Cache-Control"] = "no-store"
    return response
