"""Projects uploaded in the browser: kept, checked, shown, and imported once they are confirmed."""

import errno
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

import sqlalchemy as sa

from models import ImportJob, ImportStatus, Project, User, db, reading, writing
from models.import_job import KEPT_FOR
from services import files, storage
from services.errors import AppError
from services.importing import (
    Imported,
    ImportRefused,
    Problem,
    ProjectBusy,
    ProjectExists,
    import_project,
)
from services.importing.folder import ProjectFolder, read_source
from services.importing.opening import opened

#: A list of mistakes longer than this is for nobody to read.
MOST_PROBLEMS = 1_000
UNEXPECTED = (
    "Something went wrong on our side; the server’s log has the details. Nothing was changed."
)
STOPPED = (
    "The worker was stopped while it worked on this upload. Nothing was changed; upload it again."
)
DISK_FULL = "The disk of the server is full. Nothing was changed; make room on it and upload again."

_KINDS = (".zip", ".xlsx")
_FULL = {errno.ENOSPC, errno.EDQUOT}


class UploadRefused(AppError):
    """What was uploaded cannot be a project; the sentence says what is expected."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What an upload would bring."""

    number: str
    name: str
    contracts: int
    lines: int
    change_orders: int
    periods: int
    invoices: int
    attachments: int
    signed: int
    #: Bytes of all files.
    size: int

    @classmethod
    def of(cls, found: ProjectFolder) -> "Preview":
        tables = found.tables
        documents = [*found.attachments, *found.signed]
        return cls(
            number=found.project.number,
            name=found.project.name,
            contracts=len(tables.contracts.rows),
            lines=len(tables.lines.rows) + len(tables.change_order_lines.rows),
            change_orders=len(tables.change_orders.rows),
            periods=len(tables.periods.rows),
            invoices=len(tables.invoices.rows),
            attachments=len(found.attachments),
            signed=len(found.signed),
            size=sum(document.path.stat().st_size for document in documents),
        )


def accept(uploads: Sequence[tuple[IO[bytes], str]], user: User) -> ImportJob:
    """Keep a ZIP, a workbook, or a workbook and the ZIP of its files. Raises `UploadRefused`."""
    user_id = user.id
    named = _by_kind(uploads)
    place = uuid4().hex
    # No lock is held while bytes are copied: other people go on working.
    with reading():
        _keep_all(named, _place(place))
    title = " and ".join(name for _, name in named.values())
    with writing():
        job = ImportJob(requested_by_id=user_id, title=title, folder=place)
        db.session.add(job)
    return job


def request_demo(user: User) -> ImportJob:
    """A job that draws the demo project and imports it."""
    with writing():
        job = ImportJob(
            requested_by_id=user.id,
            title="Demo project",
            folder=uuid4().hex,
            is_demo=True,
            status=ImportStatus.CONFIRMED,
        )
        db.session.add(job)
    return job


def check(job: ImportJob) -> None:
    """Read a claimed upload and note what is wrong with it, or what it would bring."""

    def read() -> dict[str, Any]:
        with opened(*_paths(job)) as source:
            found = read_source(source)
            return {"preview": asdict(Preview.of(found)), "notes": found.notes}

    _settle(job, ImportStatus.CHECKING, ImportStatus.READY, read)


def run(job: ImportJob) -> Imported | None:
    """Import a claimed upload; None when it was not, and the row says why."""
    imported: list[Imported] = []

    def bring() -> dict[str, Any]:
        paths, is_replacing = _paths(job), job.is_replacing
        imported.append(import_project(*paths, replace=is_replacing))
        return {"project_id": imported[0].project_id, "notes": imported[0].notes}

    _settle(job, ImportStatus.IMPORTING, ImportStatus.DONE, bring)
    return imported[0] if imported else None


def confirm(job: ImportJob, *, replace: bool) -> bool:
    """Ask for the import of a checked upload; False if it is not, or no longer, ready.

    Raises `ProjectExists` when the project is there and `replace` is false.
    """
    if (project := existing(job)) and not replace:
        raise ProjectExists(
            f"Project {project.number} exists. Tick the box to delete what it has and import it "
            "anew."
        )
    return job.change(
        ImportStatus.READY, ImportStatus.CONFIRMED, is_replacing=replace, error=""
    )  # fmt: skip


def existing(job: ImportJob) -> Project | None:
    """The project that has the number of a checked upload."""
    number = job.preview["number"] if job.preview else ""
    return db.session.scalar(Project.numbered(number))


def discard(job: ImportJob) -> None:
    """Forget an upload that nobody works on."""
    if not job.is_running:
        folder = _place(job.folder)
        with writing():
            db.session.execute(sa.delete(ImportJob).where(ImportJob.id == job.id))
        shutil.rmtree(folder, ignore_errors=True)


def give_up(job: ImportJob) -> None:
    """End a running job whose process is gone."""
    _fail(job, job.status, STOPPED)


def discard_old(now: datetime) -> None:
    """Uploads that were never confirmed take room for nothing."""
    waiting = (ImportStatus.READY, ImportStatus.REFUSED, ImportStatus.FAILED)
    old = sa.select(ImportJob).where(
        ImportJob.status.in_(waiting), ImportJob.changed_at < now - KEPT_FOR
    )
    for job in db.session.scalars(old).all():
        discard(job)


def demo_folder(job: ImportJob) -> Path:
    """A new folder for a project folder of the job's own."""
    folder = _place(job.folder) / "project"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _settle(
    job: ImportJob,
    source: ImportStatus,
    target: ImportStatus,
    act: Callable[[], dict[str, Any]],
) -> None:
    """Do the work of a status; whatever becomes of it, the row says so."""
    folder = _place(job.folder)
    try:
        job.change(source, target, **act())
        if target == ImportStatus.DONE:
            shutil.rmtree(folder, ignore_errors=True)
    except ImportRefused as e:
        problems = [asdict(problem) for problem in e.problems[:MOST_PROBLEMS]]
        left = len(e.problems) - len(problems)
        error = f"{left:,} more problems are not shown." if left else ""
        job.change(source, ImportStatus.REFUSED, problems=problems, error=error)
        shutil.rmtree(folder, ignore_errors=True)
    except ProjectExists:
        # Somebody else brought it between confirming and importing; the page asks again.
        _back(job, source, "")
    except ProjectBusy as e:
        _back(job, source, str(e))
    except OSError as e:
        _fail(job, source, DISK_FULL if e.errno in _FULL else UNEXPECTED)
        if e.errno not in _FULL:
            raise
    except BaseException as e:
        _fail(job, source, UNEXPECTED if isinstance(e, Exception) else STOPPED)
        raise


def _back(job: ImportJob, source: ImportStatus, error: str) -> None:
    """Nothing was changed; the upload waits to be confirmed again. The demo has no preview."""
    target = ImportStatus.FAILED if job.is_demo else ImportStatus.READY
    job.change(source, target, error=error or ("It is there already." if job.is_demo else ""))


def _fail(job: ImportJob, source: ImportStatus, why: str) -> None:
    db.session.rollback()
    folder = _place(job.folder)
    # First the files: a full disk has no room for the words.
    shutil.rmtree(folder, ignore_errors=True)
    job.change(source, ImportStatus.FAILED, error=why)


def _by_kind(uploads: Sequence[tuple[IO[bytes], str]]) -> dict[str, tuple[IO[bytes], str]]:
    """The uploads by their ending, the workbook first."""
    named: dict[str, tuple[IO[bytes], str]] = {}
    for stream, name in uploads:
        shown = files.clean_name(name)
        kind = Path(shown).suffix.lower()
        if kind not in _KINDS:
            raise UploadRefused(f"“{shown}” is neither a ZIP nor a workbook (.xlsx).")
        if kind in named:
            what = "ZIP" if kind == ".zip" else "workbook"
            raise UploadRefused(f"Two {what}s were chosen; upload one project at a time.")
        named[kind] = stream, shown
    if not named:
        raise UploadRefused("Choose a ZIP or a workbook (.xlsx) first.")
    return dict(sorted(named.items(), key=lambda pair: pair[0] != ".xlsx"))


def _keep_all(named: dict[str, tuple[IO[bytes], str]], folder: Path) -> None:
    """Each in a folder of its kind, under its own name, which messages will say."""
    try:
        for kind, (stream, name) in named.items():
            path = folder / kind[1:] / name
            path.parent.mkdir(parents=True)
            with path.open("wb") as file:
                shutil.copyfileobj(stream, file, storage.PIECE)
    except OSError as e:
        shutil.rmtree(folder, ignore_errors=True)
        if e.errno in _FULL:
            raise UploadRefused(DISK_FULL) from e
        raise


def _paths(job: ImportJob) -> tuple[Path, Path | None]:
    """What to open, and the ZIP beside a workbook."""
    folder = _place(job.folder)
    if job.is_demo:
        return folder / "project", None
    archive, book = next(folder.glob("zip/*"), None), next(folder.glob("xlsx/*"), None)
    if not book and not archive:
        raise ImportRefused([Problem(job.title, "the upload is no longer on the server’s disk.")])
    if book is None:
        assert archive is not None
        return archive, None
    return book, archive


def _place(folder: str) -> Path:
    return storage.folder("imports") / folder
