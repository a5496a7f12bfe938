"""Backups: asked for, compiled, cancelled, deleted."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from binder.filename import backup_filename
from binder.recipe import Recipe
from models import Backup, Contract, Invoice, Project, User, db, reading, writing
from services import preflight, recipes
from services.backups import places
from services.backups.compiling import compile, give_up  # noqa: A004 - the verb of the trade
from services.backups.freezing import freeze, natural
from services.backups.frozen import FrozenRequest
from services.backups.results import files_of, originals_of, pdf_of
from services.dictionaries import term
from services.errors import AppError
from services.findings import Preflight
from services.formats import counted

__all__ = [
    "compile",
    "files_of",
    "give_up",
    "natural",
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


class UnknownContract(AppError):
    """The project has no contract of that number."""


def request(
    project_id: int,
    invoice_ids: Collection[int],
    user_id: int | None,
    now: datetime,
    recipe: Recipe | None = None,
) -> Backup:
    """Store a queued backup of these invoices as they are now; the caller has it compiled.

    Without a `recipe` it is put together by that of the project.

    Raises `Blocked` with the preflight, or `InvoiceGone`. Nothing is stored then.
    """
    with reading():
        found = preflight.check(project_id, invoice_ids)
        if found.blocking:
            raise Blocked(found)
        project = db.session.get_one(Project, project_id)
        user = db.session.get(User, user_id) if user_id else None
        frozen = freeze(project, invoice_ids, user, recipe or recipes.of_project(project))
        name = term(project.dictionary, "Subcontractor invoice backup")
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
        )
    )


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
    return backup


def run_again(backup: Backup, user_id: int, now: datetime) -> Backup:
    """A new backup of the same invoices as they are now, by the same recipe; raises as `request`
    does."""
    chosen = [invoice["id"] for invoice in backup.request["invoices"]]
    recipe = Recipe.from_json(backup.request.get("recipe", {}))
    return request(backup.project_id, chosen, user_id, now, recipe)


def delete(backup: Backup) -> None:
    """Remove the row, then its files. Raises `NotFinished`."""
    if not backup.is_finished:
        raise NotFinished("This backup is not finished. Cancel it first, then delete it.")
    backup_id = backup.id
    with writing():
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
