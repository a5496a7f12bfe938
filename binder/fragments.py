"""The fragments of a plan's documents: found where intake put them, or made now."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from binder.errors import BinderError, Cancelled, PagesDiffer
from binder.fragment import Fragment, NotAFragment
from binder.intake import make_fragment
from binder.plan import Document, EntryKind


def fragment_path(work: Path, sha256: str) -> Path:
    """Where the fragment of a file with this digest is kept below `work`."""
    return work / "fragments" / sha256[:2] / f"{sha256}.pdf"


def fragments_of(
    documents: tuple[Document, ...],
    work: Path,
    *,
    making: Callable[[int, Document], None],
    cancelled: Callable[[], bool],
) -> list[Fragment]:
    """The fragment of each document, in order.

    `making` is told, by index, of each document whose fragment is missing, of an older version or
    older than its file, and has to be made. Raises Cancelled between documents, PagesDiffer, or
    BinderError for a file that cannot become pages.
    """
    found = []
    for index, document in enumerate(documents):
        if cancelled():
            raise Cancelled("The backup was cancelled; nothing was written.")
        path = document.fragment or fragment_path(work, _digest_of_pages(document))
        fragment = current(document.path, path)
        if fragment is None:
            making(index, document)
            fragment = _make(document, path)
        if fragment.pages != document.pages:
            raise PagesDiffer(
                f"“{document.name}” has {_pages(fragment.pages)} now; "
                f"when it arrived it had {_pages(document.pages)}."
            )
        found.append(fragment)
    return found


def current(original: Path, path: Path) -> Fragment | None:
    """The fragment at `path`, unless it is missing, of another version, or older than the file.

    The file itself need not be there: nothing of it is read.
    """
    try:
        fragment = Fragment.open(path)
        made = path.stat().st_mtime_ns
    except (NotAFragment, OSError):
        return None
    try:
        return None if original.stat().st_mtime_ns > made else fragment
    except OSError:
        return fragment


def _digest_of_pages(document: Document) -> str:
    """A placeholder carries the digest of the file that it stands for, not its own."""
    is_ours = document.kind is EntryKind.PLACEHOLDER
    return _digest(document) if is_ours else document.sha256


def _digest(document: Document) -> str:
    try:
        with document.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BinderError(f"“{document.name}” is gone from the disk.") from error


def _make(document: Document, path: Path) -> Fragment:
    if _digest(document) != _digest_of_pages(document):
        raise BinderError(f"“{document.name}” is not the file any more that was chosen.")
    facts = make_fragment(document.path, document.name, path)
    if facts.problem is not None:
        raise BinderError(facts.sentence)
    return Fragment.open(path)


def _pages(count: int) -> str:
    return "1 page" if count == 1 else f"{count:,} pages"
