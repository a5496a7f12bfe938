"""Everybody who has, or had, an account: what administrators of the installation do."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from models import AccountToken, Membership, User, db
from services import audit, invitations
from services.errors import AppError
from services.sign_in import second_factors, sessions


class PeopleRefused(AppError):
    """A change that would lock people out."""


@dataclass(frozen=True, slots=True)
class Person:
    user: User
    projects: int
    #: Unanswered, or None.
    invitation: AccountToken | None
    has_second_factor: bool


def everybody() -> Sequence[Person]:
    """By name, those who left last; three statements."""
    waiting, with_factor = invitations.waiting(), second_factors.with_factor()
    projects = sa.select(sa.func.count()).where(Membership.user_id == User.id).scalar_subquery()
    rows = db.session.execute(
        sa.select(User, projects).order_by(
            User.is_active.desc(), sa.func.lower(User.name), User.email
        )
    )
    return [
        Person(user, count, waiting.get(user.id), user.id in with_factor) for user, count in rows
    ]


def promote(user: User) -> None:
    """Make an administrator of the installation."""
    if not user.is_active:
        raise PeopleRefused(f"{user.name} is deactivated. Activate the account first.")
    user.is_administrator = True
    _record("promoted", user)
    db.session.commit()


def demote(user: User) -> None:
    """Raises `PeopleRefused` for the last administrator who can sign in."""
    _change(user, "demoted", is_administrator=False)


def deactivate(user: User) -> None:
    """End all sessions and let nobody sign in; what the person did keeps the name.

    Raises `PeopleRefused` for the last administrator who can sign in.
    """
    _change(user, "deactivated", is_active=False)


def activate(user: User) -> None:
    user.is_active = True
    _record("activated", user)
    db.session.commit()


def _change(user: User, verb: str, **values: object) -> None:
    """One conditional UPDATE: of two administrators who remove each other, one stays."""
    other = aliased(User)
    another = sa.exists().where(
        other.id != user.id, other.is_administrator, other.is_active, other.password_hash != ""
    )
    changed = db.session.scalar(
        sa.update(User)
        .where(User.id == user.id, sa.or_(~User.is_administrator, another))
        .values(**values)
        .returning(User.id)
        .execution_options(synchronize_session=False)
    )
    if changed is not None:
        if values.get("is_active") is False:
            sessions.end_all_of(user.id)
        _record(verb, user)
    db.session.commit()
    if changed is None:
        raise PeopleRefused(f"{user.name} is the last administrator. Make somebody else one first.")


def _record(verb: str, user: User) -> None:
    detail = {"person": user.email}
    audit.record(f"person.{verb}", subject=("user", user.id), detail=detail)
