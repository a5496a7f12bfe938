"""Mails that were written into a folder because no mail server is set: administrators read them."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from blueprints.access import administrator_required
from services import mail

bp = Blueprint("outbox", __name__, url_prefix="/outbox")


@bp.get("")
@administrator_required
def index() -> ResponseReturnValue:
    mails = [(path.name, mail.read(path.name)) for path in mail.outbox()[:200]]
    return render_template("outbox/index.html", mails=mails, has_server=mail.has_server())


@bp.get("/<name>")
@administrator_required
def show(name: str) -> ResponseReturnValue:
    message = mail.read(name)
    if message is None:
        abort(404)
    text = message.get_body(("plain",))
    return render_template(
        "outbox/show.html", message=message, text=text.get_content() if text else ""
    )
