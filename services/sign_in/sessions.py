"""Sessions as rows: listed, ended one by one or all together, and over after a time.

The cookie's token opens its row and nothing else, so a cookie that was copied is worth nothing once
its owner has signed out.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from models import Installation, SecondFactor, SignIn, SignInState, User, db, writing
from services import audit
from services.visible import is_visible

#: How long a half of a sign-in waits for the other, and a printed link to be opened.
SHORT = {SignInState.NEEDS_CODE: timedelta(minutes=10), SignInState.LINK: timedelta(minutes=15)}
#: Nobody works in so many browsers; the oldest makes room.
MOST = 50


@dataclass(frozen=True, slots=True)
class Known:
    """Whose session it is; `needs_factor` where the company asks for a second one and none is."""

    sign_in_id: int
    user: User
    needs_factor: bool


def begin(
    user_id: int, state: SignInState, now: datetime, address: str = "", browser: str = ""
) -> str:
    """A new token for this person; only the cookie, or the link, will hold it. Commits."""
    token = secrets.token_urlsafe(32)
    shown = browser[:300] if is_visible(browser[:300]) else ""
    with writing():
        _make_room(user_id, now)
        row = SignIn(
            user_id=user_id, token_hash=SignIn.hash_of(token), state=state, created=now,
            address=address[:64], browser=shown,
        )  # fmt: skip
        db.session.add(row)
    return token


def _make_room(user_id: int, now: datetime) -> None:
    for state, lifetime in SHORT.items():
        old = sa.and_(SignIn.state == state, SignIn.created <= now - lifetime)
        db.session.execute(sa.delete(SignIn).where(old))
    oldest = SignIn.of_user(user_id).with_only_columns(SignIn.id).offset(MOST - 1)
    for row_id in db.session.scalars(oldest).all():
        db.session.execute(sa.delete(SignIn).where(SignIn.id == row_id))


def known(token: str, now: datetime, lifetime: timedelta) -> Known | None:
    """Whose session a cookie is; None once it was ended, is too old, or its owner may not sign
    in. One statement."""
    wanted = sa.select(Installation.two_factor_required).scalar_subquery()
    has_one = sa.exists().where(
        SecondFactor.user_id == User.id, SecondFactor.confirmed_at.is_not(None)
    )
    row = db.session.execute(
        sa.select(SignIn.id, User, sa.func.coalesce(wanted, sa.false()) & ~has_one)
        .join(User, User.id == SignIn.user_id)
        .where(
            SignIn.token_hash == SignIn.hash_of(token),
            SignIn.state == SignInState.WHOLE,
            SignIn.created > now - lifetime,
            User.is_active,
        )
    ).first()
    return Known(row[0], row[1], bool(row[2])) if row else None


def renew(token: str, now: datetime) -> str | None:
    """Another token for a session whose person has just proved to be there, as if it began now; the
    former one opens nothing any more. None if it was ended meanwhile. Commits."""
    fresh = secrets.token_urlsafe(32)
    renewed = (
        sa.update(SignIn)
        .where(SignIn.token_hash == SignIn.hash_of(token), SignIn.state == SignInState.WHOLE)
        .values(token_hash=SignIn.hash_of(fresh), created=now)
        .returning(SignIn.id)
        .execution_options(synchronize_session=False)
    )
    with writing():
        return fresh if db.session.scalar(renewed) else None


def waiting(token: str, state: SignInState, now: datetime) -> int | None:
    """The id of the person for whom a half of a sign-in, or a link, is good still."""
    return db.session.scalar(sa.select(SignIn.user_id).join(User).where(*_is(token, state, now)))


def use(token: str, state: SignInState, now: datetime) -> int | None:
    """The same, and it is used up: of two who try, one wins. Commits."""
    with writing():
        user_id = waiting(token, state, now)
        used = sa.delete(SignIn).where(SignIn.token_hash == SignIn.hash_of(token))
        return user_id if user_id and db.session.scalar(used.returning(SignIn.id)) else None


def _is(
    token: str, state: SignInState, now: datetime
) -> tuple[sa.ColumnExpressionArgument[bool], ...]:
    return (
        SignIn.token_hash == SignIn.hash_of(token),
        SignIn.state == state,
        SignIn.created > now - SHORT[state],
        User.is_active,
    )


def of_user(user: User, now: datetime, lifetime: timedelta) -> Sequence[SignIn]:
    """The sessions that are good still, newest first."""
    query = SignIn.of_user(user.id).where(SignIn.created > now - lifetime)
    return db.session.scalars(query).all()


def end(token: str) -> None:
    """Sign out: this session is over, wherever its cookie was copied to. Commits."""
    with writing():
        db.session.execute(sa.delete(SignIn).where(SignIn.token_hash == SignIn.hash_of(token)))


def end_one(user: User, sign_in_id: int) -> bool:
    """End one of one's own sessions; False if there is none of this id. Commits."""
    gone = sa.delete(SignIn).where(SignIn.id == sign_in_id, SignIn.user_id == user.id)
    if db.session.scalar(gone.returning(SignIn.id)) is None:
        return False
    audit.record("session.ended", subject=("user", user.id), detail={"person": user.email})
    db.session.commit()
    return True


def end_all_of(user_id: int) -> None:
    """Whoever is signed in as this person must sign in again. The caller commits."""
    db.session.execute(sa.delete(SignIn).where(SignIn.user_id == user_id))
