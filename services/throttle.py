"""Guessing takes time: tries are counted in the database, so a restart forgets none.

A try is counted before it is judged, under the write lock, so that many at once are no way around.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil

import sqlalchemy as sa

from models import Attempt, db, writing
from services.errors import AppError
from services.formats import counted


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries within so long."""

    name: str
    tries: int
    window: timedelta


#: A person mistypes a few times; a small team may share one address of the network.
SIGN_IN_BY_EMAIL = Limit("sign-in by e-mail", 6, timedelta(minutes=15))
SIGN_IN_BY_CLIENT = Limit("sign-in by client", 40, timedelta(minutes=15))
RESET_BY_EMAIL = Limit("reset by e-mail", 3, timedelta(hours=1))
RESET_BY_CLIENT = Limit("reset by client", 20, timedelta(hours=1))
_LONGEST = timedelta(hours=1)

#: What is tried, and by or on whom.
Try = tuple[Limit, str]


class TooManyTries(AppError):
    """Come back later; `wait` says when."""

    def __init__(self, wait: timedelta) -> None:
        minutes = max(1, ceil(wait / timedelta(minutes=1)))
        super().__init__(f"Too many tries. Wait {counted(minutes, 'minute')}, then try again.")
        self.wait = wait


def enter(tries: Sequence[Try], now: datetime) -> None:
    """Count a try; raises `TooManyTries`, and counts nothing, where one of its limits is used up.

    Ends the caller's transaction.
    """
    with writing():
        db.session.execute(sa.delete(Attempt).where(Attempt.at <= now - _LONGEST))
        waits = [wait for limit, who in tries if (wait := _wait(limit, who, now))]
        if waits:
            raise TooManyTries(max(waits))
        db.session.add_all(Attempt(subject=_subject(*one), at=now) for one in tries)


def forget(tries: Sequence[Try]) -> None:
    """Start counting anew: this person has proved who he is."""
    subjects = [_subject(*one) for one in tries]
    with writing():
        db.session.execute(sa.delete(Attempt).where(Attempt.subject.in_(subjects)))


def _wait(limit: Limit, who: str, now: datetime) -> timedelta | None:
    """How long until the oldest of the tries that count is out of the window."""
    last = db.session.scalars(
        sa.select(Attempt.at)
        .where(Attempt.subject == _subject(limit, who), Attempt.at > now - limit.window)
        .order_by(Attempt.at.desc())
        .limit(limit.tries)
    ).all()
    return last[-1] + limit.window - now if len(last) == limit.tries else None


def _subject(limit: Limit, who: str) -> str:
    return sha256(f"{limit.name}\0{who.strip().lower()}".encode()).hexdigest()
