"""What must not be lost: the files of the data folder, and those that a database names."""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from models import db
from services import storage

#: Made again from what is kept, or of no use elsewhere. Everything else is saved, so that a folder
#: which is added one day is not forgotten.
LEFT_OUT = frozenset(
    {
        "prepared",
        "drawn",
        "work",
        "logs",
        "lock",
        "redis",
        "before-migration",
        "before-restore",
        "exports",
        "cache-lock",
        "checks",
        "redis-damaged",
    }
)


def database_path() -> Path | None:
    """Where the SQLite database lies; None for one on a server."""
    url = db.engine.url
    return Path(url.database or "").resolve() if url.get_backend_name() == "sqlite" else None


def saved_files() -> Iterator[tuple[str, Path]]:
    """Name below the data folder and path of every file to save, in the order of the names."""
    data, database = storage.data_dir(), database_path()
    beside = {Path(f"{database}{suffix}") for suffix in ("", "-wal", "-shm", "-journal")}
    for entry in sorted(data.iterdir()):
        if entry.name in LEFT_OUT or entry.name.startswith("."):
            continue
        # A folder may be a link to a larger disk, but only here: below it, links could run in a
        # circle.
        for path in [entry] if not entry.is_dir() else _below(entry):
            is_unfinished = path.name.endswith(".part")
            if path.is_file() and not is_unfinished and path.resolve() not in beside:
                yield path.relative_to(data).as_posix(), path


def _below(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(place, name) for name in sorted(names))


def named_files(database: Path) -> dict[str, str]:
    """The files that a database names, below the data folder, each with its SHA-256.

    Reads databases of every revision. Raises sqlite3.Error for what is none.
    """
    with closing(sqlite3.connect(database)) as connection:
        digests = connection.execute("SELECT sha256 FROM stored_file").fetchall()
        columns = {row[1] for row in connection.execute("PRAGMA table_info(backup)")}
        # Those of which retention has removed the files name none any more.
        there = " AND files_removed_at IS NULL" if "files_removed_at" in columns else ""
        backups = connection.execute(
            f"SELECT path, sha256, manifest FROM backup WHERE status = 'done'{there}"  # noqa: S608
        ).fetchall()
    data = storage.data_dir()
    named = {storage.original(row[0]).relative_to(data).as_posix(): row[0] for row in digests}
    for path, digest, manifest in backups:
        named.update(of_backup(path, digest, json.loads(manifest)))
    return named


def of_backup(path: str, digest: str, manifest: dict[str, Any]) -> dict[str, str]:
    """The files of a finished backup, each with its SHA-256, by the columns of its row."""
    folder = Path(path).parent
    volumes = manifest.get("volumes") or []
    rows = [*volumes, *filter(None, [manifest.get("originals")])]
    files = {(folder / row["name"]).as_posix(): row["sha256"] for row in rows}
    return files if volumes else {path: digest, **files}
