"""Answer the same URL with a page or with one block of it."""

from math import ceil
from typing import Any

from flask import Response, make_response, render_template
from flask.typing import ResponseReturnValue
from jinja2_fragments.flask import render_block

from extensions import htmx
from services.throttle import TooManyTries


def wants_fragment() -> bool:
    """True for an htmx swap; False where htmx itself needs the whole page."""
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def page(template: str, *, block: str | None = None, **context: Any) -> str:
    """Render `block` of `template` for an htmx swap, else the whole template."""
    if block and wants_fragment():
        return render_block(template, block, **context)
    return render_template(template, **context)


def go_to(url: str) -> ResponseReturnValue:
    """Send the browser to another page, also when htmx asked."""
    if wants_fragment():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = url
        return response
    response = make_response("", 303)
    response.headers["Location"] = url
    return response


def too_many(template: str, refused: TooManyTries, **context: Any) -> Response:
    """The page again, with how long to wait, also for programs."""
    response = make_response(render_template(template, **context), 429)
    response.headers["Retry-After"] = str(ceil(refused.wait.total_seconds()))
    return response


def vary_on_htmx(response: Response) -> Response:
    """Keep caches and the back button from mixing up page and fragment."""
    response.vary.add("HX-Request")
    return response
