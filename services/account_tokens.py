"""Links that are mailed to the owner of an address: made when the mail is written, used once."""

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa

from models import AccountToken, Purpose, Topic, User, db, writing
from services.delivery import waiting

LIFETIME = {Purpose.INVITATION: timedelta(days=7), Purpose.PASSWORD_RESET: timedelta(hours=1)}


def ask(user_id: int, purpose: Purpose, now: datetime) -> AccountToken:
    """A row for a link and its mail that waits, in place of any before. The caller commits."""
    db.session.execute(
        sa.delete(AccountToken).where(
            AccountToken.user_id == user_id, AccountToken.purpose == purpose
        )
    )
    row = AccountToken(user_id=user_id, purpose=purpose, created=now)
    db.session.add(row)
    db.session.flush()
    waiting.queue(Topic.ACCOUNT, now, token_id=row.id)
    return row


def issue(token_id: int, now: datetime) -> str | None:
    """Make the token; its time begins. None when the row is gone. Commits.

    Only the mail will hold what this returns.
    """
    token = secrets.token_urlsafe(32)
    with writing():
        row = db.session.get(AccountToken, token_id)
        if row is None:
            return None
        row.token_hash = AccountToken.hash_of(token)
        row.expires = now + LIFETIME[row.purpose]
    return token


def owner(token: str, purpose: Purpose, now: datetime) -> User | None:
    """Whom a link belongs to; None once it was used, replaced or is too old. Uses nothing up."""
    return db.session.scalar(
        sa.select(User)
        .join(AccountToken, AccountToken.user_id == User.id)
        .where(*_is(token, purpose, now))
    )


def use(token: str, purpose: Purpose, now: datetime) -> User | None:
    """The same, and the link is used up: of two who try, one wins. The caller commits."""
    user = owner(token, purpose, now)
    if user is None:
        return None
    used = sa.delete(AccountToken).where(AccountToken.token_hash == AccountToken.hash_of(token))
    return user if db.session.scalar(used.returning(AccountToken.id)) else None


def _is(
    token: str, purpose: Purpose, now: datetime
) -> tuple[sa.ColumnExpressionArgument[bool], ...]:
    return (
        AccountToken.token_hash == AccountToken.hash_of(token),
        AccountToken.purpose == purpose,
        AccountToken.expires > now,
        User.is_active,
    )
