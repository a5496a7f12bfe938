"""Everything out of here, in forms that other programs read: nobody is locked in."""

import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Protocol
from uuid import uuid4
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import sqlalchemy as sa
from pathvalidate import sanitize_filename

import settings
from models import AuditEntry, Backup, Project, User, db, reading
from services import audit, backups, exporting, formats, objects, storage
from services.audit.reading import as_csv
from services.errors import AppError
from services.exporting import ExportRefused
from services.system import export_tables
from services.system.failures import SystemBackupError, disk_in_words

_STORED = (".zip", ".pdf")


class NotExported(AppError):
    """Nothing was exported; the message says why."""


@dataclass
class Exported:
    """What came out; `problems` are sentences about what could not."""

    projects: int = 0
    backups: int = 0
    files: int = 0
    size: int = 0
    problems: list[str] = field(default_factory=list)


class _Target(Protocol):
    def write(self, name: str, pieces: Iterable[bytes]) -> int: ...


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, name: str, pieces: Iterable[bytes]) -> int:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            return _copy(pieces, file)


class _Zip:
    def __init__(self, archive: ZipFile, now: datetime) -> None:
        self._archive = archive
        self._time = now.timetuple()[:6]

    def write(self, name: str, pieces: Iterable[bytes]) -> int:
        info = ZipInfo(f"drawpack-export/{name}", self._time)
        info.compress_type = ZIP_STORED if name.endswith(_STORED) else ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        with self._archive.open(info, "w", force_zip64=True) as file:
            return _copy(pieces, file)


def _copy(pieces: Iterable[bytes], file: IO[bytes]) -> int:
    return sum(file.write(piece) for piece in pieces)


def export_all(
    target: Path, now: datetime, *, with_pdfs: bool = False, user_id: int | None = None
) -> Exported:
    """Write all projects, people, backups' manifests (and their PDFs) and the audit log to a new
    folder, or to a ZIP where the name ends so; whole or not at all.

    Holds no transaction while files are copied. Raises NotExported.
    """
    target = target.absolute()
    if target.exists():
        raise NotExported(f"{target} is there already; choose another name.")
    if not target.parent.is_dir():
        raise NotExported(f"There is no folder {target.parent}.")
    part = target.with_name(f".{target.name}.{uuid4().hex}.part")
    try:
        with disk_in_words("nothing was exported", target.parent):
            exported = _write(part, target.suffix.lower() == ".zip", now, with_pdfs=with_pdfs)
            part.replace(target)
    except SystemBackupError as e:
        raise NotExported(str(e)) from e
    finally:
        shutil.rmtree(part, ignore_errors=True) if part.is_dir() else part.unlink(missing_ok=True)
    detail = {"projects": exported.projects, "files": exported.files, "PDFs": with_pdfs}
    if exported.problems:
        detail["problems"] = len(exported.problems)
    # Loaded only now: the audit log is read in pieces, which lets go of every row.
    user = db.session.get(User, user_id) if user_id else None
    audit.note("system.exported", user=user, detail=detail)
    return exported


def _write(part: Path, is_zip: bool, now: datetime, *, with_pdfs: bool) -> Exported:
    if not is_zip:
        part.mkdir(mode=0o700)
        return _fill(_Folder(part), now, with_pdfs=with_pdfs)
    part.touch(mode=0o600)
    with ZipFile(part, "w") as archive:
        return _fill(_Zip(archive, now), now, with_pdfs=with_pdfs)


def _fill(target: _Target, now: datetime, *, with_pdfs: bool) -> Exported:
    done = Exported()

    def write(name: str, pieces: Iterable[bytes]) -> None:
        done.size += target.write(name, pieces)
        done.files += 1

    folders = _folders()
    for project_id, folder in folders.items():
        try:
            with reading():
                export = exporting.gather(db.session.get_one(Project, project_id))
                zipped = exporting.stream_zip(export)
            write(f"projects/{folder}.zip", zipped)
            done.projects += 1
        except ExportRefused as e:
            done.problems.append(f"Project {folder} is not in it: {e}")
    for name, table in export_tables.all_of_them():
        write(name, [table])
    for backup_id, folder in _finished(folders):
        _write_backup(write, backup_id, folder, done, with_pdfs=with_pdfs)
    with reading():
        write("audit.csv", as_csv(sa.select(AuditEntry).order_by(AuditEntry.id.desc())))
    write("README.txt", [_readme(done, now, with_pdfs=with_pdfs).encode()])
    return done


def _folders() -> dict[int, str]:
    """A name for each project that every file system takes, from its number."""
    found: dict[int, str] = {}
    with reading():
        rows = db.session.execute(sa.select(Project.id, Project.number).order_by(Project.id)).all()
    for project_id, number in rows:
        name = str(sanitize_filename(number, platform="universal")).strip(" .")[:80] or "project"
        taken = {each.casefold() for each in found.values()}
        found[project_id] = name if name.casefold() not in taken else f"{name} ({project_id})"
    return found


def _finished(folders: dict[int, str]) -> list[tuple[int, str]]:
    chosen = sa.select(Backup.id, Backup.project_id).where(Backup.manifest.is_not(None))
    with reading():
        rows = db.session.execute(chosen.order_by(Backup.project_id, Backup.number)).all()
    return [(backup_id, folders[project]) for backup_id, project in rows if project in folders]


def _write_backup(
    write: "_Write", backup_id: int, folder: str, done: Exported, *, with_pdfs: bool
) -> None:
    with reading():
        backup = db.session.get(Backup, backup_id)
        if backup is None:
            return
        number, manifest = backup.number, backup.manifest
        is_gone = backup.files_removed_at is not None
        files = backups.files_of(backup) if with_pdfs else []
    place = f"backups/{folder}/{number:05}"
    write(f"{place}.json", [json.dumps(manifest, indent=2, ensure_ascii=False).encode()])
    done.backups += 1
    if with_pdfs and not files and not is_gone:
        done.problems.append(f"Backup {number} of {folder} has no file on the disk.")
    for file in files:
        suffix = f" - volume {file.volume}" if len(files) > 1 else ""
        try:
            write(f"{place}{suffix}.pdf", _pieces(objects.bring(file.path, file.sha256)))
        except FileNotFoundError:
            done.problems.append(f"Backup {number} of {folder} was removed meanwhile.")


class _Write(Protocol):
    def __call__(self, name: str, pieces: Iterable[bytes]) -> None: ...


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(storage.PIECE):
            yield piece


def _readme(done: Exported, now: datetime, *, with_pdfs: bool) -> str:
    problems = "".join(f"- {problem}\n" for problem in done.problems) or "Nothing.\n"
    pdfs = "its PDF beside it" if with_pdfs else "without its PDF, which was not asked for"
    projects = formats.counted(done.projects, "project")
    return f"""Everything that Drawpack {settings.version()} kept on {now:%Y-%m-%d %H:%M} UTC.

projects/NUMBER.zip   {projects}, each with its contracts, invoices, attachments
                      and signed copies. “flask project import FILE”, or the page Import, reads
                      one again; the columns are described in docs/import.md.
people.csv            who could sign in; passwords are not exported
members.csv           who belonged to which project
backups.csv           every backup that was ever asked for
backups/PROJECT/      the manifest of each finished one as JSON, {pdfs}
audit.csv             who did what, newest first, with the hashes that chain the entries

CSV files are UTF-8. A cell that a spreadsheet would compute begins with an apostrophe.
This is no backup of the installation: “flask system backup” is.

What could not be exported:
{problems}"""
