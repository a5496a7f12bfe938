"""Looks at what the installation keeps: the database, the data folder, its backups."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import uuid4

import sqlalchemy as sa
from flask import current_app

from models import AuditEntry, db, reading
from models.failures import reason
from services import formats, storage
from services.system import saving_plan, schema
from services.system.result import Result, failed, ok, warning

#: With less than this the next upload fails; `make run` does not even start.
LEAST_SPACE = 100 * 1024**2
#: A backup of this size is nothing special, and it needs as much room again while it is made.
LITTLE_SPACE = 2 * 1024**3
#: Older than this, and a week of work hangs on one disk.
OLD_BACKUP = timedelta(days=7)


def database() -> Iterator[Result]:
    """Whether it is whole, at the newest revision, and in the mode that lets people read while
    somebody writes. Reads all of it: seconds for a gigabyte."""
    try:
        with reading():
            yield _integrity()
            yield _revision()
            if db.engine.dialect.name == "sqlite":
                yield _journal()
    except (sa.exc.DBAPIError, OSError) as e:
        where = db.engine.url.database or db.engine.url.host
        yield failed("Database", f"{where} cannot be used: {reason(e)}.")


def _integrity() -> Result:
    if db.engine.dialect.name != "sqlite":
        return _server()
    found = str(db.session.scalar(sa.text("PRAGMA quick_check(1)")))
    if found != "ok":
        return failed(
            "Database", f"It is damaged ({_one_line(found)}). Restore the newest backup of it."
        )
    size = db.session.scalar(
        sa.text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
    )
    return ok("Database", f"It is whole and has {formats.size(size)}.")


def _server() -> Result:
    """Whether it is whole is the server's own care (data checksums)."""
    version, encoding, size = db.session.execute(
        sa.text(
            "SELECT current_setting('server_version'), current_setting('server_encoding'),"
            " pg_database_size(current_database())"
        )
    ).one()
    name = f"PostgreSQL {version.split()[0]}"
    if encoding != "UTF8":
        return failed(
            "Database",
            f"{name} keeps its text as {encoding}, which has not every character. Make the "
            "database again with ENCODING 'UTF8' and restore the newest backup into it.",
        )
    return ok("Database", f"{name} answers; the database has {formats.size(size)}.")


def _revision() -> Result:
    current, head = schema.current(), schema.head()
    if current == head:
        return ok("Tables", f"They are at the newest revision, {head}.")
    if current and current not in schema.known():
        return failed(
            "Tables",
            f"They are at revision {current} of a newer version of Drawpack. Update the program.",
        )
    return failed(
        "Tables",
        f"They are at revision {current or 'none'}, not {head}. Start Drawpack with “make run”, "
        "which brings them up to date.",
    )


def _journal() -> Result:
    mode = db.session.scalar(sa.text("PRAGMA journal_mode"))
    if mode == "wal":
        return ok("Journal", "People can read while somebody writes (WAL).")
    return warning(
        "Journal",
        f"The database keeps its journal in the mode “{mode}” instead of WAL, so readers and "
        "writers wait for each other. A network drive cannot do better: use a local disk.",
    )


def data_folder() -> Iterator[Result]:
    """Whether it can be written to, and how much room is left."""
    data = storage.data_dir()
    probe = data / f".check-{uuid4().hex}"
    try:
        with probe.open("wb") as file:
            file.write(b"check")
            file.flush()
            os.fsync(file.fileno())
    except OSError as e:
        yield failed("Data folder", f"Nothing can be written to {data} ({e.strerror}).")
    else:
        yield ok("Data folder", f"{data} can be written to.")
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)
    yield _space()


def _space() -> Result:
    usage = shutil.disk_usage(storage.data_dir())
    left = f"{formats.size(usage.free)} of {formats.size(usage.total)} are free"
    if usage.free < LEAST_SPACE:
        return failed("Disk space", f"Only {left}. Make room before the next upload.")
    if usage.free < LITTLE_SPACE:
        return warning("Disk space", f"Only {left}. A large backup may not fit.")
    return ok("Disk space", f"{left[0].upper()}{left[1:]}.")


def backup(now: datetime) -> Result:
    """When somebody last made sure that nothing can get lost, and whether the last try failed."""
    folder = current_app.config["BACKUP_DIR"]
    try:
        with reading():
            made = db.session.scalar(
                sa.select(sa.func.max(AuditEntry.at)).where(AuditEntry.action == "system.saved")
            )
            last = saving_plan.last_try()
    except sa.exc.DBAPIError:
        return warning("Backup", "Nobody can tell when the last one was made.")
    if last and (why := saving_plan.trouble(last)):
        what = "failed" if last.action == saving_plan.FAILED else "is not whole"
        return failed("Backup", f"The one of {last.at:%Y-%m-%d %H:%M} UTC {what}: {why}")
    if made is None:
        return warning(
            "Backup",
            "This installation was never saved: “flask system backup FILE” does it, or, by itself, "
            "the setting DRAWPACK_BACKUP_DIR.",
        )
    if folder and now - made > saving_plan.late_after():
        hours = formats.counted(int((now - made).total_seconds() // 3600), "hour")
        return failed("Backup", f"The last one was made {hours} ago; {folder} gets none any more.")
    if now - made > OLD_BACKUP:
        days = formats.counted((now - made).days, "day")
        return warning("Backup", f"The last one was made {days} ago ({made:%Y-%m-%d}).")
    by = f" They are made by themselves, in {folder}." if folder else ""
    return ok("Backup", f"The last one was made at {made:%Y-%m-%d %H:%M} UTC.{by}")


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]
