"""Contracts that only administrators and the people on a list see (docs/domain.md 24)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from models import Access, Contract, Membership, Project, User, contract_reader, db
from services import audit


@dataclass(frozen=True, slots=True)
class Privacy:
    """Who sees a contract beside the administrators, and who else could be put on its list."""

    is_private: bool
    #: Members who are not administrators, by name; whether each is on the list.
    members: Sequence[tuple[User, bool]]

    @property
    def readers(self) -> list[User]:
        return [user for user, is_listed in self.members if is_listed]


def of_contract(contract: Contract) -> Privacy:
    """One statement."""
    listed = sa.exists().where(
        contract_reader.c.user_id == User.id, contract_reader.c.contract_id == contract.id
    )
    rows = db.session.execute(
        sa.select(User, listed)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.project_id == contract.project_id,
            Membership.access != Access.ADMIN,
            ~User.is_administrator,
            User.is_active,
        )
        .order_by(sa.func.lower(User.name), User.email)
    )
    return Privacy(contract.is_private, [(user, is_listed) for user, is_listed in rows])


def update(contract: Contract, user_ids: Collection[int], *, is_private: bool) -> None:
    """Make a contract private or not, with these people on its list; others than members of the
    project are ignored. The list stays when a contract is no longer private."""
    members = db.session.scalars(
        sa.select(Membership.user_id).where(
            Membership.project_id == contract.project_id, Membership.user_id.in_(user_ids)
        )
    ).all()
    contract.is_private = is_private
    db.session.execute(
        sa.delete(contract_reader).where(contract_reader.c.contract_id == contract.id)
    )
    if members:
        rows = [{"contract_id": contract.id, "user_id": user_id} for user_id in members]
        db.session.execute(sa.insert(contract_reader), rows)
    _record(contract, members)
    db.session.commit()


def _record(contract: Contract, members: Collection[int]) -> None:
    readers = db.session.scalars(
        sa.select(User.email).where(User.id.in_(members)).order_by(User.email)
    ).all()
    audit.record(
        "contract.privacy_changed",
        project=contract.project_id,
        subject=("contract", contract.id),
        detail={
            "contract": contract.number,
            "private": contract.is_private,
            "readers": list(readers),
        },
    )


def lists_of(project_number: str) -> Mapping[str, Sequence[int]]:
    """The private contracts of a project by number, each with the ids of the people on its list:
    what an import that replaces the project must not open to everybody."""
    rows = db.session.execute(
        sa.select(Contract.number, contract_reader.c.user_id)
        .join(Project, Project.id == Contract.project_id)
        .outerjoin(contract_reader, contract_reader.c.contract_id == Contract.id)
        .where(Project.number == project_number, Contract.is_private)
    )
    found: dict[str, list[int]] = defaultdict(list)
    for number, user_id in rows:
        found[number] += [user_id] if user_id else []
    return found


def restore(project_id: int, lists: Mapping[str, Sequence[int]]) -> None:
    """Make the contracts of these numbers private again, with the same people. The caller
    commits."""
    if not lists:
        return
    private = sa.update(Contract).where(
        Contract.project_id == project_id, Contract.number.in_(lists)
    )
    rows = db.session.execute(
        private.values(is_private=True).returning(Contract.id, Contract.number)
    )
    readers = [
        {"contract_id": contract_id, "user_id": user_id}
        for contract_id, number in rows
        for user_id in lists[number]
    ]
    if readers:
        db.session.execute(sa.insert(contract_reader), readers)
