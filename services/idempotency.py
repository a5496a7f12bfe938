"""A POST that a program repeats, for it heard no answer, is done once.

Source: the Idempotency-Key header (IETF draft-ietf-httpapi-idempotency-key-header).
"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from models import ApiAnswer, db, writing
from services.errors import AppError

#: How long an answer is kept.
LIFETIME = timedelta(hours=24)
#: A first request that did not end within this has died; the next one takes its place.
_PATIENCE = timedelta(minutes=10)


class KeyMisused(AppError):
    """The key was sent before with another request."""


class StillAtWork(AppError):
    """The first request with this key has not been answered yet."""


def begin(token_id: int, key: str, fingerprint: str, now: datetime) -> ApiAnswer | None:
    """The answer given before, or None for the one who is to do the work and then `finish`.

    Commits. Raises KeyMisused, StillAtWork.
    """
    with writing():
        db.session.execute(sa.delete(ApiAnswer).where(ApiAnswer.created <= now - LIFETIME))
        row = _find(token_id, key)
        if row is not None and row.status is None and row.created <= now - _PATIENCE:
            db.session.delete(row)
            db.session.flush()
            row = None
        if row is None:
            claim = ApiAnswer(token_id=token_id, key=key, fingerprint=fingerprint, created=now)
            db.session.add(claim)
            return None
        if row.fingerprint != fingerprint:
            raise KeyMisused("This Idempotency-Key was sent before with another request.")
        if row.status is None:
            raise StillAtWork("The first request with this Idempotency-Key is still at work.")
    return _find(token_id, key)


def finish(
    token_id: int, key: str, status: int, body: dict[str, Any] | None, location: str
) -> None:
    """Keep what the first request was answered. Commits."""
    with writing():
        row = _find(token_id, key)
        if row is not None:
            row.status, row.body, row.location = status, body, location


def give_up(token_id: int, key: str) -> None:
    """Nothing was done under this key: the next request may use it. Commits."""
    with writing():
        row = _find(token_id, key)
        if row is not None and row.status is None:
            db.session.delete(row)


def _find(token_id: int, key: str) -> ApiAnswer | None:
    query = sa.select(ApiAnswer).where(ApiAnswer.token_id == token_id, ApiAnswer.key == key)
    return db.session.scalar(query.execution_options(populate_existing=True))
