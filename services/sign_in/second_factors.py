"""A code of an authenticator app besides the password (TOTP, RFC 6238), and codes for the day on
which the telephone is lost."""

import hmac
import secrets
from base64 import b32encode
from datetime import datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa

from models import RecoveryCode, SecondFactor, User, db, writing
from services import audit, throttle, users, vault
from services.errors import AppError
from services.sign_in import sessions

STEP = 30
#: The app's clock may be a step behind or ahead of ours.
DRIFT = 1
CODES = 10
#: 24 letters of base32: 120 random bits, so that a plain hash of one cannot be guessed back.
_CODE_BYTES = 15
BY_ACCOUNT = throttle.Limit("second factor by account", 6, timedelta(minutes=15))


class CodeRefused(AppError):
    """A code that does not fit; the sentence is for the form."""

    def __init__(self) -> None:
        super().__init__("This code does not fit. Codes change every 30 seconds; take a new one.")


def is_on(user_id: int) -> bool:
    """Whether a sign-in of this person needs a code."""
    return bool(db.session.scalar(sa.select(sa.exists().where(*_confirmed(user_id)))))


def with_factor() -> frozenset[int]:
    """The ids of all who have one."""
    query = sa.select(SecondFactor.user_id).where(SecondFactor.confirmed_at.is_not(None))
    return frozenset(db.session.scalars(query))


def codes_left(user: User) -> int:
    """How many recovery codes are unused."""
    query = sa.select(sa.func.count()).where(RecoveryCode.user_id == user.id)
    return db.session.scalar(query) or 0


def start(user: User, password: str, now: datetime) -> None:
    """Make a secret for an app to take over; it counts once `confirm` has seen a code.

    Raises `AccountRefused` or `TooManyTries` where the password is not right, and `AppError` where
    a factor is on already.
    """
    user_id = user.id
    users.prove(user, password, now)
    # 160 bits, as RFC 4226 recommends.
    secret = b32encode(secrets.token_bytes(20)).decode()
    with writing():
        if is_on(user_id):
            raise AppError("Your second factor is on already. Switch it off first.")
        db.session.merge(
            SecondFactor(
                user_id=user_id, sealed_secret=vault.seal(secret), confirmed_at=None, last_step=0
            )
        )


def pending(user: User) -> str | None:
    """The secret that waits for its first code; the page shows it. None also where it was sealed
    with another key: one begins anew."""
    row = db.session.get(SecondFactor, user.id)
    if row is None or row.confirmed_at is not None:
        return None
    try:
        return vault.unseal(row.sealed_secret)
    except vault.VaultClosed:
        return None


def confirm(user: User, code: str, now: datetime) -> list[str]:
    """Switch it on; returns the recovery codes, which nothing shows again. All sessions end.

    Raises `CodeRefused`, `TooManyTries`.
    """
    user_id = user.id
    throttle.enter([(BY_ACCOUNT, str(user_id))], now)
    with writing():
        row = db.session.get(SecondFactor, user_id)
        step = _step_of(row, code, now) if row and row.confirmed_at is None else None
        if row is None or step is None:
            raise CodeRefused
        row.confirmed_at, row.last_step = now, step
        codes = _new_codes(user_id)
        sessions.end_all_of(user_id)
        _record("added", user_id)
    throttle.forget([(BY_ACCOUNT, str(user_id))])
    return codes


def check(user_id: int, code: str, now: datetime) -> None:
    """Take a code of the app, or a recovery code: each works once.

    Raises `CodeRefused`, `TooManyTries`.
    """
    throttle.enter([(BY_ACCOUNT, str(user_id))], now)
    with writing():
        if not (_take_app_code(user_id, code, now) or _take_recovery_code(user_id, code)):
            user = db.session.get_one(User, user_id)
            detail = {"person": user.email, "because": "second factor"}
            audit.record("session.refused", subject=("user", user_id), detail=detail)
            db.session.commit()
            raise CodeRefused
    throttle.forget([(BY_ACCOUNT, str(user_id))])


def renew_codes(user: User, proof: str, now: datetime) -> list[str]:
    """Ten new recovery codes; the old ones are void. Raises what `remove` raises."""
    user_id = user.id
    _prove(user, proof, now)
    with writing():
        if not is_on(user_id):
            raise AppError("Your second factor is off, so there is nothing to recover.")
        codes = _new_codes(user_id)
        _record("codes_renewed", user_id)
    return codes


def remove(user: User, proof: str, now: datetime) -> None:
    """Switch one's own off. `proof` is the password, or a code where somebody has none.

    Raises `AccountRefused`, `CodeRefused`, `TooManyTries`.
    """
    user_id = user.id
    _prove(user, proof, now)
    with writing():
        if _delete(user_id):
            _record("removed", user_id)


def reset(user: User) -> None:
    """An administrator, or the command line, takes a lost factor away; all sessions end."""
    user_id = user.id
    with writing():
        if _delete(user_id):
            sessions.end_all_of(user_id)
            _record("reset", user_id)


def _prove(user: User, proof: str, now: datetime) -> None:
    if users.proves_by_password(user):
        users.prove(user, proof, now)
    else:
        check(user.id, proof, now)


def _delete(user_id: int) -> bool:
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    gone = sa.delete(SecondFactor).where(SecondFactor.user_id == user_id)
    return db.session.scalar(gone.returning(SecondFactor.user_id)) is not None


def _take_app_code(user_id: int, code: str, now: datetime) -> bool:
    row = db.session.scalar(sa.select(SecondFactor).where(*_confirmed(user_id)))
    step = _step_of(row, code, now) if row else None
    if step is None:
        return False
    # A code that somebody saw being typed is used up, and so is every earlier one.
    taken = (
        sa.update(SecondFactor)
        .where(SecondFactor.user_id == user_id, SecondFactor.last_step < step)
        .values(last_step=step)
        .returning(SecondFactor.user_id)
        .execution_options(synchronize_session=False)
    )
    return db.session.scalar(taken) is not None


def _take_recovery_code(user_id: int, code: str) -> bool:
    used = sa.delete(RecoveryCode).where(
        RecoveryCode.user_id == user_id, RecoveryCode.code_hash == _hash_of(code)
    )
    if db.session.scalar(used.returning(RecoveryCode.id)) is None:
        return False
    _record("code_used", user_id)
    return True


def _step_of(row: SecondFactor, code: str, now: datetime) -> int | None:
    """The time step to which a code of the app belongs."""
    # The background jobs never need it.
    from pyotp import TOTP  # noqa: PLC0415

    typed = "".join(code.split())
    if not (typed.isascii() and typed.isdigit()):
        return None
    totp = TOTP(vault.unseal(row.sealed_secret), interval=STEP)
    current = int(now.timestamp()) // STEP
    for step in range(current - DRIFT, current + DRIFT + 1):
        if hmac.compare_digest(totp.at(step * STEP), typed):
            return step
    return None


def _new_codes(user_id: int) -> list[str]:
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    letters = [b32encode(secrets.token_bytes(_CODE_BYTES)).decode() for _ in range(CODES)]
    codes = ["-".join(each[i : i + 4] for i in range(0, len(each), 4)) for each in letters]
    db.session.add_all(RecoveryCode(user_id=user_id, code_hash=_hash_of(code)) for code in codes)
    return codes


def _hash_of(code: str) -> str:
    plain = "".join(code.replace("-", "").split()).upper()
    return sha256(plain.encode("utf-8", "replace")).hexdigest()


def _confirmed(user_id: int) -> tuple[sa.ColumnExpressionArgument[bool], ...]:
    return (SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_not(None))


def _record(verb: str, user_id: int) -> None:
    user = db.session.get_one(User, user_id)
    audit.record(f"factor.{verb}", subject=("user", user_id), detail={"person": user.email})
