"""The members of a project and what each may do in it."""

from collections.abc import Sequence

import sqlalchemy as sa

from models import Access, Contract, Membership, User, contract_reader, db
from services import audit
from services.errors import AppError
from services.importing.cells import quoted
from services.permissions import Action, allowed


class MemberRefused(AppError):
    """Somebody cannot be made a member as asked."""


def of_project(project_id: int) -> Sequence[tuple[User, Access]]:
    """By name. Administrators of the installation may do all without being listed."""
    rows = db.session.execute(
        sa.select(User, Membership.access)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.project_id == project_id)
        .order_by(sa.func.lower(User.name), User.email)
    )
    return [(user, access) for user, access in rows]


def administrators() -> Sequence[User]:
    """Those who may do all, in every project."""
    query = sa.select(User).where(User.is_administrator, User.is_active)
    return db.session.scalars(query.order_by(sa.func.lower(User.name))).all()


def add(project_id: int, email: str, access: str) -> User:
    """Make somebody with an account a member. Raises `MemberRefused`."""
    wanted = _access(access)
    user: User | None = db.session.scalar(User.named(email))
    if user is None or not user.is_active:
        raise MemberRefused(
            f"There is no account for {quoted(email.strip())}. An administrator of this"
            " installation invites people on the page People."
        )
    if db.session.get(Membership, (user.id, project_id)):
        raise MemberRefused(f"{user.name} is a member already. Change the access in the list.")
    db.session.add(Membership(user_id=user.id, project_id=project_id, access=wanted))
    _record("added", project_id, user, access=wanted)
    db.session.commit()
    return user


def change(membership: Membership, access: str) -> None:
    before, membership.access = membership.access, _access(access)
    _record("changed", membership.project_id, _owner(membership), before=before, access=access)
    db.session.commit()


def remove(membership: Membership) -> None:
    """Take somebody out of the project, and off the private lists of its contracts."""
    contracts = sa.select(Contract.id).where(Contract.project_id == membership.project_id)
    db.session.execute(
        sa.delete(contract_reader).where(
            contract_reader.c.user_id == membership.user_id,
            contract_reader.c.contract_id.in_(contracts),
        )
    )
    _record("removed", membership.project_id, _owner(membership), before=membership.access)
    db.session.delete(membership)
    db.session.commit()


def _access(value: str) -> Access:
    if value not in set(Access):
        raise MemberRefused("Choose what this person may do: read only, standard or admin.")
    return Access(value)


def _owner(membership: Membership) -> User:
    return db.session.get_one(User, membership.user_id)


def _record(verb: str, project_id: int, user: User, **detail: str) -> None:
    audit.record(
        f"member.{verb}",
        project=project_id,
        subject=("user", user.id),
        detail={"person": user.email, **detail},
    )


def may_compile(user: User, project_id: int) -> bool:
    """Whether somebody who is not here now may still compile backups of a project."""
    if not user.is_active:
        return False
    if user.is_administrator:
        return True
    membership = db.session.get(Membership, (user.id, project_id))
    return membership is not None and allowed(membership.access, Action.COMPILE_BACKUPS)
