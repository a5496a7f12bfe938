"""One PDF out of a plan: documents in order, found by bookmarks, and at the end what stayed out."""

import contextlib
import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pikepdf

from binder import sniff
from binder.errors import BinderError, Cancelled
from binder.fragment import FRAGMENT_VERSION, Fragment
from binder.fragments import fragments_of
from binder.linker import Linked, Linker, Part
from binder.make_fragment import make
from binder.manifest import Manifest
from binder.metadata import Metadata
from binder.output import Output
from binder.plan import Document, Plan
from binder.sections import document_parts, left_out_part
from binder.verify import verify


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backup is. `step` is for people: “Adding invoice 7 of SC-004”."""

    step: str
    documents_done: int
    documents_total: int
    pages_done: int


def assemble(
    plan: Plan,
    out: Path,
    *,
    work: Path,
    progress: Callable[[Progress], None],
    cancelled: Callable[[], bool],
) -> Manifest:
    """Write the backup of `plan` to `out` and return its manifest.

    `work` is a folder for temporary files and, in its `fragments/`, for prepared documents that
    later backups find again. `progress` is called as often as there is news, `cancelled` before
    each document. Raises Cancelled, PagesDiffer or another BinderError; then `out` is as it was
    before.
    """
    if not plan.documents:
        raise BinderError("There is nothing to compile: no document was chosen.")
    part = out.with_name(out.name + ".part")
    try:
        with TemporaryDirectory(prefix="backup-", dir=work) as folder:
            parts = _prepare(plan, work, Path(folder), progress, cancelled)
            linked = _link(plan, parts, part, progress, cancelled)
            _tell(progress, "Checking the file", len(plan.documents), plan, linked.pages)
            verify(part, parts)
        part.replace(out)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()
        raise
    _sync_folder(out.parent)
    return _manifest(plan, parts, linked)


def _tell(
    progress: Callable[[Progress], None], step: str, done: int, plan: Plan, pages: int
) -> None:
    progress(Progress(step, done, len(plan.documents), pages))


def _prepare(
    plan: Plan,
    work: Path,
    folder: Path,
    progress: Callable[[Progress], None],
    cancelled: Callable[[], bool],
) -> list[Part]:
    """Every part in its place, with its fragment."""

    def making(done: int, document: Document) -> None:
        _tell(progress, f"Preparing “{document.name}”", done, plan, 0)

    fragments = fragments_of(plan.documents, work, making=making, cancelled=cancelled)
    parts = list(document_parts(plan, fragments))
    if plan.left_out:
        # Loaded only here: drawing takes more memory than linking.
        from binder.render.notices import left_out_pages  # noqa: PLC0415

        parts.append(left_out_part(plan, _own_pages(left_out_pages(plan), folder / "left-out.pdf")))
    return parts


def _own_pages(pdf: bytes, path: Path) -> Fragment:
    """The fragment of pages that we drew ourselves."""
    drawn = path.with_suffix(".drawn.pdf")
    drawn.write_bytes(pdf)
    make(drawn, sniff.PDF, path)
    return Fragment.open(path)


def _link(
    plan: Plan,
    parts: Sequence[Part],
    path: Path,
    progress: Callable[[Progress], None],
    cancelled: Callable[[], bool],
) -> Linked:
    total = len(plan.documents)
    with Output(path) as out:
        linker = Linker(out, sum(part.fragment.pages for part in parts))
        for index, part in enumerate(parts):
            if cancelled():
                raise Cancelled("The backup was cancelled; nothing was written.")
            if index < total:
                _tell(progress, _step(plan.documents[index]), index, plan, linker.pages)
            linker.add(part)
        _tell(progress, "Writing the file", total, plan, linker.pages)
        return linker.finish(_metadata(plan), _identity(plan))


def _step(document: Document) -> str:
    return f"Adding invoice {document.invoice.position} of {document.invoice.contract.number}"


def _metadata(plan: Plan) -> Metadata:
    project = " ".join(part for part in (plan.project_number, plan.project_name) if part)
    return Metadata(
        title=plan.title,
        author=plan.requested_by,
        subject=f"{project}, backup {plan.number}",
        language=plan.language,
        at=plan.requested_at,
    )


def _identity(plan: Plan) -> bytes:
    """Equal for equal inputs, and for nothing else."""
    digest = hashlib.blake2b(digest_size=16)
    for text in (
        plan.project_number,
        str(plan.number),
        plan.requested_at.isoformat(),
        *(document.sha256 for document in plan.documents),
    ):
        digest.update(text.encode() + b"\0")
    return digest.digest()


def _manifest(plan: Plan, parts: Sequence[Part], linked: Linked) -> Manifest:
    first_pages, page = [], 1
    for part in parts[: len(plan.documents)]:
        first_pages.append(page)
        page += part.fragment.pages
    return Manifest.of(
        plan,
        first_pages=tuple(first_pages),
        pages=linked.pages,
        size=linked.size,
        sha256=linked.sha256,
        versions={
            "fragment": str(FRAGMENT_VERSION),
            "pikepdf": pikepdf.__version__,
            "qpdf": pikepdf.__libqpdf_version__,
        },
    )


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
