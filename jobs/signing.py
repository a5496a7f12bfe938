"""Sending invoices to be signed and bringing back what became of them."""

import logging
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from jobs import enqueue
from models import Signature, SignatureStatus, SigningProvider, db, reading, utcnow
from services.signing import accounts, completing, hearing, sending, voiding
from services.signing.provider import SigningFailed

#: Seconds; the longest part is a large document over a slow line.
TIMEOUT = 600

log = logging.getLogger(__name__)


def enqueue_send(signature_id: int) -> bool:
    """False when the queue cannot be reached; the chore takes it up later."""
    return enqueue("mail", send, signature_id, timeout=TIMEOUT)


def enqueue_fetch(signature_id: int) -> bool:
    return enqueue("files", fetch, signature_id, timeout=TIMEOUT)


def enqueue_void(signature_id: int) -> bool:
    return enqueue("mail", void, signature_id, timeout=TIMEOUT)


def enqueue_check() -> bool:
    return enqueue("mail", check, timeout=TIMEOUT)


def send(signature_id: int) -> None:
    _quietly(sending.send, signature_id, utcnow())


def fetch(signature_id: int) -> None:
    _quietly(completing.fetch, signature_id, utcnow())


def void(signature_id: int) -> None:
    _quietly(voiding.void, signature_id)


def check() -> None:
    check_envelopes()


def check_envelopes(now: datetime | None = None) -> None:
    """Everything that is due: what was not sent, not heard of, not fetched and not voided yet.

    For every minute or so, by any number of workers: each row is claimed before the service is
    asked about it. Slow where nothing happens, so it keeps within the service's limits.
    """
    now = now or utcnow()
    with reading():
        if not accounts.is_set_up():
            return
        unsent, due = _unsent(now), hearing.due(now)
        unvoided = voiding.wanted()
    for signature_id in unsent:
        _quietly(sending.send, signature_id, now)
    for signature_id in unvoided:
        _quietly(voiding.void, signature_id)
    if due:
        _quietly(hearing.ask_about, due, now)
    with reading():
        waiting = completing.waiting(now)
    for signature_id in waiting:
        _quietly(completing.fetch, signature_id, now)


def _unsent(now: datetime) -> list[int]:
    """Asked for, and not sent: never tried because no queue was there, or to be tried again."""
    query = sa.select(Signature.id).where(
        Signature.provider == SigningProvider.DOCUSIGN,
        Signature.status == SignatureStatus.SETUP_NOT_COMPLETED,
        Signature.is_void_wanted.is_(False),
        sa.or_(
            Signature.next_check <= now,
            sa.and_(Signature.next_check.is_(None), Signature.tries == 0),
        ),
    )
    return list(db.session.scalars(query.order_by(Signature.id)))


def _quietly(act: Callable[..., object], *about: object) -> None:
    """What the service refuses is on the row already; nothing more is to be learnt from a trace."""
    try:
        act(*about)
    except SigningFailed as e:
        log.warning("signing: %s", e)
