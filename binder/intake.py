"""Look into a file once, when it arrives, in a child process that may crash."""

from pathlib import Path
from typing import Any

from binder import sniff
from binder.facts import FileFacts, Problem
from binder.images import picture_facts
from binder.isolation import ChildFailed, run_limited
from binder.limits import DEFAULT_LIMITS, Limits
from binder.reading import read
from binder.sentences import sentence
from binder.source import Refused, Source, has_xfa, is_dynamic_xfa, open_pdf, was_signed

_PROBLEM_OF_FAILURE = {
    "crashed": Problem.UNREADABLE,
    "too slow": Problem.TOO_LARGE,
    "out of memory": Problem.TOO_LARGE,
    "output too large": Problem.TOO_LARGE,
}


def inspect(path: Path, name: str, *, limits: Limits = DEFAULT_LIMITS) -> FileFacts:
    """The facts of the file at `path`, called `name` by people. A bad file is a Problem, never an
    exception."""
    media_type = sniff.media_type(path)
    size = path.stat().st_size
    problem = _obvious_problem(media_type, size, limits)
    if problem is None:
        try:
            return FileFacts.from_json(
                run_limited(lambda: _examine(path, name, media_type, limits), limits)
            )
        except ChildFailed as failure:
            problem = _PROBLEM_OF_FAILURE[failure.why]
    return _with_problem(problem, name, media_type, size)


def _obvious_problem(media_type: str, size: int, limits: Limits) -> Problem | None:
    if media_type == sniff.EMPTY:
        return Problem.EMPTY
    if media_type != sniff.PDF and media_type not in sniff.IMAGES:
        return Problem.NOT_PDF
    return Problem.TOO_LARGE if size > limits.size else None


def _with_problem(problem: Problem, name: str, media_type: str, size: int) -> FileFacts:
    return FileFacts(
        media_type=media_type,
        size=size,
        problem=problem,
        sentence=sentence(problem, name, media_type),
    )


def _examine(path: Path, name: str, media_type: str, limits: Limits) -> dict[str, Any]:
    """Runs in the child."""
    size = path.stat().st_size
    try:
        if media_type in sniff.IMAGES:
            facts = _picture_facts(path, media_type, size)
        else:
            facts = _pdf_facts(path, open_pdf(path), size)
    except Refused as refused:
        facts = _with_problem(refused.problem, name, media_type, size)
    if facts.pages > limits.pages:
        facts = _with_problem(Problem.TOO_LARGE, name, media_type, size)
    return facts.to_json()


def _picture_facts(path: Path, media_type: str, size: int) -> FileFacts:
    try:
        frames, dpi = picture_facts(path)
    except (OSError, ValueError, SyntaxError) as error:
        raise Refused(Problem.UNREADABLE) from error
    return FileFacts(media_type=media_type, size=size, pages=frames, max_dpi=dpi)


def _pdf_facts(path: Path, source: Source, size: int) -> FileFacts:
    pages = len(source.pdf.pages)
    reading = read(path)
    if is_dynamic_xfa(source.pdf, reading.first_page_text if reading else ""):
        raise Refused(Problem.DYNAMIC_XFA)
    warnings = []
    if reading and reading.pages != pages:
        warnings.append(
            f"Two readers count different pages ({pages} and {reading.pages}); check the result."
        )
    return FileFacts(
        media_type=sniff.PDF,
        size=size,
        pages=pages,
        repaired=source.repaired or reading is None,
        was_encrypted_with_empty_password=source.encrypted,
        was_signed=was_signed(source.pdf),
        searchable_pages=reading.searchable_pages if reading else 0,
        upside_down_pages=reading.upside_down_pages if reading else 0,
        max_dpi=reading.max_dpi if reading else 0,
        page_sizes=reading.page_sizes if reading else (),
        removed=("XFA form",) if has_xfa(source.pdf) else (),
        warnings=tuple(warnings),
    )
