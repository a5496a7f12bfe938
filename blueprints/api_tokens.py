"""The tokens that somebody's programs use."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from blueprints.access import user
from models import utcnow
from services import api_tokens
from services.api_tokens import LIFETIMES, Scope, TokenRefused

bp = Blueprint("api_tokens", __name__, url_prefix="/account/tokens")


@bp.get("")
@login_required
def index() -> ResponseReturnValue:
    return _page()


@bp.post("")
@login_required
def create() -> ResponseReturnValue:
    form = request.form
    days = form.get("days", type=int) or 0
    try:
        token = api_tokens.create(
            user(), form.get("name", ""), form.getlist("scope"), days, utcnow()
        )
    except TokenRefused as e:
        return _page(refused=e, typed=form), 422
    answer = _page(token=token)
    return answer, 201, {"Cache-Control": "no-store"}


@bp.post("/<int:token_id>/revoke")
@login_required
def revoke(token_id: int) -> ResponseReturnValue:
    if not api_tokens.revoke(user(), token_id):
        abort(404)
    flash("The token was removed; programs that use it are refused from now on.")
    return redirect(url_for(".index"), 303)


def _page(**state: Any) -> str:
    return render_template(
        "account/tokens.html",
        tokens=api_tokens.of_user(user()),
        scopes=SCOPES,
        lifetimes=LIFETIMES,
        now=utcnow(),
        **state,
    )


SCOPES = {
    Scope.READ: "Read projects, invoices, preflights and backups",
    Scope.UPLOAD: "Attach files to invoices",
    Scope.COMPILE: "Compile backups",
}
