"""Files of the data folder in an object store that several hosts share (DRAWPACK_STORAGE_URL).

Without a store every verb is as good as free, and files are where they were written. With one,
the data folder of each host is a cache: what is written is put into the store before a row names
it, and what is missing here is fetched.
"""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from flask import current_app

from services.objects.depot import Depot
from services.objects.store import ObjectStore, Stored, StoreDamaged, StoreUnreachable
from services.objects.streaming import StoredFile

__all__ = ["Depot", "ObjectStore", "StoreDamaged", "StoreUnreachable", "Stored"]


def is_external() -> bool:
    return bool(current_app.config["STORAGE_URL"])


def depot() -> Depot | None:
    """The store with this host's data folder; None where that folder is all there is."""
    if not is_external():
        return None
    found: Depot | None = current_app.extensions.get("depot")
    if found is None:
        # Who has no store loads no library for one.
        from services.objects.s3 import S3  # noqa: PLC0415

        found = Depot(Path(current_app.config["DATA_DIR"]), S3(current_app.config))
        current_app.extensions["depot"] = found
    return found


def put(*paths: Path) -> None:
    """Make files durable before a row names them: call it first, commit then.

    Raises StoreUnreachable.
    """
    if there := depot():
        there.put(paths)


def bring(path: Path, sha256: str = "") -> Path:
    """Have the file here, if it is anywhere; call it before opening one. Returns `path`.

    What arrives with other bytes than `sha256` (or, without it, than were put there) is refused.
    Raises StoreUnreachable, StoreDamaged.
    """
    there = depot()
    return there.bring(path, sha256) if there else path


def opened(path: Path, sha256: str = "", size: int | None = None) -> StoredFile | None:
    """A file that is only in the store, to be sent on without waiting for all of it; None where it
    is here. Raises FileNotFoundError, StoreUnreachable, StoreDamaged."""
    there = depot()
    return None if there is None or path.exists() else there.opened(path, sha256, size)


def bring_all(paths: Collection[Path]) -> None:
    """The same of many, some at once."""
    if there := depot():
        there.bring_all(paths)


def bring_below(folder: Path) -> None:
    """Have here what the store has below a folder."""
    if there := depot():
        there.bring_all([there.data / each.name for each in there.below(folder)])


def bringing() -> Callable[[Path], Path]:
    """`bring` for what goes on after the app context, such as an answer that is being sent."""
    there = depot()
    return there.bring if there else lambda path: path


def lacking(paths: Collection[Path]) -> set[Path]:
    """Those that are nowhere. Raises StoreUnreachable."""
    there = depot()
    return there.lacking(paths) if there else {path for path in paths if not path.exists()}


def is_lost(*paths: Path) -> bool:
    """Whether one of them is known to be nowhere; while the store does not answer, none is."""
    try:
        return bool(lacking(paths))
    except StoreUnreachable:
        return False


def answers() -> bool:
    """Whether files can be had; always, where there is no store."""
    return not is_external() or not _is_silent()


def _is_silent() -> bool:
    try:
        lacking([Path(current_app.config["DATA_DIR"]) / "work" / "is-anybody-there"])
    except StoreUnreachable:
        return True
    return False


def below(folder: Path) -> Iterator[Stored]:
    """What the store has below a folder; nothing without one. Raises StoreUnreachable."""
    if there := depot():
        yield from there.below(folder)


def drop(path: Path) -> None:
    """Delete a file, or all below a folder, from the store; never fails."""
    if there := depot():
        there.drop(path)
