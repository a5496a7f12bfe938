"""Who a program acts for: only the token counts, never a browser's session."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import g, request
from flask_login import AnonymousUserMixin
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized

from models import ApiToken, User, utcnow
from models.base import begin_deferred, begin_immediate
from services import api_tokens
from services.api_tokens import Scope

_SCHEME = "bearer"


def authenticate() -> None:
    """Before every view of the API. Answers 401 without a good token."""
    # Flask-Login's own place for who acts in this request, past what a cookie may say.
    g._login_user = AnonymousUserMixin()  # noqa: SLF001
    given = request.authorization
    row = None
    if given is not None and given.type == _SCHEME and given.token:
        begin_deferred()
        row = api_tokens.known(given.token, utcnow())
    if row is None:
        raise Unauthorized(
            "Send a good token: Authorization: Bearer drawpack_…",
            www_authenticate=WWWAuthenticate(_SCHEME, {"realm": "Drawpack"}),
        )
    _let_act(row)


def _let_act(row: ApiToken) -> None:
    g.api_token_id, g.api_scopes = row.id, frozenset(row.scopes)
    user: User = row.user
    if request.method != "GET":
        begin_immediate()
    api_tokens.note_use(row, utcnow())
    g._login_user = user  # noqa: SLF001


def needs(scope: Scope) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A view that takes this scope."""

    def around(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            if scope not in g.api_scopes:
                raise Forbidden(f"This token lacks the scope “{scope}”.")
            return view(*args, **kwargs)

        return checked

    return around
