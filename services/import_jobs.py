"""Projects uploaded in the browser: kept, checked, shown, and imported once they are confirmed."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from models import ImportJob, ImportStatus, Project, User, db, reading, writing
from models.import_job import KEPT_FOR
from services import import_uploads
from services.import_uploads import DISK_FULL, FULL, Upload
from services.importing import (
    Imported,
    ImportRefused,
    ProjectBusy,
    ProjectExists,
    import_project,
)
from services.importing.folder import ProjectFolder, read_source
from services.importing.opening import opened
from services.objects import StoreUnreachable

#: A list of mistakes longer than this is for nobody to read.
MOST_PROBLEMS = 1_000
UNEXPECTED = (
    "Something went wrong on our side; the server’s log has the details. Nothing was changed."
)
_STOPPED = {
    ImportStatus.CHECKING: "The worker was stopped while it checked this upload. Upload it again.",
    ImportStatus.IMPORTING: (
        "The worker was stopped during the import. A project comes in whole or not at all: look "
        "whether it is there, and if not, upload it again."
    ),
}


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


def accept(uploads: Sequence[Upload], user: User) -> ImportJob:
    """Keep a ZIP, a workbook, or a workbook and the ZIP of its files. Raises `UploadRefused`."""
    user_id = user.id
    named = import_uploads.by_kind(uploads)
    place = uuid4().hex
    # No lock is held while bytes are copied: other people go on working.
    with reading():
        import_uploads.keep(named, import_uploads.place(place))
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
        with opened(*import_uploads.paths(job)) as source:
            found = read_source(source)
            return {"preview": asdict(Preview.of(found)), "notes": found.notes}

    _settle(job, ImportStatus.CHECKING, ImportStatus.READY, read)


def run(job: ImportJob) -> Imported | None:
    """Import a claimed upload; None when it was not, and the row says why."""
    imported: list[Imported] = []

    def bring() -> dict[str, Any]:
        paths, is_replacing = import_uploads.paths(job), job.is_replacing
        asked_by = job.requested_by_id
        imported.append(import_project(*paths, replace=is_replacing, user_id=asked_by))
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
        folder = import_uploads.place(job.folder)
        with writing():
            db.session.execute(sa.delete(ImportJob).where(ImportJob.id == job.id))
        import_uploads.remove(folder)


def give_up(job: ImportJob) -> None:
    """End a running job whose process is gone. A worker may call this, which must not speak to the
    store before it forks; what is there is swept later."""
    db.session.rollback()
    source = job.status
    shutil.rmtree(import_uploads.place(job.folder), ignore_errors=True)
    job.change(source, ImportStatus.FAILED, error=_STOPPED[source])


def discard_old(now: datetime) -> None:
    """Uploads that were never confirmed take room for nothing."""
    waiting = (ImportStatus.READY, ImportStatus.REFUSED, ImportStatus.FAILED)
    old = sa.select(ImportJob).where(
        ImportJob.status.in_(waiting), ImportJob.changed_at < now - KEPT_FOR
    )
    for job in db.session.scalars(old).all():
        discard(job)


def _settle(
    job: ImportJob,
    source: ImportStatus,
    target: ImportStatus,
    act: Callable[[], dict[str, Any]],
) -> None:
    """Do the work of a status; whatever becomes of it, the row says so."""
    folder = import_uploads.place(job.folder)
    try:
        job.change(source, target, **act(), error="")
        if target == ImportStatus.DONE:
            import_uploads.remove(folder)
    except ImportRefused as e:
        problems = [asdict(problem) for problem in e.problems[:MOST_PROBLEMS]]
        left = len(e.problems) - len(problems)
        error = f"{left:,} more problems are not shown." if left else ""
        job.change(source, ImportStatus.REFUSED, problems=problems, error=error)
        import_uploads.remove(folder)
    except ProjectExists:
        # Somebody else brought it between confirming and importing; the page asks again.
        _back(job, source, "")
    except ProjectBusy as e:
        _back(job, source, str(e))
    except StoreUnreachable as e:
        _wait(job, source, str(e))
    except OSError as e:
        is_full = e.errno in FULL
        _fail(job, source, DISK_FULL if is_full else UNEXPECTED)
        if not is_full:
            raise
    except BaseException as e:
        _fail(job, source, UNEXPECTED if isinstance(e, Exception) else _STOPPED[source])
        raise
    finally:
        import_uploads.leave(folder)


def _wait(job: ImportJob, source: ImportStatus, why: str) -> None:
    """Nothing was changed. A check is taken up again by itself, an import by who confirms it."""
    db.session.rollback()
    if source == ImportStatus.CHECKING:
        job.change(
            source, ImportStatus.UPLOADED, error=f"{why} Nothing is lost: it is tried again."
        )
    else:
        _back(job, source, f"{why} Nothing is lost; import it again once it answers.")


def _back(job: ImportJob, source: ImportStatus, error: str) -> None:
    """Nothing was changed; the upload waits to be confirmed again. The demo has no preview."""
    target = ImportStatus.FAILED if job.is_demo else ImportStatus.READY
    job.change(source, target, error=error or ("It is there already." if job.is_demo else ""))


def _fail(job: ImportJob, source: ImportStatus, why: str) -> None:
    db.session.rollback()
    folder = import_uploads.place(job.folder)
    # First the files: a full disk has no room for the words.
    import_uploads.remove(folder)
    job.change(source, ImportStatus.FAILED, error=why)
