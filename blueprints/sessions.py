"""The browser's side of a session: what its cookie holds, and when it is over.

Each sign-in begins a new cookie, so nothing that somebody planted before it is carried over.
"""

from datetime import UTC, datetime, timedelta

from flask import current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from blueprints.actors import client_address
from models import SignInState, User, utcnow
from services import users
from services.sign_in import second_factors, sessions

#: The cookie says when it was last used; it is sent anew so often, without a write anywhere.
_NOTED = timedelta(minutes=5)
#: What somebody may still do whom the company asks for a second factor first.
_WITHOUT_FACTOR = {"two_factor", "static"}
#: What the pages on which he does it ask for, too.
_OF_ANY_PAGE = {"auth.sign_out", "auth.show_session"}


def load(_user_id: str) -> User | None:
    """Whose request this is. What the cookie says besides its token is not asked."""
    token, now = session.get("key"), utcnow()
    if not isinstance(token, str) or _is_idle(now):
        return None
    known = sessions.known(token, now, current_app.config["SESSION_LIFETIME"])
    if known is None:
        # And no cookie is sent, which might overwrite that of a session renewed in this moment.
        return None
    _note_use(now)
    g.sign_in_id = known.sign_in_id
    if known.needs_factor and not _is_open_without_factor():
        # To every view it is as if nobody were signed in; `ask_who_it_is` says where to go.
        g.must_enrol = True
        return None
    return known.user


def _is_idle(now: datetime) -> bool:
    seen = session.get("seen")
    if not isinstance(seen, int):
        return True
    limit: timedelta = current_app.config["SESSION_IDLE"]
    return now - datetime.fromtimestamp(seen, UTC) > limit


def _note_use(now: datetime) -> None:
    if now - datetime.fromtimestamp(session["seen"], UTC) > _NOTED:
        session["seen"] = int(now.timestamp())


def _is_open_without_factor() -> bool:
    return request.blueprint in _WITHOUT_FACTOR or request.endpoint in _OF_ANY_PAGE


def go_on(user: User, target: str, by: str) -> ResponseReturnValue:
    """After a password or a provider said who it is: to the code, if one is needed, or in."""
    if second_factors.is_on(user.id):
        token = sessions.begin(user.id, SignInState.NEEDS_CODE, utcnow())
        if isinstance(old := session.get("key"), str):
            sessions.end(old)
        session.clear()
        session.update(half=token, target=target, by=by)
        return redirect(url_for("auth.ask_code"), 303)
    enter(user, by)
    return redirect(target, 303)


def enter(user: User, by: str) -> None:
    """Signed in, in a session of its own; what this browser had before is gone."""
    users.note_sign_in(user, by)
    begin(user)


def begin(user: User) -> None:
    """A new session in place of the one this browser had."""
    browser = request.user_agent.string
    old = session.get("key")
    token = sessions.begin(user.id, SignInState.WHOLE, utcnow(), client_address(), browser)
    if isinstance(old, str):
        sessions.end(old)
    session.clear()
    session.update(key=token, seen=int(utcnow().timestamp()))
    login_user(user)


def renew(user: User) -> None:
    """After a proof that it is still this person: the same session, with a new token and a new
    cookie, so that whoever copied the one before is out. One that was ended meanwhile stays so."""
    token = sessions.renew(session.get("key", ""), utcnow())
    session.clear()
    if token:
        session.update(key=token, seen=int(utcnow().timestamp()))
        login_user(user)


def leave() -> None:
    """Signed out: the row goes, so no copy of the cookie is good for anything."""
    if isinstance(token := session.get("key"), str):
        sessions.end(token)
    logout_user()
    session.clear()
