"""Backups: asked for, compiled, cancelled, deleted."""

from collections.abc import Collection
from datetime import date, datetime
from hashlib import sha256

import sqlalchemy as sa

from binder.filename import backup_filename
from binder.recipe import Recipe
from models import (
    Backup,
    Contract,
    Invoice,
    Project,
    User,
    backup_contract,
    db,
    reading,
    writing,
)
from services import dictionaries, preflight, recipes
from services.backups import addenda, places
from services.backups.addenda import NothingNew, NothingToFollow
from services.backups.compiling import compile, give_up  # noqa: A004 - the verb of the trade
from services.backups.entries import entry
from services.backups.freezing import freeze
from services.backups.frozen import FrozenRequest
from services.backups.results import BackupFile, files_of, originals_of, pdf_of
from services.errors import AppError
from services.findings import Preflight
from services.formats import counted
from services.natural import natural

__all__ = [
    "BackupFile",
    "NothingNew",
    "NothingToFollow",
    "addenda",
    "cancel",
    "compile",
    "files_of",
    "give_up",
    "originals_of",
    "pdf_of",
    "places",
]


class Blocked(AppError):
    """Preflight forbids this compile; `preflight` says why."""

    def __init__(self, found: Preflight) -> None:
        count = counted(len(found.blocking), "finding")
        super().__init__(f"Nothing was compiled: {count} must be settled first.")
        self.preflight = found


class NotFinished(AppError):
    """A backup that is being compiled cannot be deleted."""


class IsKept(AppError):
    """A backup that is held back must be released before it is deleted."""


class UnknownContract(AppError):
    """The project has no contract of that number."""


def request(
    project_id: int,
    invoice_ids: Collection[int],
    user_id: int | None,
    now: datetime,
    recipe: Recipe | None = None,
    *,
    base: Backup | None = None,
    is_for_recipients: bool = False,
    selection_key: str = "",
) -> Backup:
    """Store a queued backup of these invoices as they are now; the caller has it compiled.

    Without a `recipe` it is put together by that of the project. With a `base`, a finished backup
    of the project, it is an addendum: only what is new or changed since goes in. With
    `is_for_recipients` the project's recipients get it as soon as it is done. A later backup of the
    same `selection_key` takes its place; without one that of the same invoices does.

    Raises `Blocked` with the preflight, `InvoiceGone`, `NothingNew` or `NothingToFollow`. Nothing
    is stored then.
    """
    with reading():
        project = db.session.get_one(Project, project_id)
        user = db.session.get(User, user_id) if user_id else None

        def frozen_of(chosen: Collection[int]) -> FrozenRequest:
            return freeze(project, chosen, user, recipe or recipes.of_project(project))

        if base is None:
            _check(project_id, invoice_ids, project.day_of(now), recipe)
            frozen = frozen_of(invoice_ids)
        else:
            frozen = addenda.since(base, frozen_of(invoice_ids))
            chosen = [invoice.id for invoice in frozen.invoices]
            _check(project_id, chosen, project.day_of(now), recipe)
        name = dictionaries.term(frozen.dictionary, "Subcontractor invoice backup")
        name += addenda.suffix(frozen)
        at = now.astimezone(project.zone)
        file_name = backup_filename(name, project.name, project.number, at)
    return _store(
        Backup(
            project_id=project_id,
            requested_by_id=user_id,
            requested_at=now,
            request=frozen.to_json(),
            documents_total=frozen.documents,
            file_name=file_name,
            is_for_recipients=is_for_recipients,
            selection_key=selection_key or key_of(invoice_ids, addendum_to=base),
        )
    )


def key_of(invoice_ids: Collection[int], *, addendum_to: Backup | None = None) -> str:
    """The same for the same choice of invoices; an addendum takes the place of nothing."""
    if addendum_to is not None:
        return ""
    ids = ",".join(str(each) for each in sorted(set(invoice_ids)))
    return sha256(ids.encode()).hexdigest()


def _check(project_id: int, chosen: Collection[int], today: date, recipe: Recipe | None) -> None:
    found = preflight.check(project_id, chosen, today=today, recipe=recipe)
    if found.blocking:
        raise Blocked(found)


def request_addendum(base: Backup, user: User | None, now: datetime) -> Backup:
    """An addendum to `base` of all that `addenda.scope` says; raises as `request` does."""
    chosen, recipe = addenda.scope(base, user), frozen_request(base).recipe
    return request(base.project_id, chosen, user.id if user else None, now, recipe, base=base)


def _store(backup: Backup) -> Backup:
    """Give the row the project's next number. A number is never given twice, also when its backup
    was deleted: it stands on the pages that somebody may hold."""
    with writing():
        backup.number = db.session.scalars(
            sa.update(Project)
            .where(Project.id == backup.project_id)
            .values(last_backup=Project.last_backup + 1)
            .returning(Project.last_backup)
        ).one()
        db.session.add(backup)
        db.session.flush()
        entry(backup, "requested", invoices=len(backup.request["invoices"]))()
    return backup


def run_again(backup: Backup, user_id: int, now: datetime) -> Backup:
    """A new backup of the same invoices as they are now, by the same recipe; of an addendum, what
    is new now since the backup that it followed. Raises as `request` does."""
    frozen = frozen_request(backup)
    if frozen.addendum:
        base = db.session.get(Backup, frozen.addendum.backup_id)
        if base is None:
            raise NothingToFollow(
                f"Backup {frozen.addendum.to}, which this addendum follows, was deleted. Compile a "
                "new backup of all invoices instead."
            )
        chosen = addenda.still_there(backup.project_id, frozen.addendum.chosen)
        return request(backup.project_id, chosen, user_id, now, frozen.recipe, base=base)
    chosen = _still_its_own(backup, [invoice.id for invoice in frozen.invoices])
    return request(backup.project_id, chosen, user_id, now, frozen.recipe)


def cancel(backup: Backup) -> bool:
    """Cancel at once while queued; ask a running job to stop at the next document."""
    return backup.request_cancel(then=entry(backup, "cancelled"))


def _still_its_own(backup: Backup, invoice_ids: Collection[int]) -> list[int]:
    """Those that were not deleted: SQLite may give the id of a deleted invoice to another one."""
    contracts = sa.select(backup_contract.c.contract_id).where(
        backup_contract.c.backup_id == backup.id
    )
    query = sa.select(Invoice.id).where(
        Invoice.id.in_(invoice_ids), Invoice.contract_id.in_(contracts)
    )
    return list(db.session.scalars(query))


def delete(backup: Backup) -> None:
    """Remove the row, then its files. Raises `NotFinished`, `IsKept`."""
    backup_id = backup.id
    with writing():
        # Asked here, and not of what the page had read: somebody may hold it back meanwhile.
        if not backup.is_finished:
            raise NotFinished("This backup is not finished. Cancel it first, then delete it.")
        if backup.is_kept:
            raise IsKept("This backup is held back from being removed. Release it first.")
        entry(backup, "deleted", name=backup.file_name)()
        db.session.execute(sa.delete(Backup).where(Backup.id == backup_id))
    places.remove(backup_id)


def frozen_request(backup: Backup) -> FrozenRequest:
    return FrozenRequest.from_json(backup.request)


def invoice_ids(project_id: int, contract_numbers: Collection[str] = ()) -> list[int]:
    """All invoices of the project, or of the contracts with these numbers.

    Raises `UnknownContract` naming the first that is not there.
    """
    chosen = set(contract_numbers)
    known = set(
        db.session.scalars(
            sa.select(Contract.number).where(
                Contract.project_id == project_id, Contract.number.in_(chosen)
            )
        )
    )
    for number in sorted(chosen - known, key=natural):
        raise UnknownContract(f"The project has no contract “{number}”.")
    query = sa.select(Invoice.id).join(Contract, Contract.id == Invoice.contract_id)
    query = query.where(Contract.project_id == project_id)
    if chosen:
        query = query.where(Contract.number.in_(chosen))
    return list(db.session.scalars(query.order_by(Contract.number, Invoice.position)))
