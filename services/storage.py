"""Where files lie below the data folder. Every writer ends with an atomic rename."""

import os
from collections.abc import Iterable
from hashlib import file_digest, sha256
from pathlib import Path
from typing import IO
from uuid import uuid4

from flask import current_app

from models import db, writing
from services import durable, objects
from services.objects import holding

#: Read and hash in pieces of this many bytes.
PIECE = 1 << 20


def data_dir() -> Path:
    return Path(current_app.config["DATA_DIR"])


def original(digest: str) -> Path:
    """The untouched bytes of an uploaded file."""
    return data_dir() / "files" / digest[:2] / digest


def prepared(digest: str) -> Path:
    """What intake made of an uploaded file: ready to be linked into a backup."""
    return data_dir() / "prepared" / digest[:2] / f"{digest}.pdf"


def drawn(content_key: str) -> Path:
    """The drawn invoice that shows exactly the content of this key."""
    return data_dir() / "drawn" / content_key[:2] / f"{content_key}.pdf"


def backups() -> Path:
    return folder("backups")


def work() -> Path:
    """For files that nobody may see before they are finished; on the same file system."""
    return folder("work")


def outbox() -> Path:
    return folder("outbox")


def folder(name: str) -> Path:
    return durable.make_folder(data_dir() / name)


def let_group_read(path: Path) -> None:
    """Let the group read this one file, and pass through the folders above it, whatever the umask:
    the web server that sends it is a member, and need read nothing else of ours."""
    _grant(path, 0o040)
    for above in path.parents[: len(path.relative_to(data_dir()).parts)]:
        _grant(above, 0o010)


def _grant(path: Path, right: int) -> None:
    mode = path.stat().st_mode
    if mode & right != right:
        path.chmod(mode | right)


def keep(stream: IO[bytes]) -> tuple[str, int]:
    """Store the bytes of `stream` under their SHA-256; returns it with the size in bytes.

    They are durable once it returns. Raises StoreUnreachable.
    """
    digest, size = lay(stream)
    put_originals([digest])
    return digest, size


def put_originals(digests: Iterable[str]) -> None:
    """Put uploads that lie here into the store, before a row names them.

    Whoever clears the store may have seen one of them there, old and without a row, just before we
    put it there anew. He looks and deletes under the lock of writers: once we had that, he has
    either deleted it, which is seen and mended here, or sees ours. Raises StoreUnreachable.
    """
    depot = objects.depot()
    if depot is None:
        return
    paths = {original(digest) for digest in digests}
    were_there = paths - depot.unstored(paths)
    depot.put(paths)
    if were_there:
        with writing():
            db.session.connection()
        depot.put(depot.unstored(were_there))


def lay(stream: IO[bytes]) -> tuple[str, int]:
    """The same on this host only; who lays many puts them into the store together."""
    digest, size = sha256(), 0
    part = work() / f"{uuid4().hex}.part"
    try:
        with part.open("wb") as file:
            while piece := stream.read(PIECE):
                digest.update(piece)
                size += len(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        target = original(digest.hexdigest())
        durable.make_folder(target.parent)
        # The sweep of orphans sees that somebody is about to name bytes which lay here before. They
        # are read anew and not written anew: they must not look newer than what was made of them.
        is_here = _holds(target, digest.hexdigest(), size) and holding.touched(data_dir(), target)
        if not is_here:
            with holding.held_off(data_dir()):
                durable.rename(part, target)
    finally:
        part.unlink(missing_ok=True)
    return digest.hexdigest(), size


def _holds(path: Path, digest: str, size: int) -> bool:
    """Whether the bytes with this digest lie at `path`, unharmed."""
    try:
        with path.open("rb") as file:
            is_alike = os.fstat(file.fileno()).st_size == size
            return is_alike and file_digest(file, "sha256").hexdigest() == digest
    except FileNotFoundError:
        return False


def write_atomically(path: Path, content: bytes) -> None:
    """Put `content` at `path` so that nobody ever sees half of it."""
    durable.make_folder(path.parent)
    part = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        durable.rename(part, path)
    finally:
        part.unlink(missing_ok=True)
