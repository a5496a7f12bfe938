"""A forgotten password: a link by mail proves whose account it is."""

from collections.abc import Sequence
from datetime import datetime

from models import Purpose, User, db, writing
from services import account_tokens, audit, throttle, users
from services.invitations import LinkExpired
from services.sign_in import sessions


def may_ask(email: str, client: str | None, now: datetime) -> bool:
    """Whether a mail is to be sent if there is such an account; False is said to nobody.

    Raises `TooManyTries` for a client that asks for address after address.
    """
    if client:
        throttle.enter([(throttle.RESET_BY_CLIENT, client)], now)
    try:
        throttle.enter([(throttle.RESET_BY_EMAIL, email)], now)
    except throttle.TooManyTries:
        return False
    return True


def prepare(email: str, now: datetime) -> int | None:
    """The id of what is to be mailed; None when nobody with this address may sign in."""
    with writing():
        user = db.session.scalar(User.named(email))
        if user is None or not (user.is_active and user.has_joined):
            return None
        return account_tokens.ask(user.id, Purpose.PASSWORD_RESET, now).id


def reset(token: str, password: str, now: datetime) -> User:
    """Set a new password and end all sessions; the link is used up.

    Raises `AccountRefused`; the link then stays good.
    """
    with writing():
        user = account_tokens.use(token, Purpose.PASSWORD_RESET, now)
        if user is None:
            raise LinkExpired
        users.set_password(user, password)
        sessions.end_all_of(user.id)
        audit.record("password.reset", user=user, subject=("user", user.id))
        tries: Sequence[throttle.Try] = [(throttle.SIGN_IN_BY_EMAIL, user.email)]
    throttle.forget(tries)
    return user
