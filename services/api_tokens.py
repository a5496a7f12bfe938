"""Tokens that let programs act for a person."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from models import ApiToken, User, db, writing
from services import audit
from services.errors import AppError

#: Tells what it is to whoever finds one in a log or a repository.
PREFIX = "drawpack_"
LIFETIMES = {30: "30 days", 90: "90 days", 365: "A year"}
_MOST = 50
_USE_NOTED = timedelta(hours=1)


class Scope(StrEnum):
    """What a token may be used for; each is more than nothing and none contains another."""

    READ = "read"
    UPLOAD = "upload"
    COMPILE = "compile"


class TokenRefused(AppError):
    """No token can be made of this; the sentence says why."""


def of_user(user: User) -> list[ApiToken]:
    """Newest first."""
    query = sa.select(ApiToken).where(ApiToken.user_id == user.id).order_by(ApiToken.id.desc())
    return list(db.session.scalars(query))


def create(user: User, name: str, scopes: Collection[str], days: int, now: datetime) -> str:
    """Make a token; only now can it be read. Raises TokenRefused."""
    name = " ".join(name.split())
    if not name or len(name) > 100 or not name.isprintable():
        raise TokenRefused("Give the token a name of up to 100 characters, such as the program’s.")
    chosen = [scope for scope in Scope if scope in scopes]
    if not chosen:
        raise TokenRefused("Choose what the token may do.")
    if days not in LIFETIMES:
        raise TokenRefused("Choose how long the token is good for.")
    if len(of_user(user)) >= _MOST:
        raise TokenRefused(f"You have {_MOST} tokens. Remove one that is not used any more.")
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        user_id=user.id,
        name=name,
        token_hash=ApiToken.hash_of(token),
        scopes=[str(scope) for scope in chosen],
        created=now,
        expires=now + timedelta(days=days),
    )
    db.session.add(row)
    db.session.flush()
    detail = {"name": name, "scopes": row.scopes, "days": days}
    audit.record("token.created", subject=("token", row.id), detail=detail)
    db.session.commit()
    return token


def revoke(user: User, token_id: int) -> bool:
    """Make a token of this person useless at once; False if he has none of this id."""
    row = db.session.get(ApiToken, token_id)
    if row is None or row.user_id != user.id:
        return False
    audit.record("token.revoked", subject=("token", row.id), detail={"name": row.name})
    db.session.delete(row)
    db.session.commit()
    return True


def known(token: str, now: datetime) -> ApiToken | None:
    """The token, if it is one of ours, good still, and of somebody who may sign in."""
    return db.session.scalar(
        sa.select(ApiToken)
        .join(ApiToken.user)
        .where(
            ApiToken.token_hash == ApiToken.hash_of(token),
            ApiToken.expires > now,
            User.is_active,
        )
    )


def note_use(token: ApiToken, now: datetime) -> None:
    """Note that it was used, once in an hour, in a transaction of its own."""
    if token.last_used is None or token.last_used <= now - _USE_NOTED:
        used = sa.update(ApiToken).where(ApiToken.id == token.id).values(last_used=now)
        with writing():
            db.session.execute(used)
