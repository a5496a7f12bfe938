"""Errors as problem details for programs (RFC 9457)."""

from typing import Any

from flask import Response, json, request

from services import tracing

#: Every address below this answers programs.
ROOT = "/api/"
PROBLEM = "application/problem+json"


def is_for_programs() -> bool:
    return request.path.startswith(ROOT)


def problem(status: int, title: str, detail: str, **more: Any) -> Response:
    """An answer that says what went wrong; `more` are members of its own."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    if status >= 500:
        body["request"] = tracing.request_id()
    return Response(json.dumps(body), status=status, content_type=PROBLEM)
