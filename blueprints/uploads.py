"""The page on which a subcontractor sends what he was asked for: no account, and nothing else."""

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.clients import client
from models import DocumentRequest, utcnow
from services import missing_items, submissions
from services.formats import counted
from services.throttle import TooManyTries

bp = Blueprint("uploads", __name__)


@bp.get("/u/<token>")
def show(token: str) -> ResponseReturnValue:
    asked = missing_items.find(token, utcnow())
    return _page(asked, token) if asked else _closed()


@bp.post("/u/<token>")
def hand_in(token: str) -> ResponseReturnValue:
    asked = missing_items.find(token, utcnow())
    if asked is None:
        return _closed()
    sent = [(u.stream, u.filename or "") for u in request.files.getlist("files") if u.filename]
    item = request.form.get("item", -1, type=int)
    if not sent or not 0 <= item < len(asked.items):
        return _page(asked, token, refused=["Choose a file for one of the documents first."]), 422
    try:
        handed = submissions.hand_in(asked, item, sent, client())
    except TooManyTries as e:
        return _page(missing_items.find(token, utcnow()), token, refused=[str(e)]), 429
    asked = missing_items.find(token, utcnow())
    said = f"{counted(handed.taken, 'file')} received. Thank you." if handed.taken else ""
    answer = _page(asked, token, refused=handed.refused, said=said)
    return (answer, 422) if handed.refused else answer


def _page(asked: DocumentRequest | None, token: str, **state: object) -> Response:
    if asked is None:
        return _closed()
    sent = submissions.of_request(asked.id)
    items = [
        (item, [row for row in sent if _is_for(row.invoice_id, row.document_type, item)])
        for item in asked.items
    ]
    html = render_template("uploads/show.html", asked=asked, token=token, items=items, **state)
    return _unkept(html)


def _is_for(invoice_id: int, document_type: str, item: dict[str, object]) -> bool:
    return (invoice_id, document_type) == (item["invoice_id"], item["document_type"])


def _closed() -> Response:
    """The same for a link that is over, was closed, or never was."""
    return _unkept(render_template("uploads/closed.html"), 404)


def _unkept(html: str, status: int = 200) -> Response:
    """No cache, no search engine and no other page learns the address."""
    answer = make_response(html, status)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
