"""What a compile needs of the store, fetched to this host before anything is planned."""

from collections.abc import Iterator, Mapping
from hashlib import file_digest
from pathlib import Path

from binder.fragment import Fragment, NotAFragment
from services import objects, storage
from services.backups.frozen import FrozenRequest


def bring(frozen: FrozenRequest) -> None:
    """Have here what is linked: fragments and drawings, and of the files themselves those that go
    into the ZIP or have no fragment that still serves."""
    if not objects.is_external():
        return
    fragments = {digest: storage.prepared(digest) for digest in frozen.sha256s}
    drawings = [storage.drawn(row.content_key) for row in frozen.invoices if row.content_key]
    objects.bring_all([*fragments.values(), *drawings])
    made = [_fragment(path) for path in drawings if path.exists()]
    needed = _all_files(frozen) if frozen.recipe.originals else _unprepared(fragments)
    objects.bring_all([*made, *(storage.original(digest) for digest in needed)])


def _all_files(frozen: FrozenRequest) -> Iterator[str]:
    yield from frozen.sha256s
    for invoice in frozen.invoices:
        yield from (file.sha256 for file in invoice.left_out if file.sha256)


def _unprepared(fragments: Mapping[str, Path]) -> Iterator[str]:
    for digest, path in fragments.items():
        try:
            Fragment.open(path)
        except NotAFragment:
            yield digest


def _fragment(drawing: Path) -> Path:
    with drawing.open("rb") as file:
        return storage.prepared(file_digest(file, "sha256").hexdigest())
