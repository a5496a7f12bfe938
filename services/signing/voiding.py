"""Taking an envelope back, for good (docs/domain.md 22)."""

import sqlalchemy as sa

from models import OPEN_SIGNATURES, Signature, SignatureStatus, db, reading, writing
from services.errors import AppError
from services.signing import accounts
from services.signing.noting import note
from services.signing.provider import SigningFailed
from services.visible import SENTENCE, is_visible

_LONGEST = 200


class VoidRefused(AppError):
    """An envelope cannot be voided; the sentence says why."""


def want(signature_id: int, reason: str) -> None:
    """Note that the envelope is to be taken back. Raises VoidRefused.

    What never left this machine is voided at once; the rest when the service has agreed.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise VoidRefused("Say why: the signer is told.")
    if not is_visible(reason):
        raise VoidRefused(f"The reason {SENTENCE}.")
    if len(reason) > _LONGEST:
        raise VoidRefused(f"The reason may have {_LONGEST} characters; this has {len(reason):,}.")
    changed = db.session.execute(
        sa.update(Signature)
        .where(
            Signature.id == signature_id,
            Signature.status.in_(OPEN_SIGNATURES),
            Signature.provider_status != "completed",
        )
        .values(
            reason=reason,
            is_void_wanted=True,
            status=sa.case(
                (
                    sa.and_(Signature.tries == 0, Signature.provider_status == ""),
                    SignatureStatus.VOIDED,
                ),
                else_=Signature.status,
            ),
        )
        .returning(Signature.id)
    )
    row = changed.scalar_one_or_none()
    if row is not None:
        note("signature.voided", row)
    db.session.commit()
    if row is None:
        raise VoidRefused("This envelope is not under way any more.")


def wanted() -> list[int]:
    """Envelopes that wait to be taken back."""
    query = sa.select(Signature.id).where(
        Signature.is_void_wanted, Signature.status.in_(OPEN_SIGNATURES)
    )
    return list(db.session.scalars(query.order_by(Signature.id)))


def void(signature_id: int) -> None:
    """Have the service take the envelope back, if that is wanted; harmless twice.

    Raises SigningFailed after noting it on the row.
    """
    with reading():
        row = db.session.get(Signature, signature_id)
        if row is None or not row.is_void_wanted or row.status not in OPEN_SIGNATURES:
            return
        envelope, transaction, reason = row.envelope_id, row.transaction_id or "", row.reason
    try:
        with reading(), accounts.provider() as service:
            # An answer may have been lost: the envelope may exist though we never heard of it.
            known = envelope or service.find(transaction)
            if known:
                service.void(known, reason)
    except SigningFailed as e:
        _note(signature_id, problem=str(e), is_void_wanted=e.is_temporary)
        raise
    _note(
        signature_id,
        status=SignatureStatus.VOIDED,
        problem="",
        next_check=None,
        is_void_wanted=False,
    )


def _note(signature_id: int, **values: object) -> None:
    with writing():
        db.session.execute(
            sa.update(Signature)
            .where(Signature.id == signature_id, Signature.status.in_(OPEN_SIGNATURES))
            .values(**values)
        )
