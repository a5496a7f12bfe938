"""The mail settings in force, and a test of them. Administrators only."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.access import administrator_required, user
from models import db
from services import audit, mail

bp = Blueprint("mail_settings", __name__, url_prefix="/mail")


@bp.get("")
@administrator_required
def show() -> ResponseReturnValue:
    return _page()


@bp.post("/test")
@administrator_required
def test() -> ResponseReturnValue:
    """A real mail to one's own address; what the server says on failure stands on the page."""
    to = user().email
    # Nobody waits for our transaction while a mail server thinks.
    db.session.rollback()
    try:
        mail.test(user())
    except mail.FAILURES as e:
        said = mail.in_words(e)
        audit.note("mail.failed", detail={"to": to, "what": "test", "why": said})
        return _page(error=said), 422
    audit.note("mail.sent", detail={"to": to, "what": "test"})
    flash(f"The test mail was handed over for {to}. Look whether it arrives.")
    return redirect(url_for(".show"), 303)


def _page(**state: Any) -> str:
    config = current_app.config
    safety = "TLS from the first byte" if config["MAIL_USE_SSL"] else "STARTTLS"
    is_safe = config["MAIL_USE_SSL"] or config["MAIL_USE_TLS"]
    facts = {
        "Server": f"{config['MAIL_SERVER']}:{config['MAIL_PORT']}",
        "Connection": safety if is_safe else "not encrypted",
        "Account": config["MAIL_USERNAME"] or "none",
        "Password": "set, never shown" if config["MAIL_PASSWORD"] else "none",
        "Certificates": config["MAIL_CA_FILE"] or "the system’s",
        "Waits for the server": f"{config['MAIL_TIMEOUT']} s",
        "Sender": config["MAIL_DEFAULT_SENDER"],
        "Links begin with": config["BASE_URL"],
    }
    if not mail.has_server():
        facts = {name: facts[name] for name in ("Sender", "Links begin with")}
    return render_template(
        "mail_settings/show.html", facts=facts, has_server=mail.has_server(), **state
    )
