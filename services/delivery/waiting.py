"""Mails about something else than a backup: stored here, sent by `telling`."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from models import MailState, Topic, WaitingMail, db


def queue(topic: Topic, now: datetime, **about: int) -> None:
    """Store a mail that waits. `about` names the rows that its topic is about, as the table does.
    The caller commits."""
    db.session.add(WaitingMail(topic=topic, created=now, next_try_at=now, **about))


def of(**about: int) -> Sequence[int]:
    """The mails about these rows that wait to be sent."""
    query = sa.select(WaitingMail.id).filter_by(**about, state=MailState.QUEUED)
    return db.session.scalars(query.order_by(WaitingMail.id)).all()
