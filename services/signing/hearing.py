"""What the service says of envelopes, by a call or by our asking, brought into the rows."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from models import (
    OPEN_SIGNATURES,
    Signature,
    SignatureStatus,
    SigningProvider,
    db,
    writing,
)
from services.signing import accounts, states
from services.signing.noting import note
from services.signing.provider import Provider, Report, SigningFailed
from services.signing.sending import FIRST_CHECK, pause

#: Envelopes asked about in one call.
AT_ONCE = 100
#: Between two looks at an envelope that nothing happens to.
_SLOWEST = timedelta(hours=6)
#: Between two looks that a person may ask for (docs/domain.md 22).
REFRESH = timedelta(minutes=5)


def heard(report: Report, now: datetime) -> int | None:
    """Bring news into its row, once and in one statement; the row's id if it is news.

    News of an earlier state than the one known changes nothing, however late or often it comes.
    Unknown envelopes and words change nothing. The caller commits.
    """
    if not states.is_known(report.state):
        return None
    end = states.end_of(report.state)
    values: dict[str, object] = {"provider_status": report.state, "problem": ""}
    if end == SignatureStatus.COMPLETED:
        # It counts only once the signed document is here: fetch it now.
        values |= {"status": SignatureStatus.PENDING, "next_check": now, "tries": 0}
    elif end is not None:
        values |= {"status": end, "next_check": None, "is_void_wanted": False}
    else:
        values |= {"status": states.status_of(report.state)}
    for name in ("signer_name", "signed_at", "reason"):
        if getattr(report, name):
            values[name] = getattr(report, name)
    changed = db.session.execute(
        sa.update(Signature)
        .where(
            Signature.envelope_id == report.envelope_id,
            Signature.status.in_(OPEN_SIGNATURES),
            Signature.provider_status.in_(states.words_before(report.state)),
        )
        .values(**values)
        .returning(Signature.id)
    )
    row = changed.scalar_one_or_none()
    if row is not None and end in {SignatureStatus.DECLINED, SignatureStatus.VOIDED}:
        note(f"signature.{end}", row)
    return row


def due(now: datetime) -> list[int]:
    """Envelopes to ask about: sent, not ended, and their time has come."""
    query = sa.select(Signature.id).where(
        Signature.provider == SigningProvider.DOCUSIGN,
        Signature.status == SignatureStatus.PENDING,
        Signature.envelope_id.is_not(None),
        Signature.provider_status != "completed",
        Signature.next_check <= now,
    )
    return list(db.session.scalars(query.order_by(Signature.next_check).limit(AT_ONCE)))


def ask_about(signature_ids: Sequence[int], now: datetime) -> list[int]:
    """Ask the service about these envelopes by one call; the rows that have news.

    Raises SigningFailed after noting it; the rows are looked at again later.
    """
    with writing():
        # Their time moves on before the call: two workers never ask about the same.
        taken = _take(signature_ids, now)
    if not taken:
        return []
    try:
        with accounts.provider() as service:
            reports = [_whole(service, each) for each in service.states(list(taken))]
    except SigningFailed as e:
        _note_failure(list(taken.values()), e, now)
        raise
    with writing():
        found = [heard(report, now) for report in reports]
        _note_missing(set(taken) - {report.envelope_id for report in reports}, taken)
    return [row for row in found if row is not None]


def refresh_allowed(signature: Signature, now: datetime) -> bool:
    return signature.refreshed_at is None or signature.refreshed_at <= now - REFRESH


def want_refresh(signature_id: int, now: datetime) -> bool:
    """Note that a person wants a look now; False within five minutes of the last one."""
    changed = db.session.execute(
        sa.update(Signature)
        .where(
            Signature.id == signature_id,
            Signature.status.in_(OPEN_SIGNATURES),
            sa.or_(Signature.refreshed_at.is_(None), Signature.refreshed_at <= now - REFRESH),
        )
        .values(refreshed_at=now, next_check=now, tries=0)
        .returning(Signature.id)
    )
    is_done = changed.scalar_one_or_none() is not None
    db.session.commit()
    return is_done


def _take(signature_ids: Sequence[int], now: datetime) -> dict[str, int]:
    """Ids by envelope of those that are still due, their next look put off."""
    rows = db.session.scalars(
        sa.select(Signature).where(
            Signature.id.in_(signature_ids),
            Signature.status == SignatureStatus.PENDING,
            Signature.envelope_id.is_not(None),
            Signature.next_check <= now,
        )
    ).all()
    for row in rows:
        row.next_check = now + _until_next(now - row.created)
    return {row.envelope_id: row.id for row in rows if row.envelope_id}


def _until_next(age: timedelta) -> timedelta:
    """The older an envelope, the rarer the look: a quarter of its age."""
    return min(max(FIRST_CHECK, age / 4), _SLOWEST)


def _whole(service: Provider, report: Report) -> Report:
    """With who signed, or why not, for an envelope that has ended."""
    return service.report(report.envelope_id) if states.end_of(report.state) else report


def _note_missing(envelopes: set[str], rows: dict[str, int]) -> None:
    if envelopes:
        db.session.execute(
            sa.update(Signature)
            .where(Signature.id.in_([rows[envelope] for envelope in envelopes]))
            .values(problem="The signing service does not know this envelope any more.")
        )


def _note_failure(signature_ids: Sequence[int], failure: SigningFailed, now: datetime) -> None:
    with writing():
        for row in db.session.scalars(sa.select(Signature).where(Signature.id.in_(signature_ids))):
            row.problem, row.tries = str(failure), row.tries + 1
            row.next_check = now + (failure.wait or max(pause(row.tries), FIRST_CHECK))
