"""Accounts: the first administrator, further users, passwords, signing in."""

import hmac
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from flask import current_app

from models import User, db, reading, writing
from models.password_hash import hash_of, is_outdated
from services import audit, mail_addresses, passwords, storage, throttle
from services.errors import AppError
from services.sign_in import sessions
from services.visible import SENTENCE, is_visible
from settings import kept_secret


class AccountRefused(AppError):
    """An account cannot be made or changed as asked."""


class AddressTaken(AccountRefused):
    """Somebody has this address already."""

    def __init__(self, email: str) -> None:
        super().__init__(f"There is an account for {email} already.")


def setup_key_file() -> Path:
    return storage.data_dir() / "setup-key"


def setup_key() -> str:
    """The one-time key that lets its reader create the first administrator."""
    return kept_secret(setup_key_file())


def create_first_administrator(key: str, email: str, name: str, password: str) -> User:
    """Make the first account; refused once any exists or with a wrong key."""
    if User.exist():
        raise AccountRefused("The first administrator exists already. Sign in instead.")
    if not hmac.compare_digest(key.strip().encode(), setup_key().encode()):
        raise AccountRefused("That is not the key which the terminal printed.")
    user = create_user(email, name, password, is_administrator=True)
    setup_key_file().unlink(missing_ok=True)
    return user


def create_user(email: str, name: str, password: str, *, is_administrator: bool) -> User:
    """Store a new account; raises `AccountRefused` with the reason."""
    user = new_user(email, name)
    user.is_administrator = is_administrator
    set_password(user, password)
    db.session.add(user)
    try:
        db.session.flush()
        _record("person.created", user, administrator=is_administrator)
        db.session.commit()
    except sa.exc.IntegrityError as e:
        db.session.rollback()
        raise AddressTaken(user.email) from e
    return user


def new_user(email: str, name: str) -> User:
    """An account with a usable address and no password yet, not stored."""
    email = clean_email(email)
    return User(email=email, name=clean_name(name) or email[:100], password_hash="")


def clean_email(email: str) -> str:
    """The address in lower case, as it is kept; raises `AccountRefused` if it is none."""
    try:
        return mail_addresses.parse(email)
    except mail_addresses.AddressRefused as e:
        raise AccountRefused(str(e)) from e


def clean_name(name: str) -> str:
    """One line, as it is shown beside what people do. Raises `AccountRefused` for what would not
    read as it is kept."""
    if not is_visible(" ".join(name.split())):
        raise AccountRefused(f"The name {SENTENCE}.")
    return " ".join(name.split())[:100]


def rename(user: User, name: str) -> None:
    """Raises `AccountRefused` for an empty name."""
    if not clean_name(name):
        raise AccountRefused("Give a name: it stands beside what you do.")
    before, user.name = user.name, clean_name(name)
    _record("person.renamed", user, before=before, name=user.name)
    db.session.commit()


def set_password(user: User, password: str) -> None:
    """Raises `AccountRefused` for a password that is too short, too long or too easily guessed.
    The caller commits."""
    if fault := passwords.fault(password, user.email, user.name):
        raise AccountRefused(fault)
    user.set_password(password)


def prove(user: User, password: str, now: datetime) -> None:
    """That it is really this person who sits there. Somebody without a password of his own has
    nothing to prove it with. Ends the transaction. Raises `AccountRefused`, `TooManyTries`."""
    if not proves_by_password(user):
        return
    user_id, tries = user.id, [(throttle.SIGN_IN_BY_EMAIL, user.email)]
    throttle.enter(tries, now)
    if not db.session.get_one(User, user_id).has_password(password):
        raise AccountRefused("The current password is not right.")
    throttle.forget(tries)


def proves_by_password(user: User) -> bool:
    """Whether this person has a password that counts for something here."""
    return user.has_own_password and bool(current_app.config["PASSWORD_SIGN_IN"])


def change_password(user: User, current: str, new: str, now: datetime) -> None:
    """Change one's own password; ends all sessions. Raises `AccountRefused`, `TooManyTries`."""
    user_id = user.id
    prove(user, current, now)
    user = db.session.get_one(User, user_id)
    set_password(user, new)
    sessions.end_all_of(user_id)
    _record("password.changed", user)
    db.session.commit()


def end_sessions(user: User) -> None:
    """Whoever is signed in as this person must sign in again."""
    sessions.end_all_of(user.id)
    _record("session.all_ended", user)
    db.session.commit()


def sign_in(email: str, password: str, client: str | None, now: datetime) -> User | None:
    """The account that these open, if it may be used; None if not.

    `client` is the address that asks, None where it is not known. Raises `TooManyTries`.
    """
    by_email = (throttle.SIGN_IN_BY_EMAIL, email)
    by_client = [(throttle.SIGN_IN_BY_CLIENT, client)] if client else []
    throttle.enter([by_email, *by_client], now)
    # Checking takes a while on purpose; nobody's writing waits for it.
    with reading():
        user = with_credentials(email, password)
        user_id = user.id if user and user.is_active else None
        fitting = user.password_hash if user else ""
        newer = hash_of(password) if user and is_outdated(fitting) else None
    if user_id is None:
        _record_refusal(email)
        return None
    throttle.forget([by_email])
    if newer:
        # Unless the password was changed meanwhile, which must not be undone.
        unchanged = (User.id == user_id, User.password_hash == fitting)
        with writing():
            db.session.execute(sa.update(User).where(*unchanged).values(password_hash=newer))
    user = db.session.get_one(User, user_id)
    if user.password_hash not in {fitting, newer}:
        # Changed while it was checked, which ended all sessions: the former one begins none.
        _record_refusal(email)
        return None
    return user


def note_sign_in(user: User, by: str) -> None:
    """Note that somebody signed in, and how."""
    audit.note("session.started", user=user, subject=("user", user.id), detail={"by": by})


def sign_out(user: User) -> None:
    """Note that somebody signed out."""
    audit.note("session.ended", user=user, subject=("user", user.id))


def _record_refusal(email: str) -> None:
    """Says whose account it was, and nothing of what was typed: people type passwords there."""
    user = db.session.scalar(User.named(email))
    about = ("user", user.id) if user else ("", None)
    person = user.email if user else "an address without an account"
    audit.note("session.refused", subject=about, detail={"person": person})


def _record(action: str, user: User, **detail: str | bool) -> None:
    about = {"person": user.email, **detail}
    audit.record(action, subject=("user", user.id), detail=about)


def with_credentials(email: str, password: str) -> User | None:
    """The account that these open. A wrong address takes as long as a wrong password."""
    user = db.session.scalar(User.named(email))
    if user is None or not user.has_own_password:
        User(password_hash=_NOBODY).has_password(password)
        return None
    return user if user.has_password(password) else None


#: Fits nothing; at today's cost.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm8$" + "A" * 43
