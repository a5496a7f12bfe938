"""Headers of every answer, and reading transactions for GET."""

from flask import Response, request

from models.base import begin_deferred, begin_immediate

POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "object-src 'self'",
        "frame-src 'self'",
        "frame-ancestors 'self'",
        "base-uri 'none'",
        "form-action 'self'",
    ]
)


def begin_reading() -> None:
    """A GET takes no write lock, so pages open while somebody else writes."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        begin_deferred()
    else:
        begin_immediate()


def add_headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if "Cache-Control" not in response.headers and not request.path.startswith("/static/"):
        response.headers["Cache-Control"] = "private, no-cache"
    return response
