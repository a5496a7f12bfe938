"""The account at DocuSign, for administrators of the installation."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.access import administrator_required
from models import reading
from services.signing import accounts
from services.signing.accounts import Entered, SettingsRefused
from services.signing.provider import SigningFailed
from services.vault import VaultClosed

bp = Blueprint("signing_settings", __name__, url_prefix=accounts.SETTINGS_PATH)


@bp.get("")
@administrator_required
def show() -> ResponseReturnValue:
    if "code" in request.args:
        # DocuSign sends people back here after they granted consent.
        flash("Consent was granted. Test the connection now.")
        return redirect(url_for(".show"), 303)
    return _page()


@bp.post("")
@administrator_required
def save() -> ResponseReturnValue:
    try:
        accounts.save(Entered.from_form(request.form))
    except SettingsRefused as e:
        return _page(refused=e, typed=request.form), 422
    flash("Saved. Test the connection now.")
    return redirect(url_for(".show"), 303)


@bp.post("/test")
@administrator_required
def test() -> ResponseReturnValue:
    """Sign in at DocuSign and say in one sentence what is wrong, if anything is."""
    tested: dict[str, Any]
    # No write lock is held while somebody else's server makes up its mind.
    with reading():
        try:
            with accounts.provider() as service:
                tested = {"account": service.check()}
        except SigningFailed as e:
            tested = {"failure": e}
        except VaultClosed as e:
            tested = {"failure": SigningFailed(str(e))}
    return _page(tested=tested), 200 if "account" in tested else 422


@bp.post("/forget")
@administrator_required
def forget() -> ResponseReturnValue:
    accounts.forget()
    flash("The account was removed.")
    return redirect(url_for(".show"), 303)


@bp.post("/keys")
@administrator_required
def add_key() -> ResponseReturnValue:
    try:
        accounts.add_connect_key(request.form.get("name", ""), request.form.get("secret", ""))
    except SettingsRefused as e:
        return _page(refused=e, typed={"name": request.form.get("name", "")}), 422
    flash("The Connect key was added.")
    return redirect(f"{url_for('.show')}#connect", 303)


@bp.post("/keys/<int:key_id>/remove")
@administrator_required
def remove_key(key_id: int) -> ResponseReturnValue:
    accounts.remove_connect_key(key_id)
    flash("The Connect key was removed.")
    return redirect(f"{url_for('.show')}#connect", 303)


def _page(**state: Any) -> str:
    return render_template(
        "settings/signing.html",
        account=accounts.current(),
        environments={"demo": accounts.DEMO, "production": accounts.PRODUCTION},
        keys=accounts.connect_keys(),
        webhook=accounts.our_address(accounts.WEBHOOK_PATH),
        back_to=accounts.our_address(accounts.SETTINGS_PATH),
        is_reachable=accounts.our_address("").startswith("https://"),
        **state,
    )
