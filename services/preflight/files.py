"""Files that cannot be pages, and pages that a strict reader would send back."""

from collections import Counter
from collections.abc import Iterator

from flask_babel import gettext

from binder.facts import Problem
from binder.sentences import sentence
from services import document_types
from services.findings import Finding, Severity
from services.formats import counted
from services.preflight.facts import FileRow, Selection
from services.preflight.periods import about, capital

#: Resolution above which courts and agencies ask for a smaller scan (binder notes A.8).
DPI_LIMIT = 300
_PDF = "application/pdf"


def file_findings(selection: Selection) -> Iterator[Finding]:
    told = "; the receipt says so" if selection.recipe.receipt else ""
    for file in [*selection.signed.values(), *selection.included]:
        yield from _one_file(file)
    for file in selection.attachments:
        if file.is_left_out:
            message = f"“{file.name}” is left out of {file.invoice.name}{told}."
            yield _about(file, Severity.NOTE, "left_out", message)
    yield from _left_out_types(selection, told)
    yield from _copies(selection)


def _left_out_types(selection: Selection, told: str) -> Iterator[Finding]:
    """One note for each type, however many files it has."""
    counts = Counter(file.document_type for file in selection.left_out_by_type)
    if not counts:
        return
    names = document_types.names_of(selection.project_id)
    for code in selection.recipe.left_out_types:
        if count := counts[code]:
            stay = "stays" if count == 1 else "stay"
            message = (
                f"{counted(count, 'file')} of the type “{names.get(code, code)}” {stay} out by the "
                f"options of this backup{told}."
            )
            yield Finding(Severity.NOTE, "type_left_out", message)


def _one_file(file: FileRow) -> Iterator[Finding]:
    facts = file.facts
    if facts is None:
        message = f"“{file.name}” of {file.invoice.name} has not been checked yet."
        yield _about(file, Severity.WARNING, "not_checked", message)
        return
    if file.problem:
        yield _problem(file, facts["media_type"], Problem(file.problem))
        return
    if facts["media_type"] != _PDF:
        message = f"“{file.name}” of {file.invoice.name} is a picture; it becomes a page."
        yield _about(file, Severity.WARNING, "not_pdf", message)
    elif not facts.get("searchable_pages"):
        message = f"“{file.name}” of {file.invoice.name} cannot be searched: it is a scan."
        yield _about(file, Severity.NOTE, "not_searchable", message)
    if facts.get("max_dpi", 0) > DPI_LIMIT:
        message = f"“{file.name}” of {file.invoice.name} has {facts['max_dpi']} dpi; 300 is plenty."
        yield _about(file, Severity.NOTE, "high_resolution", message)
    if facts.get("upside_down_pages"):
        pages = counted(facts["upside_down_pages"], "page")
        message = f"“{file.name}” of {file.invoice.name} seems to have {pages} upside down."
        yield _about(file, Severity.NOTE, "upside_down", message)


def _problem(file: FileRow, media_type: str, problem: Problem) -> Finding:
    said = sentence(problem, file.name, media_type, gettext)
    if problem == Problem.NOT_PDF and not _must_be_pdf(file):
        message = f"{capital(file.invoice.name)}: {said} A page that names it stands in."
        return _about(file, Severity.WARNING, "not_pdf", message)
    message = f"{capital(file.invoice.name)}: {said}"
    code = Problem.UNREADABLE if problem == Problem.NOT_PDF else problem
    return _about(file, Severity.BLOCKING, code.value, message)


def _must_be_pdf(file: FileRow) -> bool:
    """A signed copy, and a file that calls itself a PDF, must be one."""
    return file.attachment_id is None or file.name.lower().endswith(".pdf")


def _copies(selection: Selection) -> Iterator[Finding]:
    seen: set[str] = set()
    for file in selection.included:
        places = selection.copies.get(file.sha256, [])
        # A file that cannot be read is reported for that; twice nothing is still nothing.
        if len(places) < 2 or file.sha256 in seen or file.problem:
            continue
        seen.add(file.sha256)
        others = list(places)
        others.remove((file.invoice.id, file.invoice.name))
        other_id, other = others[0]
        where = "twice on the same invoice" if other_id == file.invoice.id else f"also on {other}"
        message = f"“{file.name}” of {file.invoice.name} is {where}: the same file, byte for byte."
        yield _about(file, Severity.WARNING, "same_file_twice", message)


def _about(file: FileRow, severity: Severity, code: str, message: str) -> Finding:
    return about(
        file.invoice, severity, code, message, file=file.name, attachment_id=file.attachment_id
    )
