"""A document out of a plan: what was chosen, in order, and the pages that make it one."""

import contextlib
import hashlib
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pikepdf

from binder.errors import BinderError, Cancelled
from binder.fragment import FRAGMENT_VERSION, Fragment
from binder.fragments import fragments_of
from binder.furnishing import DrawnPiece, Furnisher
from binder.layout import Layout, PieceKind, Volume, lay_out
from binder.linker import Linked, Linker
from binder.manifest import Manifest, ManifestVolume
from binder.metadata import Metadata
from binder.notes import note_of
from binder.originals import Zipped, write_originals
from binder.output import Output
from binder.plan import Document, Plan
from binder.sections import PlacedPart, parts_of, places_back
from binder.verify import verify, verify_receipt

#: Raised when the same inputs are put together in another way.
BINDER_VERSION = 2

#: Bytes that are read and digested at once.
_PIECE = 2 << 20

Drawing = Future[dict[tuple[int, int], DrawnPiece]]


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

    Where the recipe splits it, nothing is written to `out` itself: the files lie beside it under
    the names of `Manifest.volumes`, and so does the ZIP of `Manifest.originals`. `work` is a
    folder for temporary files and, in its `fragments/`, for prepared documents that later backups
    find again. `progress` is called as often as there is news, `cancelled` before each document.
    Raises Cancelled, PagesDiffer or another BinderError; then every file is as it was before.
    """
    if not plan.documents:
        raise BinderError("There is nothing to compile: no document was chosen.")
    assembly = _Assembly(plan, out, work, progress, cancelled)
    try:
        with TemporaryDirectory(prefix="backup-", dir=work) as folder:
            manifest = assembly.run(Path(folder))
        for part, target in assembly.files:
            part.replace(target)
    except BaseException:
        for part, _ in assembly.files:
            with contextlib.suppress(FileNotFoundError):
                part.unlink()
        raise
    _sync_folder(out.parent)
    return manifest


@dataclass(slots=True)
class _Assembly:
    plan: Plan
    out: Path
    work: Path
    progress: Callable[[Progress], None]
    cancelled: Callable[[], bool]
    #: Unfinished files, and what they are to be called.
    files: list[tuple[Path, Path]] = field(default_factory=list)

    def run(self, folder: Path) -> Manifest:
        """Everything up to the last rename; temporary files go to `folder`."""
        plan = self.plan
        notes = [note_of(document.facts) for document in plan.documents]
        notes = notes if any(notes) else []
        # Drawing needs another processor, not this one's memory: see `binder.furnishing`.
        with Furnisher(plan, notes) as furnisher, ThreadPoolExecutor(1) as aside:
            counting = aside.submit(furnisher.count)
            fragments = self._prepare()
            sizes = [fragment.body_length for fragment in fragments]
            layout = lay_out(plan, counting.result(), sizes)
            manifest = Manifest.of(plan, layout, _versions())
            drawing = aside.submit(furnisher.draw, layout, manifest.inputs_sha256, folder)
            identity = bytes.fromhex(manifest.inputs_sha256)
            linked = [
                self._link(layout, volume, fragments, drawing, identity)
                for volume in layout.volumes
            ]
        originals = self._originals()
        self._tell("Checking the file", len(plan.documents), layout.pages)
        digests = self._verify(layout, fragments, drawing)
        return manifest.finished(
            [
                ManifestVolume(target.name, each.pages, each.size, digest)
                for each, digest, (_, target) in zip(linked, digests, self.files, strict=False)
            ],
            originals,
        )

    def _tell(self, step: str, done: int, pages: int) -> None:
        self.progress(Progress(step, done, len(self.plan.documents), pages))

    def _check(self) -> None:
        if self.cancelled():
            raise Cancelled("The backup was cancelled; nothing was written.")

    def _prepare(self) -> list[Fragment]:
        def making(done: int, document: Document) -> None:
            self._tell(f"Preparing “{document.name}”", done, 0)

        return fragments_of(self.plan.documents, self.work, making=making, cancelled=self.cancelled)

    def _link(
        self,
        layout: Layout,
        volume: Volume,
        fragments: list[Fragment],
        drawing: Drawing,
        identity: bytes,
    ) -> Linked:
        """One file: its documents first, its furniture as soon as that is drawn."""
        plan = self.plan
        target = _name_of(self.out, layout, volume)
        path = target.with_name(target.name + ".part")
        self.files.append((path, target))
        before = sum(each.pages for each in layout.volumes[: volume.number - 1])
        with Output(path) as out:
            linker = Linker(out, volume.pages, volume.numbers)
            done = min(volume.documents, default=len(plan.documents))
            for placed in parts_of(plan, layout, volume, fragments, {}):
                self._check()
                self._tell(self._step(placed), done, before + linker.pages)
                linker.add(placed.part, placed.piece.first_page - 1)
                done += 1
            if any(piece.kind is not PieceKind.DOCUMENT for piece in volume.pieces):
                self._tell("Adding the pages around them", done, before + linker.pages)
            for placed in parts_of(plan, layout, volume, fragments, drawing.result()):
                if placed.piece.kind is not PieceKind.DOCUMENT:
                    linker.add(placed.part, placed.piece.first_page - 1)
            self._tell("Writing the file", done, before + linker.pages)
            name = identity[:15] + bytes([volume.number % 256])
            backs = places_back(plan, volume, drawing.result())
            return linker.finish(_metadata(plan, layout, volume), name, backs)

    def _step(self, placed: PlacedPart) -> str:
        assert placed.piece.document is not None
        invoice = self.plan.documents[placed.piece.document].invoice
        return f"Adding invoice {invoice.position} of {invoice.contract.number}"

    def _originals(self) -> Zipped | None:
        if not self.plan.recipe.originals:
            return None
        self._tell("Packing the originals", len(self.plan.documents), 0)
        target = self.out.with_name(f"{self.out.name.removesuffix('.pdf')} - originals.zip")
        part = target.with_name(target.name + ".part")
        self.files.append((part, target))
        return write_originals(self.plan, part, target.name, self.cancelled)

    def _verify(self, layout: Layout, fragments: list[Fragment], drawing: Drawing) -> list[str]:
        """Check every volume; the SHA-256 of each as it lies on the disk, computed meanwhile."""
        paths = [path for path, _ in self.files[: len(layout.volumes)]]
        with ThreadPoolExecutor(1) as aside:
            digests = [aside.submit(_sha256, path) for path in paths]
            for volume, path in zip(layout.volumes, paths, strict=True):
                placed = list(parts_of(self.plan, layout, volume, fragments, drawing.result()))
                backs = places_back(self.plan, volume, drawing.result())
                verify(path, [each.part for each in placed], volume.numbers, backs)
                for piece in (each.piece for each in placed):
                    if piece.kind is PieceKind.RECEIPT:
                        pages = range(piece.first_page - 1, piece.last_page)
                        verify_receipt(path, pages, self.plan, layout.pages)
            return [digest.result() for digest in digests]


def _sha256(path: Path) -> str:
    """In large pieces: before each of them a thread waits for its turn."""
    digest = hashlib.sha256()
    buffer = memoryview(bytearray(_PIECE))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            digest.update(buffer[:count])
    return digest.hexdigest()


def _name_of(out: Path, layout: Layout, volume: Volume) -> Path:
    count = len(layout.volumes)
    if count == 1:
        return out
    return out.with_name(f"{out.name.removesuffix('.pdf')} - volume {volume.number} of {count}.pdf")


def _metadata(plan: Plan, layout: Layout, volume: Volume) -> Metadata:
    project = " ".join(part for part in (plan.project_number, plan.project_name) if part)
    count = len(layout.volumes)
    which = f", volume {volume.number} of {count}" if count > 1 else ""
    to = f", addendum to backup {plan.addendum.to}" if plan.addendum else ""
    return Metadata(
        title=plan.title + which,
        author=plan.requested_by,
        subject=f"{project}, backup {plan.number}{to}",
        language=plan.language,
        at=plan.requested_at,
    )


def _versions() -> dict[str, str]:
    return {
        "binder": str(BINDER_VERSION),
        "fragment": str(FRAGMENT_VERSION),
        "pikepdf": pikepdf.__version__,
        "qpdf": pikepdf.__libqpdf_version__,
    }


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
