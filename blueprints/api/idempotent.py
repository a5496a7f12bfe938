"""A POST with an `Idempotency-Key` is done once, however often it is sent."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, g, make_response, request
from werkzeug.exceptions import BadRequest, Conflict, UnprocessableEntity

from models import utcnow
from services import idempotency, storage
from services.idempotency import KeyMisused, StillAtWork

_HEADER = "Idempotency-Key"
_LONGEST = 200


def once(view: Callable[..., Any]) -> Callable[..., Any]:
    """Around everything of a view but its route: remembers what the first request was answered.

    Only success is remembered; what was refused may be tried again with the same key.
    """

    @wraps(view)
    def answered(*args: Any, **kwargs: Any) -> Any:
        key = request.headers.get(_HEADER)
        if key is None:
            return view(*args, **kwargs)
        if not key or len(key) > _LONGEST or not key.isprintable():
            raise BadRequest(f"{_HEADER} takes up to {_LONGEST} printable characters.")
        before = _before(key)
        return before if before is not None else _first(key, view, args, kwargs)

    return answered


def _before(key: str) -> Response | None:
    try:
        row = idempotency.begin(g.api_token_id, key, _fingerprint(), utcnow())
    except KeyMisused as e:
        raise UnprocessableEntity(str(e)) from None
    except StillAtWork as e:
        raise Conflict(str(e)) from None
    if row is None:
        return None
    answer = make_response(row.body or {}, row.status)
    answer.headers["Idempotent-Replayed"] = "true"
    if row.location:
        answer.headers["Location"] = row.location
    return answer


def _first(
    key: str, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Response:
    is_done = False
    try:
        answer = make_response(view(*args, **kwargs))
        if answer.status_code < 300:
            location = answer.headers.get("Location", "")
            body = answer.get_json()
            idempotency.finish(g.api_token_id, key, answer.status_code, body, location)
            is_done = True
        return answer
    finally:
        if not is_done:
            idempotency.give_up(g.api_token_id, key)


def _fingerprint() -> str:
    """Of the request's content. The boundary between the parts of a form differs each time, so
    a form is known by its fields and the bytes of its files."""
    digest = hashlib.sha256(f"{request.method} {request.full_path}\n".encode())
    if request.mimetype != "multipart/form-data":
        digest.update(request.get_data())
        return digest.hexdigest()
    for name, value in sorted(request.form.items(multi=True)):
        digest.update(repr((name, value)).encode())
    for name, file in request.files.items(multi=True):
        content = hashlib.sha256()
        while piece := file.stream.read(storage.PIECE):
            content.update(piece)
        file.stream.seek(0)
        digest.update(repr((name, file.filename, content.hexdigest())).encode())
    return digest.hexdigest()
