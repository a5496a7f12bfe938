"""Files as lists show them: what they are, what is odd about them, what becomes of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from binder import sentences, sniff
from binder.facts import FileFacts, Problem
from models import Attachment, Signature, StoredFile
from services import files, objects
from services.formats import counted

#: What a browser shows by itself and a hostile file cannot abuse.
INLINE = frozenset({sniff.PDF, sniff.JPEG, sniff.PNG})
_KINDS = {
    sniff.PDF: "PDF",
    sniff.JPEG: "JPEG picture",
    sniff.PNG: "PNG picture",
    sniff.TIFF: "TIFF picture",
    sniff.HEIC: "HEIC picture",
    sniff.EMPTY: "Empty file",
}


@dataclass(frozen=True, slots=True)
class FileView:
    """One file under the name it has here."""

    name: str
    size: int
    is_inspected: bool
    #: "" until intake has looked.
    kind: str = ""
    pages: int = 0
    #: What is wrong and what to ask for; "" where the file can become pages.
    problem: str = ""
    #: What a problem means for backups.
    consequence: str = ""
    #: Oddities worth knowing, without a full stop.
    notes: Sequence[str] = ()
    has_preview: bool = False
    is_picture: bool = False
    is_inline: bool = False


def of_attachment(attachment: Attachment) -> FileView:
    is_pdf_by_name = attachment.name.lower().endswith(".pdf")
    return _view(attachment.name, attachment.file, must_be_pdf=is_pdf_by_name)


def of_signature(signature: Signature) -> FileView | None:
    """None for an envelope that has not come back."""
    if signature.file is None:
        return None
    return _view(signature.name or "Signed copy.pdf", signature.file, must_be_pdf=True)


def _view(name: str, row: StoredFile, *, must_be_pdf: bool) -> FileView:
    facts = files.facts_of(row)
    if facts is None:
        return FileView(name=name, size=row.size, is_inspected=False)
    return FileView(
        name=name,
        size=row.size,
        is_inspected=True,
        kind=kind(facts.media_type),
        pages=facts.pages,
        problem=files.sentence_for(facts, name),
        consequence=_consequence(facts, must_be_pdf=must_be_pdf),
        notes=tuple(_notes(facts)),
        # A list asks for many: whether the store has them is seen by who looks.
        has_preview=bool(facts.pages and objects.is_external())
        or files.preview_path(row.sha256).exists(),
        is_picture=facts.media_type in sniff.IMAGES,
        is_inline=facts.media_type in INLINE,
    )


def kind(media_type: str) -> str:
    """PDF, JPEG picture, Word document."""
    if media_type in _KINDS:
        return _KINDS[media_type]
    words = sentences.kind_in_words(media_type).removeprefix("a ").removeprefix("an ")
    return words[:1].upper() + words[1:]


def _consequence(facts: FileFacts, *, must_be_pdf: bool) -> str:
    if facts.problem is None:
        return ""
    if facts.problem == Problem.NOT_PDF and not must_be_pdf:
        return "In backups, a page that names it stands in for it."
    return "No backup can be compiled until it is replaced or left out."


def _notes(facts: FileFacts) -> Iterator[str]:
    if facts.problem:
        return
    yield from _of_pages(facts)
    if facts.upside_down_pages:
        yield f"{counted(facts.upside_down_pages, 'page')} upside down"
    if facts.repaired:
        yield "was damaged, repaired"
    if facts.was_encrypted_with_empty_password:
        yield "was encrypted with an empty password, opened"
    if facts.was_signed:
        yield "carries a digital signature, which does not survive merging"
    yield from (f"{what} taken out" for what in facts.removed)
    yield from (warning.rstrip(".") for warning in facts.warnings)


def _of_pages(facts: FileFacts) -> Iterator[str]:
    """Text or scan, and how fine."""
    if facts.media_type not in sniff.IMAGES:
        if not facts.searchable_pages:
            yield "scanned, not searchable"
        elif facts.scanned_pages:
            yield f"text, but {counted(facts.scanned_pages, 'page')} scanned, not searchable"
        else:
            yield "searchable text"
    if facts.max_dpi:
        yield f"{facts.max_dpi} dpi" if facts.scanned_pages else f"pictures of {facts.max_dpi} dpi"
