"""Style, scripts and pictures of the pages: named by their content, so kept for good.

`url_for('static', …)` ends in `?v=` and the beginning of the file's SHA-256. Another content is
another address: a browser never asks twice, and a new release never shows old style. During a
rolling update a page of one release may ask a server of the other: that answer is not kept.
"""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from werkzeug.security import safe_join

FOR_GOOD = "public, max-age=31536000, immutable"


def init_app(app: Flask) -> None:
    app.url_defaults(_name_by_content)
    app.after_request(_keep)
    app.session_interface = _PagesOnly()


class _PagesOnly(SecureCookieSessionInterface):
    """What is the same for everybody must not vary by cookie, or browsers would ask again."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if request.endpoint != "static":
            super().save_session(app, session, response)


def version(filename: str) -> str:
    """What the file holds now, in twelve letters; "" where there is none."""
    folder = current_app.static_folder
    path = folder and safe_join(folder, filename)
    if not path:
        return ""
    try:
        status = Path(path).stat()
        return _version(Path(path), status.st_mtime_ns, status.st_size)
    except (OSError, ValueError):
        return ""


@lru_cache(maxsize=256)
def _version(path: Path, _changed: int, _size: int) -> str:
    return sha256(path.read_bytes()).hexdigest()[:12]


def _name_by_content(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and (named := version(values["filename"])):
        values["v"] = named


def _keep(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code in {200, 206, 304}:
        asked = request.args.get("v")
        is_named = asked and request.view_args and asked == version(request.view_args["filename"])
        response.headers["Cache-Control"] = FOR_GOOD if is_named else "no-cache"
    return response
