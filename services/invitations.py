"""Inviting people by e-mail, and what they do with the link."""

import re
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from models import Access, AccountToken, Membership, Project, Purpose, User, db, writing
from services import account_tokens, audit, users
from services.users import AccountRefused, AddressTaken

DEAD_LINK = "This link was used already, or it is too old. Ask for another one."


class LinkExpired(AccountRefused):
    """A link that no longer opens anything."""

    def __init__(self) -> None:
        super().__init__(DEAD_LINK)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an invited person starts: a project and the access to it."""

    project_id: int
    access: Access


def place(project_id: str, access: str) -> Place | None:
    """What the fields of the form mean; None for no project. Raises `AccountRefused`."""
    if not project_id:
        return None
    is_id = re.fullmatch(r"\d{1,9}", project_id, re.ASCII)
    if not is_id or not db.session.get(Project, int(project_id)):
        raise AccountRefused("There is no such project. Choose one of the list.")
    if access not in set(Access):
        raise AccountRefused("Choose what the person may do in the project.")
    return Place(int(project_id), Access(access))


def invite(email: str, name: str, where: Place | None, now: datetime) -> int:
    """Store an account without a password and its invitation; returns the id of what is to be
    mailed. Raises `AccountRefused`."""
    user = users.new_user(email, name)
    address = user.email
    try:
        with writing():
            db.session.add(user)
            db.session.flush()
            if where:
                db.session.add(
                    Membership(user_id=user.id, project_id=where.project_id, access=where.access)
                )
            token_id = account_tokens.ask(user.id, Purpose.INVITATION, now).id
            _record("person.invited", user, where)
    except sa.exc.IntegrityError as e:
        raise AddressTaken(address) from e
    return token_id


def invite_again(user: User, now: datetime) -> int:
    """A new link in place of the old one; returns the id of what is to be mailed."""
    if user.has_joined or not user.is_active:
        raise AccountRefused(f"{user.name} needs no invitation.")
    token_id = account_tokens.ask(user.id, Purpose.INVITATION, now).id
    _record("person.invited", user)
    db.session.commit()
    return token_id


def accept(token: str, name: str, password: str, now: datetime) -> User:
    """Somebody joins: the link is used up. Raises `AccountRefused`; the link then stays good."""
    with writing():
        user = account_tokens.use(token, Purpose.INVITATION, now)
        if user is None:
            raise LinkExpired
        users.set_password(user, password)
        user.name = users.clean_name(name) or user.name
        audit.record("person.joined", user=user, subject=("user", user.id))
    return user


def _record(action: str, user: User, where: Place | None = None) -> None:
    detail = {"person": user.email} | ({"access": where.access} if where else {})
    place = where.project_id if where else None
    audit.record(action, project=place, subject=("user", user.id), detail=detail)


def waiting() -> dict[int, AccountToken]:
    """The invitations that nobody has answered, by the person invited."""
    rows = db.session.scalars(
        sa.select(AccountToken).where(AccountToken.purpose == Purpose.INVITATION)
    )
    return {row.user_id: row for row in rows}
