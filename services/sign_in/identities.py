"""Accounts at a provider and whose they are here.

A person is known by issuer and subject, which never change. Only the first time does the e-mail
address decide, and only one that the provider has verified, of somebody whom an administrator has
created or invited: nobody gets an account by having one elsewhere.
"""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from models import AccountToken, Identity, ProviderVisit, Purpose, User, db, writing
from models.password_hash import NO_PASSWORD
from services import audit, throttle
from services.errors import AppError
from services.sign_in import provider as speaking
from services.sign_in.provider import Person, Visit
from settings import Provider

#: How long somebody may take to sign in over there.
LIFETIME = timedelta(minutes=10)
BY_CLIENT = throttle.Limit("provider by client", 60, timedelta(minutes=15))


class NotLetIn(AppError):
    """The provider knows the person, this installation does not let him in."""


class VisitOver(AppError):
    """The answer belongs to no visit of this browser that still waits."""

    def __init__(self) -> None:
        super().__init__("This sign-in took too long, or was begun elsewhere. Start again.")


def begin(
    provider: Provider, redirect_uri: str, target: str, client: str | None, now: datetime
) -> tuple[str, str]:
    """(state, address to go to). Raises ProviderFailed, TooManyTries."""
    if client:
        throttle.enter([(BY_CLIENT, client)], now)
    state = secrets.token_urlsafe(32)
    visit = Visit(secrets.token_urlsafe(32), secrets.token_urlsafe(48), redirect_uri)
    url = speaking.address_to_visit(provider, visit, state)
    with writing():
        over = ProviderVisit.created <= now - LIFETIME
        db.session.execute(sa.delete(ProviderVisit).where(over))
        db.session.add(
            ProviderVisit(
                state_hash=_hash_of(state), nonce=visit.nonce, verifier=visit.verifier,
                target=target[:2000], created=now,
            )
        )  # fmt: skip
    return state, url


def take_visit(state: str, redirect_uri: str, now: datetime) -> tuple[Visit, str]:
    """What this answer was asked with, and where its reader was going; taken once.

    Raises VisitOver.
    """
    with writing():
        row = db.session.execute(
            sa.delete(ProviderVisit)
            .where(
                ProviderVisit.state_hash == _hash_of(state), ProviderVisit.created > now - LIFETIME
            )
            .returning(ProviderVisit.nonce, ProviderVisit.verifier, ProviderVisit.target)
        ).first()
    if row is None:
        raise VisitOver
    return Visit(row.nonce, row.verifier, redirect_uri), row.target


def sign_in(provider: Provider, person: Person) -> User:
    """Whose account it is; the first time, it is linked. Raises NotLetIn."""
    with writing():
        known = sa.select(User).join(Identity, Identity.user_id == User.id)
        theirs = (Identity.issuer == provider.issuer, Identity.subject == person.subject)
        user: User = db.session.scalar(known.where(*theirs)) or _link(provider, person)
        user_id, is_active = user.id, user.is_active
    if not is_active:
        raise NotLetIn("This account was deactivated. Ask an administrator.")
    return db.session.get_one(User, user_id)


def _link(provider: Provider, person: Person) -> User:
    if not person.email:
        raise NotLetIn(
            f"{provider.name} does not vouch for an e-mail address of yours, so it cannot be told "
            "which account is yours."
        )
    user: User | None = db.session.scalar(User.named(person.email))
    if user is None:
        raise NotLetIn(
            f"There is no account for {person.email[:254]} here. Ask an administrator to invite "
            "you."
        )
    if _of_user(user, provider) is not None:
        raise NotLetIn(
            f"{user.email} is linked with another account of {provider.name}. Ask an administrator "
            "to unlink it."
        )
    if not user.is_active:
        return user
    if not user.has_joined:
        user.password_hash = NO_PASSWORD
        invited = (AccountToken.user_id == user.id, AccountToken.purpose == Purpose.INVITATION)
        db.session.execute(sa.delete(AccountToken).where(*invited))
        _record("person.joined", user, by=provider.name)
    db.session.add(Identity(user_id=user.id, issuer=provider.issuer, subject=person.subject))
    _record("identity.linked", user, provider=provider.name)
    return user


def linked(issuer: str) -> frozenset[int]:
    """The ids of all who have come through this provider."""
    query = sa.select(Identity.user_id).where(Identity.issuer == issuer)
    return frozenset(db.session.scalars(query))


def unlink(user: User) -> None:
    """The next account of a provider that proves the e-mail address is taken for this person's."""
    if db.session.scalars(sa.select(Identity.id).where(Identity.user_id == user.id)).first():
        db.session.execute(sa.delete(Identity).where(Identity.user_id == user.id))
        _record("identity.unlinked", user)
    db.session.commit()


def _of_user(user: User, provider: Provider) -> Identity | None:
    query = sa.select(Identity).where(
        Identity.user_id == user.id, Identity.issuer == provider.issuer
    )
    return db.session.scalar(query)


def _record(action: str, user: User, **detail: Any) -> None:
    about = {"person": user.email, **detail}
    audit.record(action, user=user if action != "identity.unlinked" else None,
                 subject=("user", user.id), detail=about)  # fmt: skip


def _hash_of(state: str) -> str:
    return sha256(state.encode("utf-8", "replace")).hexdigest()
