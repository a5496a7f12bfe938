"""Each request has an id: in the answer, on the page of an error, in every line of the log, and in
the jobs that it queues."""

import time

from flask import Flask, Response, current_app, g, request

from services import tracing

HEADER = "X-Request-ID"
#: Asked for every few seconds, or by every page.
_QUIET = {"static", "health.live", "health.ready", "metrics.show"}


def init_app(app: Flask) -> None:
    """Before everything else that looks at a request, so that it is there for each refusal."""
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_forget)
    app.add_template_global(tracing.request_id, "request_id")


def _begin() -> None:
    g.began = time.monotonic()
    tracing.follow(_given() or tracing.fresh())


def _given() -> str:
    """What the reverse proxy calls this request; a visitor who is not behind one says nothing that
    we believe."""
    if not current_app.config["PROXIES"]:
        return ""
    given = request.headers.get(HEADER, "")
    return given if tracing.SANE.fullmatch(given) else ""


def seconds() -> float:
    """How long the request has taken so far."""
    began: float = g.get("began", time.monotonic())
    return time.monotonic() - began


def _end(response: Response) -> Response:
    response.headers[HEADER] = tracing.request_id()
    if request.endpoint not in _QUIET or response.status_code >= 500:
        tracing.event(
            "request",
            f"{request.method} {request.path}",
            status=response.status_code,
            ms=round(seconds() * 1000),
            client=request.remote_addr or "",
        )
    return response


def _forget(_: BaseException | None) -> None:
    tracing.unfollow()
