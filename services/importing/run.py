"""From a project folder to a project, whole or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from models import Project, User, db, reading, writing
from services import audit, private_contracts, storage
from services.backups import places
from services.formats import counted
from services.importing import opening, removal, rows
from services.importing.billed import billed
from services.importing.documents import Document
from services.importing.folder import ProjectFolder, read_source
from services.importing.problems import ImportRefused, Problem, ProjectExists


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import brought."""

    project_id: int
    number: str
    invoice_ids: list[int]
    #: SHA-256 of every file, each once.
    files: list[str]
    #: What was passed over or went with a replaced project, one sentence each.
    notes: list[str]


def import_project(
    path: Path, files: Path | None = None, *, replace: bool = False, user_id: int | None = None
) -> Imported:
    """Read the project at `path` and store all of it in one transaction.

    `path` is a folder, a workbook or a ZIP; `files` a ZIP with the folders that belong to a
    workbook; `user_id` who asked for it, where that is not who acts now.

    Raises `ImportRefused` with everything that is wrong with the folder; `ProjectExists` when its
    number is taken and `replace` is false; `ProjectBusy` when the project to be replaced has a
    backup in the making. Nothing is changed then: files that were stored already are found again
    under their hash and hurt nobody.
    """
    with opening.opened(path, files) as source:
        return _import(read_source(source), replace=replace, user_id=user_id)


def _import(folder: ProjectFolder, *, replace: bool, user_id: int | None) -> Imported:
    # Said before the files are copied; asked again under the write lock.
    with reading():
        _refuse_existing(folder.project.number, replace=replace)
    kept = _keep([*folder.attachments, *folder.signed])
    sheets = billed(folder.tables)
    with writing():
        private = private_contracts.lists_of(folder.project.number)
        project, abandoned, notes = _project(folder, replace=replace)
        invoices = rows.write(project, folder, kept, sheets)
        private_contracts.restore(project.id, private)
        project_id = project.id
        audit.record(
            "project.imported",
            user=db.session.get(User, user_id) if user_id else None,
            project=project,
            subject=("project", project_id),
            detail={"invoices": len(invoices), "files": len(kept), "replaced": replace},
        )
    for backup_id in abandoned:
        places.remove(backup_id)
    return Imported(
        project_id=project_id,
        number=folder.project.number,
        invoice_ids=list(invoices.values()),
        files=list(dict.fromkeys(digest for digest, _ in kept.values())),
        notes=[*folder.notes, *notes],
    )


def _refuse_existing(number: str, *, replace: bool) -> Project | None:
    """The project of that number, if it exists and may be replaced."""
    project = db.session.scalar(Project.numbered(number))
    if project is not None and not replace:
        raise ProjectExists(
            f"Project {number} exists; nothing was changed. Use --replace to delete its contracts, "
            "invoices, files and backups and import it anew."
        )
    return project


def _project(folder: ProjectFolder, *, replace: bool) -> tuple[Project, list[int], list[str]]:
    """The row to fill, the backups whose files go after the commit, and what to say of it."""
    project = _refuse_existing(folder.project.number, replace=replace)
    abandoned: list[int] = []
    notes = []
    if project is None:
        project = Project()
        db.session.add(project)
    else:
        abandoned = removal.empty(project)
        if abandoned:
            what = counted(len(abandoned), "finished backup")
            notes.append(f"{what} of the replaced project went with it.")
    for column, value in rows.facts(folder).items():
        setattr(project, column, value)
    db.session.flush()
    return project, abandoned, notes


def _keep(documents: Iterable[Document]) -> dict[Document, tuple[str, int]]:
    """Store the bytes of every document; returns hash and size by document."""
    kept = {}
    for document in documents:
        try:
            with document.path.open("rb") as file:
                kept[document] = storage.lay(file)
        except OSError as e:
            place = f"{document.contract}, invoice {document.position}, {document.name}"
            reason = f"the file cannot be stored: {e.strerror}."
            raise ImportRefused([Problem(place, reason)]) from e
    storage.put_originals({digest for digest, _ in kept.values()})
    return kept
