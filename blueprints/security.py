"""Headers of every answer, and reading transactions for GET."""

from flask import Response, current_app, request

from models.base import begin_deferred, begin_immediate

POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "frame-src 'self'",
        "frame-ancestors 'self'",
        "base-uri 'none'",
        "form-action 'self'",
    ]
)

#: What no page of ours needs, and no script that slipped in should have.
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid",
        "magnetometer", "microphone", "midi", "payment", "serial", "usb",
    )
)  # fmt: skip
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
    # Windows that other sites open on ours, and pages of theirs that embed our files, get nothing.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
#: A year (RFC 6797). Not for the domains below ours: they may be somebody else's.
TRANSPORT = "max-age=31536000"


def begin_reading() -> None:
    """A GET takes no write lock, so pages open while somebody else writes."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        begin_deferred()
    else:
        begin_immediate()


def end_reading(_error: BaseException | None) -> None:
    """What this thread does next is no part of this request."""
    begin_immediate()


def add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", TRANSPORT)
    if "Cache-Control" not in response.headers and not request.path.startswith("/static/"):
        response.headers["Cache-Control"] = "private, no-cache"
    return response
