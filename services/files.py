"""Files that people hand in: kept untouched under their SHA-256, looked into once."""

import logging
import os
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext
from pathvalidate import sanitize_filename

from binder import intake, office, sentences
from binder.facts import FACTS_VERSION, FileFacts, Problem
from binder.fragment import Fragment, NotAFragment
from binder.preview import preview
from models import Attachment, Signature, StoredFile, db, reading, writing
from services import objects, storage
from services.errors import AppError
from services.formats import size as in_words

#: Bytes that a name may have; columns and file systems hold 255.
_LONGEST_NAME = 200
_NAMELESS = "file"

log = logging.getLogger(__name__)


class FileRefused(AppError):
    """A file cannot be taken; the sentence names it."""


class FileLost(AppError):
    """The database knows a file whose bytes are not in the data folder."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes on disk that no row speaks of yet."""

    sha256: str
    size: int
    #: As people will see it; never used as a path.
    name: str


def clean_name(name: str) -> str:
    """What is shown of the name that a browser sent: its last part, printable, not too long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    # Names that only reorder or hide characters ("exe.pdf" for "fdp.exe") lose what does so.
    shown = "".join(c for c in unicodedata.normalize("NFC", last) if c.isprintable())
    # No reserved names and no characters that any system forbids: people save these files.
    short = _shortened(" ".join(shown.split()))
    return str(sanitize_filename(short, platform="universal")).strip(". ") or _NAMELESS


def _shortened(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > 10:
        stem, dot, ending = name, "", ""
    room = _LONGEST_NAME - len((dot + ending).encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + ending


def keep(stream: IO[bytes], name: str) -> Kept:
    """Put the bytes of a seekable stream on disk. Slow for large files: hold no write lock.

    Raises FileRefused for an empty file and one above the limit of the settings.
    """
    name = clean_name(name)
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    limit: int = current_app.config["MAX_FILE_SIZE"]
    if size == 0:
        raise FileRefused(f"“{name}” is empty. Send it again, or another copy of it.")
    if size > limit:
        raise FileRefused(
            f"“{name}” has {in_words(size)}; one file may have {in_words(limit)}. "
            "Scan it at 300 dpi or less, or split it in parts."
        )
    digest, size = storage.keep(stream)
    return Kept(digest, size, name)


def record(kept: Kept) -> StoredFile:
    """The row of these bytes, made if it is not there yet. The caller commits."""
    row = db.session.get(StoredFile, kept.sha256)
    if row is None:
        row = StoredFile(sha256=kept.sha256, size=kept.size)
        db.session.add(row)
        db.session.flush()
    return row


def store(stream: IO[bytes], name: str) -> StoredFile:
    """Keep the bytes and commit their row. Raises FileRefused."""
    with reading():
        kept = keep(stream, name)
    with writing():
        return record(kept)


def inspect(sha256: str) -> bool:
    """Look into a file and note what was found; False if that was done before and what was made
    of the file then still serves.

    Takes seconds for a large file. The file is opened in a limited child process only, and no
    transaction is open meanwhile. Raises FileLost.
    """
    path = storage.original(sha256)
    with reading():
        row = db.session.get(StoredFile, sha256)
        if row is None or _is_current(row, _lacking([row])):
            return False
        name = _a_name_of(sha256)
    if not objects.bring(path).exists():
        raise FileLost(f"“{name}” is missing from the data folder. Restore it from a backup.")
    facts = intake.make_fragment(
        path, name, storage.prepared(sha256), soffice=current_app.config["SOFFICE"]
    )
    if facts.pages:
        _draw_preview(storage.prepared(sha256) if facts.was_converted else path, sha256)
        made = [storage.prepared(sha256), preview_path(sha256)]
        objects.put(*(each for each in made if each.exists()))
    with writing():
        db.session.execute(
            sa.update(StoredFile)
            .where(StoredFile.sha256 == sha256)
            .values(facts=facts.to_json(), pages=facts.pages, problem=facts.problem)
        )
    return True


def ensure_inspected(sha256s: Collection[str]) -> None:
    """Look into those of the files that nobody has looked into."""
    for sha256 in waiting(sha256s):
        inspect(sha256)


def waiting(sha256s: Collection[str]) -> dict[str, int]:
    """Those of the files that nobody has looked into, or whose fragment has to be made again, in
    the order of their digests; with their sizes in bytes."""
    with reading():
        rows = db.session.scalars(
            sa.select(StoredFile).where(StoredFile.sha256.in_(sha256s)).order_by(StoredFile.sha256)
        ).all()
        lacking = _lacking(rows)
        return {row.sha256: row.size for row in rows if not _is_current(row, lacking)}


def _lacking(rows: Sequence[StoredFile]) -> set[Path]:
    """The fragments that are nowhere."""
    return objects.lacking([storage.prepared(row.sha256) for row in rows if row.pages])


def _is_current(row: StoredFile, lacking: Collection[Path]) -> bool:
    if row.facts is None or row.facts.get("version", 0) < FACTS_VERSION:
        return False
    if not row.pages:
        return not _may_be_converted(FileFacts.from_json(row.facts))
    fragment = storage.prepared(row.sha256)
    try:
        Fragment.open(fragment)
    except NotAFragment:
        if not fragment.exists() and fragment not in lacking:
            return True
        # Without the original there is nothing to make anew; whoever needs it says so.
        return bool(objects.lacking([storage.original(row.sha256)]))
    return True


def _may_be_converted(facts: FileFacts) -> bool:
    """LibreOffice was installed since somebody looked."""
    is_for_it = facts.problem == Problem.NOT_PDF and facts.media_type in office.ENDINGS
    return bool(is_for_it and current_app.config["SOFFICE"] and not facts.was_converted)


def _a_name_of(sha256: str) -> str:
    """What people call these bytes; one of the names, where they arrived under several."""
    for table in (Attachment, Signature):
        query = sa.select(table.name).where(table.sha256 == sha256).order_by(table.id)
        if name := db.session.scalar(query.limit(1)):
            return name
    return _NAMELESS


def facts_of(row: StoredFile) -> FileFacts | None:
    """What intake found out, or None while nobody has looked."""
    return None if row.facts is None else FileFacts.from_json(row.facts)


def sentence_for(facts: FileFacts, name: str) -> str:
    """What is wrong with the file that is called `name` here; "" where nothing is."""
    if not facts.problem:
        return ""
    return sentences.sentence(facts.problem, name, facts.media_type, gettext)


def preview_path(sha256: str) -> Path:
    return storage.data_dir() / "previews" / sha256[:2] / f"{sha256}.png"


def _draw_preview(path: Path, sha256: str) -> None:
    dest = preview_path(sha256)
    if dest.exists():
        return
    dest.parent.mkdir(parents=True, exist_ok=True)
    if not preview(path, dest):
        log.info("no preview of %s", sha256)
