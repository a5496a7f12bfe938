"""Accounts: the first administrator, further users, passwords, signing in."""

import hmac
import re
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from models import User, db, reading
from services import audit, storage, throttle
from services.errors import AppError
from services.visible import SENTENCE, is_visible
from settings import kept_secret

SHORTEST_PASSWORD = 10
#: Hashing takes time for its length, and anybody may try to sign in.
LONGEST_PASSWORD = 1000
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|[^@\s]+@localhost")


class AccountRefused(AppError):
    """An account cannot be made or changed as asked."""


class AddressTaken(AccountRefused):
    """Somebody has this address already."""

    def __init__(self, email: str) -> None:
        super().__init__(f"There is an account for {email} already.")


def setup_key_file() -> Path:
    return storage.data_dir() / "setup-key"


def setup_key() -> str:
    """The one-time key that lets its reader create the first administrator."""
    return kept_secret(setup_key_file())


def create_first_administrator(key: str, email: str, name: str, password: str) -> User:
    """Make the first account; refused once any exists or with a wrong key."""
    if User.exist():
        raise AccountRefused("The first administrator exists already. Sign in instead.")
    if not hmac.compare_digest(key.strip().encode(), setup_key().encode()):
        raise AccountRefused("That is not the key which the terminal printed.")
    user = create_user(email, name, password, is_administrator=True)
    setup_key_file().unlink(missing_ok=True)
    return user


def create_user(email: str, name: str, password: str, *, is_administrator: bool) -> User:
    """Store a new account; raises `AccountRefused` with the reason."""
    user = new_user(email, name)
    user.is_administrator = is_administrator
    set_password(user, password)
    db.session.add(user)
    try:
        db.session.flush()
        _record("person.created", user, administrator=is_administrator)
        db.session.commit()
    except sa.exc.IntegrityError as e:
        db.session.rollback()
        raise AddressTaken(user.email) from e
    return user


def new_user(email: str, name: str) -> User:
    """An account with a usable address and no password yet, not stored."""
    email = clean_email(email)
    return User(email=email, name=clean_name(name) or email[:100], password_hash="")


def clean_email(email: str) -> str:
    """The address in lower case, as it is kept; raises `AccountRefused` if it is none."""
    email = email.strip().lower()
    if not _EMAIL.fullmatch(email) or len(email) > 254 or not email.isprintable():
        shown = "".join(c if c.isprintable() else "�" for c in email[:100])
        raise AccountRefused(f"“{shown}” is not an e-mail address.")
    return email


def clean_name(name: str) -> str:
    """One line, as it is shown beside what people do. Raises `AccountRefused` for what would not
    read as it is kept."""
    if not is_visible(" ".join(name.split())):
        raise AccountRefused(f"The name {SENTENCE}.")
    return " ".join(name.split())[:100]


def rename(user: User, name: str) -> None:
    """Raises `AccountRefused` for an empty name."""
    if not clean_name(name):
        raise AccountRefused("Give a name: it stands beside what you do.")
    before, user.name = user.name, clean_name(name)
    _record("person.renamed", user, before=before, name=user.name)
    db.session.commit()


def set_password(user: User, password: str) -> None:
    """Raises `AccountRefused` for a password that is too short or too long. The caller commits."""
    if len(password) < SHORTEST_PASSWORD:
        raise AccountRefused(f"A password needs at least {SHORTEST_PASSWORD} characters.")
    if len(password) > LONGEST_PASSWORD:
        raise AccountRefused(f"A password has at most {LONGEST_PASSWORD} characters.")
    user.set_password(password)


def change_password(user: User, current: str, new: str, now: datetime) -> None:
    """Change one's own password; ends all sessions. Raises `AccountRefused`, `TooManyTries`."""
    user_id, tries = user.id, [(throttle.SIGN_IN_BY_EMAIL, user.email)]
    throttle.enter(tries, now)
    user = db.session.get_one(User, user_id)
    if not user.has_password(current):
        raise AccountRefused("The current password is not right.")
    set_password(user, new)
    user.end_sessions()
    _record("password.changed", user)
    db.session.commit()
    throttle.forget(tries)


def end_sessions(user: User) -> None:
    """Whoever is signed in as this person must sign in again."""
    user.end_sessions()
    _record("session.all_ended", user)
    db.session.commit()


def sign_in(email: str, password: str, client: str | None, now: datetime) -> User | None:
    """The account that these open, if it may be used; None if not.

    `client` is the address that asks, None where it is not known. Raises `TooManyTries`.
    """
    by_email = (throttle.SIGN_IN_BY_EMAIL, email)
    by_client = [(throttle.SIGN_IN_BY_CLIENT, client)] if client else []
    throttle.enter([by_email, *by_client], now)
    # Checking takes a while on purpose; nobody's writing waits for it.
    with reading():
        user = with_credentials(email, password)
        user_id = user.id if user and user.is_active else None
    if user_id is None:
        _record_refusal(email)
        return None
    throttle.forget([by_email])
    user = db.session.get_one(User, user_id)
    audit.note("session.started", user=user, subject=("user", user_id))
    return user


def sign_out(user: User) -> None:
    """Note that somebody signed out; the session itself lies in the browser's cookie."""
    audit.note("session.ended", user=user, subject=("user", user.id))


def _record_refusal(email: str) -> None:
    """Says whose account it was, and nothing of what was typed: people type passwords there."""
    user = db.session.scalar(User.named(email))
    about = ("user", user.id) if user else ("", None)
    person = user.email if user else "an address without an account"
    audit.note("session.refused", subject=about, detail={"person": person})


def _record(action: str, user: User, **detail: str | bool) -> None:
    about = {"person": user.email, **detail}
    audit.record(action, subject=("user", user.id), detail=about)


def with_credentials(email: str, password: str) -> User | None:
    """The account that these open. A wrong address takes as long as a wrong password."""
    user = db.session.scalar(User.named(email))
    if user is None or not user.has_joined:
        User(password_hash=_NOBODY).has_password(password)
        return None
    return user if user.has_password(password) else None


_NOBODY = (
    "scrypt:32768:8:1$nobodynobodynobo$"
    "6f1c0d7fd1e1b6ef3f1f4bb5cd3d8ac1be8f6fd3d5fb7dfcde0d5a1eb1c1c1f0"
    "6f1c0d7fd1e1b6ef3f1f4bb5cd3d8ac1be8f6fd3d5fb7dfcde0d5a1eb1c1c1f0"
)
