"""The files of an upload, from the form to the folder where a job finds them."""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from models import ImportJob, db, postgresql
from services import durable, files, objects, storage
from services.errors import AppError
from services.importing import ImportRefused, Problem

#: What the operating system says of a full disk.
FULL = {errno.ENOSPC, errno.EDQUOT}
DISK_FULL = "The disk of the server is full. Nothing was changed; make room on it and upload again."

_KINDS = (".zip", ".xlsx")

#: What a form brings: bytes and the name that the browser sent.
Upload = tuple[IO[bytes], str]


class UploadRefused(AppError):
    """What was uploaded cannot be a project; the sentence says what is expected."""


def by_kind(uploads: Sequence[Upload]) -> dict[str, Upload]:
    """The uploads by their ending, the workbook first."""
    named: dict[str, Upload] = {}
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


def keep(named: dict[str, Upload], folder: Path) -> None:
    """Each in a folder of its kind, under its own name, which messages will say.

    Raises UploadRefused, and StoreUnreachable.
    """
    try:
        for kind, (stream, name) in named.items():
            path = folder / kind[1:] / name
            path.parent.mkdir(parents=True)
            with path.open("wb") as file:
                shutil.copyfileobj(stream, file, storage.PIECE)
                file.flush()
                os.fsync(file.fileno())
            durable.sync(path.parent)
        durable.sync(folder)
        durable.sync(folder.parent)
    except OSError as e:
        shutil.rmtree(folder, ignore_errors=True)
        if e.errno in FULL:
            raise UploadRefused(DISK_FULL) from e
        raise
    try:
        objects.put(*folder.glob("*/*"))
    finally:
        leave(folder)


def paths(job: ImportJob) -> tuple[Path, Path | None]:
    """What to open, and the ZIP beside a workbook."""
    folder = place(job.folder)
    if job.is_demo:
        return folder / "project", None
    objects.bring_below(folder)
    archive, book = next(folder.glob("zip/*"), None), next(folder.glob("xlsx/*"), None)
    if not book and not archive:
        raise ImportRefused([Problem(job.title, "the upload is no longer on the server’s disk.")])
    if book is None:
        assert archive is not None
        return archive, None
    return book, archive


def leave(folder: Path) -> None:
    """What the store has need not stay here: another host may take up the next step."""
    if objects.is_external():
        shutil.rmtree(folder, ignore_errors=True)


def remove(folder: Path) -> None:
    """Here and in the store."""
    shutil.rmtree(folder, ignore_errors=True)
    objects.drop(folder)


def demo_folder(job: ImportJob) -> Path:
    """A new folder for a project folder of the job's own."""
    folder = place(job.folder) / "project"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@contextmanager
def at_work(job: ImportJob) -> Iterator[None]:
    """Somebody checks or imports these files; who asks learns it, until he is done or dead. What
    was read so far is read anew."""
    job_id, here = job.id, place(job.folder)
    # Its connection may be the only one that this process may have to a server.
    db.session.rollback()
    here.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(here, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        with postgresql.at_work(db.engine, job_id):
            yield
    finally:
        os.close(descriptor)


def is_at_work(job: ImportJob) -> bool:
    """Whether somebody is, even where Redis has forgotten his job: of this host, or of any where
    the tables lie on a server."""
    return _is_at_work_here(job.folder) or postgresql.is_at_work(db.session, job.id)


def _is_at_work_here(folder: str) -> bool:
    try:
        descriptor = os.open(place(folder), os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def place(folder: str) -> Path:
    """Where the files of the job with this folder lie."""
    return storage.folder("imports") / folder
