"""Accounts: the first administrator, further users, passwords."""

import hmac
import re
from pathlib import Path

import sqlalchemy as sa

from models import User, db
from services import storage
from services.errors import AppError
from settings import kept_secret

SHORTEST_PASSWORD = 10
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|[^@\s]+@localhost")


class AccountRefused(AppError):
    """An account cannot be made as asked."""


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
    email = email.strip().lower()
    if not _EMAIL.fullmatch(email) or len(email) > 254:
        raise AccountRefused(f"“{email}” is not an e-mail address.")
    if len(password) < SHORTEST_PASSWORD:
        raise AccountRefused(f"A password needs at least {SHORTEST_PASSWORD} characters.")
    user = User(email=email, name=name.strip()[:100] or email, is_administrator=is_administrator)
    user.set_password(password)
    db.session.add(user)
    try:
        db.session.commit()
    except sa.exc.IntegrityError as e:
        db.session.rollback()
        raise AccountRefused(f"There is an account for {email} already.") from e
    return user


def with_credentials(email: str, password: str) -> User | None:
    """The account that these open. A wrong address takes as long as a wrong password."""
    user = db.session.scalar(User.named(email))
    if user is None:
        User(password_hash=_NOBODY).has_password(password)
        return None
    return user if user.has_password(password) else None


_NOBODY = (
    "scrypt:32768:8:1$nobodynobodynobo$"
    "6f1c0d7fd1e1b6ef3f1f4bb5cd3d8ac1be8f6fd3d5fb7dfcde0d5a1eb1c1c1f0"
    "6f1c0d7fd1e1b6ef3f1f4bb5cd3d8ac1be8f6fd3d5fb7dfcde0d5a1eb1c1c1f0"
)
