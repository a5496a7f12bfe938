"""One PDF out of a plan: documents merged in order, found by bookmarks, what stayed out listed at
the end."""

import contextlib
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pikepdf
from pikepdf import Dictionary, Name, OutlineItem, Pdf

from binder.errors import BinderError, Cancelled, PagesDiffer
from binder.isolation import ChildFailed, run_limited
from binder.limits import DEFAULT_LIMITS
from binder.manifest import Manifest
from binder.plan import Document, Plan
from binder.prepare import prepare
from binder.render.notices import left_out_pages
from binder.source import Refused


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backup is. `step` is for people: “Adding Inv 7 of SC-004”."""

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

    `work` is a folder for temporary files. `progress` is called after each document, `cancelled` before.
    Raises Cancelled, PagesDiffer or another BinderError; then `out` is as it was before.
    """
    part = out.with_name(out.name + ".part")
    try:
        with TemporaryDirectory(dir=work) as folder, Pdf.new() as pdf:
            first_pages = _add_documents(pdf, plan, Path(folder), progress, cancelled)
            _add_left_out(pdf, plan, Path(folder) / "left-out.pdf")
            _furnish(pdf, plan, first_pages)
            pages = len(pdf.pages)
            pdf.save(part, static_id=True)
        manifest = _manifest(plan, part, first_pages, pages)
        _sync(part)
        part.replace(out)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()
        raise
    return manifest


def _add_documents(
    pdf: Pdf,
    plan: Plan,
    folder: Path,
    progress: Callable[[Progress], None],
    cancelled: Callable[[], bool],
) -> tuple[int, ...]:
    """The first page of each document, from 1."""
    first_pages = []
    total = len(plan.documents)
    for done, document in enumerate(plan.documents):
        if cancelled():
            raise Cancelled("The backup was cancelled; nothing was written.")
        step = f"Adding invoice {document.invoice.position} of {document.invoice.contract.number}"
        progress(Progress(step, done, total, len(pdf.pages)))
        first_pages.append(len(pdf.pages) + 1)
        prepared = folder / "document.pdf"
        _prepare(document, prepared)
        with Pdf.open(prepared) as source:
            pdf.add_pages_from(source)
        prepared.unlink()
    progress(Progress("Writing the file", total, total, len(pdf.pages)))
    return tuple(first_pages)


def _prepare(document: Document, dest: Path) -> None:
    try:
        answer = run_limited(lambda: _prepare_in_child(document, dest), DEFAULT_LIMITS)
    except ChildFailed as failure:
        raise BinderError(f"“{document.name}” could not be read: {failure.why}.") from failure
    if "problem" in answer:
        raise BinderError(f"“{document.name}” cannot be merged: {answer['problem']}.")
    if answer["pages"] != document.pages:
        raise PagesDiffer(
            f"“{document.name}” has {answer['pages']} pages now; it had {document.pages} when it arrived."
        )


def _prepare_in_child(document: Document, dest: Path) -> dict[str, int | str]:
    try:
        return {"pages": prepare(document.path, dest)}
    except Refused as refused:
        return {"problem": refused.problem.value}


def _add_left_out(pdf: Pdf, plan: Plan, dest: Path) -> None:
    if plan.left_out:
        dest.write_bytes(left_out_pages(plan))
        with Pdf.open(dest) as source:
            pdf.add_pages_from(source)


def _furnish(pdf: Pdf, plan: Plan, first_pages: tuple[int, ...]) -> None:
    expected = sum(document.pages for document in plan.documents)
    if len(pdf.pages) < expected:
        raise PagesDiffer(f"{len(pdf.pages)} pages came out; {expected} went in.")
    pdf.Root.PageLabels = Dictionary(Nums=pikepdf.Array([0, Dictionary(S=Name.D)]))
    pdf.Root.PageMode = Name.UseOutlines
    pdf.Root.Lang = pikepdf.String(plan.language)
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    pdf.docinfo["/Title"] = plan.title
    _bookmark(pdf, plan, first_pages, expected)


def _bookmark(pdf: Pdf, plan: Plan, first_pages: tuple[int, ...], expected: int) -> None:
    """Contract → invoice → document, each with its page number."""
    with pdf.open_outline() as outline:
        contract = invoice = None
        for document, page in zip(plan.documents, first_pages, strict=True):
            number = document.invoice.contract.number
            if contract is None or contract[0] != number:
                title = f"{number} {document.invoice.contract.company}"
                contract = (number, _item(title, page))
                outline.root.append(contract[1])
                invoice = None
            position = document.invoice.position
            if invoice is None or invoice[0] != position:
                invoice = (position, _item(f"Invoice {position}", page))
                contract[1].children.append(invoice[1])
            invoice[1].children.append(_item(document.name, page))
        if plan.left_out:
            outline.root.append(_item("Left out", expected + 1))


def _item(title: str, page: int) -> OutlineItem:
    return OutlineItem(f"{title} · p. {page}", page - 1)


def _manifest(plan: Plan, part: Path, first_pages: tuple[int, ...], pages: int) -> Manifest:
    with part.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    versions = {"pikepdf": pikepdf.__version__, "qpdf": pikepdf.__libqpdf_version__}
    return Manifest.of(
        plan,
        first_pages=first_pages,
        pages=pages,
        size=part.stat().st_size,
        sha256=digest,
        versions=versions,
    )


def _sync(part: Path) -> None:
    with part.open("rb") as file:
        os.fsync(file.fileno())
