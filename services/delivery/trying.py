"""Mails are tried until they left or were refused for good; what all rows of mails share.

Each step is one conditional UPDATE: of two who try, one wins. A process that dies while it sends
leaves a mail of which nobody knows whether it left; it is not sent again by itself, for two are
worse than a question.
"""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec, TypeVar

import sqlalchemy as sa

from models import MailDelivery, MailState, WaitingMail, db, writing

#: After the first try, the second …; then it is given up.
WAITS = [
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
]
#: A mail that was begun this long ago lost its process.
LOST_AFTER = timedelta(minutes=15)
#: For so long what became of a mail is told to a database that cannot take it.
PATIENCE = timedelta(minutes=5)
#: A mail that waited this long is no news any more.
NEWS = timedelta(days=1)

LOST = (
    "The worker was stopped while it sent this mail, and nobody knows whether it left. Ask the "
    "recipient, and send it again if it did not arrive."
)
OLD = (
    "It waited for more than a day, because no worker ran or the queue was not there. Send it "
    "again if it is still of use."
)
OURS = "Something went wrong on our side; the server’s log has the details."

log = logging.getLogger(__name__)

Mail = MailDelivery | WaitingMail
M = TypeVar("M", MailDelivery, WaitingMail)
P = ParamSpec("P")


def due(table: type[M], now: datetime, grace: timedelta) -> Sequence[M]:
    """What waits for a try that nobody has made. A moment further away than the wait after so many
    tries is one of a clock that was set back since."""
    is_ahead = [
        sa.and_(table.tries == tries, table.next_try_at > now + wait + grace)
        for tries, wait in enumerate([timedelta(), *WAITS])
    ]
    return db.session.scalars(
        sa.select(table).where(
            table.state == MailState.QUEUED,
            sa.or_(table.next_try_at <= now - grace, *is_ahead),
            table.created > now - NEWS,
        )
    ).all()


def claim(table: type[Mail], mail_id: int, now: datetime) -> bool:
    """Move from queued to sending."""
    claimed = (
        sa.update(table)
        .where(table.id == mail_id, table.state == MailState.QUEUED)
        .values(state=MailState.SENDING, tries=table.tries + 1, tried_at=now, next_try_at=None)
        .returning(table.id)
    )
    with writing():
        return db.session.scalar(claimed) is not None


def patient(note: Callable[P, None]) -> Callable[P, None]:
    """For what notes what became of a mail: again and again while the disk is full or somebody
    holds the database. Nobody else knows it, and a mail that left must not become a question."""

    @wraps(note)
    def until_noted(*args: P.args, **values: P.kwargs) -> None:
        end = time.monotonic() + PATIENCE.total_seconds()
        while True:
            try:
                return note(*args, **values)
            except sa.exc.OperationalError:
                if time.monotonic() > end:
                    raise
                log.warning("what became of a mail cannot be noted yet", exc_info=True)
                time.sleep(1)

    return until_noted


def put_off(row: Mail, why: str, now: datetime, *, is_final: bool) -> None:
    """Wait for the next try, or give up after the last, or at once where it `is_final`. The caller
    commits."""
    row.error = why
    if row.tries <= len(WAITS) and not is_final:
        row.state, row.next_try_at = MailState.QUEUED, now + WAITS[row.tries - 1]
    else:
        row.state = MailState.FAILED


def end_lost(table: type[Mail], which: sa.ColumnElement[bool]) -> list[int]:
    """End those mails of `which` that somebody sends whose process is known to be dead; which."""
    ended = (
        sa.update(table)
        .where(which, table.state == MailState.SENDING)
        .values(state=MailState.FAILED, error=LOST, next_try_at=None)
        .returning(table.id)
    )
    with writing():
        return list(db.session.scalars(ended))


def give_up(table: type[Mail], now: datetime) -> list[int]:
    """End the mails whose process died while it sent them, and those that are no news any more;
    which."""
    lost = table.state == MailState.SENDING, table.tried_at < now - LOST_AFTER
    old = table.state == MailState.QUEUED, table.created <= now - NEWS
    is_there = sa.exists().where(sa.or_(sa.and_(*lost), sa.and_(*old)))
    if not db.session.scalar(sa.select(is_there)):
        return []
    with writing():
        return [
            row
            for which, why in ((lost, LOST), (old, OLD))
            for row in db.session.scalars(
                sa.update(table)
                .where(*which)
                .values(state=MailState.FAILED, error=why, next_try_at=None)
                .returning(table.id)
            )
        ]
