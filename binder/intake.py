"""Every file that arrives is prepared once, in a child process that may crash: a fragment and
facts."""

import errno
import importlib
import os
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Any

from binder import office, sniff
from binder.cage import Cage, room
from binder.facts import FileFacts, Problem
from binder.isolation import ChildFailed
from binder.limits import DEFAULT_LIMITS, Limits
from binder.make_fragment import make
from binder.sentences import sentence
from binder.source import Refused
from binder.workshop import Workshop

_PROBLEM_OF_FAILURE = {
    "crashed": Problem.UNREADABLE,
    "too slow": Problem.TOO_LARGE,
    "out of memory": Problem.TOO_LARGE,
    "output too large": Problem.TOO_LARGE,
}
_CONVERTED = (
    "Its pages were made by LibreOffice and may break elsewhere than in the sender’s program."
)
#: What the disk may say: no room, no quota left, broken.
_OF_THE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO})


def inspect(path: Path, name: str, *, limits: Limits = DEFAULT_LIMITS) -> FileFacts:
    """The facts of the file at `path`, called `name` by people. A bad file is a Problem, never an
    error.

    Whoever keeps the file calls `make_fragment` instead, which costs the same.
    """
    with TemporaryDirectory(prefix="drawpack-") as folder:
        return make_fragment(path, name, Path(folder) / "fragment.pdf", limits=limits)


def make_fragment(
    path: Path,
    name: str,
    dest: Path,
    *,
    limits: Limits = DEFAULT_LIMITS,
    soffice: Path | None = None,
) -> FileFacts:
    """Write the fragment of the file at `path` to `dest` and return its facts.

    With `soffice`, where LibreOffice is installed, office documents become pages too.
    A bad file is a Problem with a sentence that calls it `name`, never an error; then nothing is at
    `dest`. Raises OSError only when `path` cannot be read at all or the disk is full.
    """
    media_type = sniff.media_type(path)
    size = path.stat().st_size
    problem = _obvious_problem(media_type, size, limits)
    if soffice and problem is Problem.NOT_PDF and media_type in office.ENDINGS:
        facts = _of_office(soffice, path, name, dest, limits)
        return replace(facts, media_type=media_type, size=size, was_converted=True)
    if problem is None:
        if not dest.parent.exists():
            dest.parent.mkdir(parents=True, exist_ok=True)
        made = dest.with_name(f".{dest.name}.{token_hex(16)}")
        answer = None
        try:
            answer = _in_child(path, media_type, made, limits)
        finally:
            if not isinstance(answer, FileFacts):
                _remove_all(made)
        if isinstance(answer, FileFacts):
            made.replace(dest)
            return answer
        problem = answer
    return FileFacts(
        media_type=media_type,
        size=size,
        problem=problem,
        sentence=sentence(problem, name, media_type),
    )


def _of_office(soffice: Path, path: Path, name: str, dest: Path, limits: Limits) -> FileFacts:
    """What LibreOffice cannot open stays what it was: no PDF."""
    media_type = sniff.media_type(path)
    with TemporaryDirectory(prefix="drawpack-") as folder:
        pdf = Path(folder) / "document.pdf"
        if path.stat().st_size <= limits.size and office.to_pdf(
            soffice, path, media_type, pdf, limits
        ):
            facts = make_fragment(pdf, name, dest, limits=limits)
            if facts.problem is None:
                return replace(facts, warnings=(*facts.warnings, _CONVERTED))
    problem = Problem.NOT_PDF
    return FileFacts(media_type, problem=problem, sentence=sentence(problem, name, media_type))


def _remove_all(made: Path) -> None:
    """What a child may have left behind."""
    for left in made.parent.iterdir():
        if left.name.startswith(made.name):
            left.unlink(missing_ok=True)


def _obvious_problem(media_type: str, size: int, limits: Limits) -> Problem | None:
    if media_type == sniff.EMPTY:
        return Problem.EMPTY
    if media_type != sniff.PDF and media_type not in sniff.IMAGES:
        return Problem.NOT_PDF
    return Problem.TOO_LARGE if size > limits.size else None


def _in_child(path: Path, media_type: str, made: Path, limits: Limits) -> FileFacts | Problem:
    if media_type in sniff.IMAGES:
        # Loaded here, once: every child would have to load it again.
        importlib.import_module("binder.images")
    request = {"path": str(path), "media_type": media_type, "made": str(made)}
    try:
        seconds = limits.seconds_for(path.stat().st_size)
        answer = _workshop_under(limits).ask(request, seconds=seconds)
    except ChildFailed as failure:
        return _PROBLEM_OF_FAILURE[failure.why]
    try:
        return _understood(answer, made.parent, limits)
    except (TypeError, ValueError, OverflowError):
        # No child of ours speaks so: the file has taken it over.
        return Problem.UNREADABLE


def _understood(answer: dict[str, Any], folder: Path, limits: Limits) -> FileFacts | Problem:
    if answer.get("errno") in _OF_THE_DISK:
        # Not the file's fault: it must not be remembered as broken.
        raise OSError(answer["errno"], os.strerror(answer["errno"]), str(folder))
    if "refused" in answer:
        return Problem(answer["refused"])
    facts = FileFacts.from_json(answer)
    return Problem.TOO_LARGE if facts.pages > limits.pages else facts


def _make(request: dict[str, Any]) -> dict[str, Any]:
    """Runs in the child."""
    try:
        return make(Path(request["path"]), request["media_type"], Path(request["made"])).to_json()
    except Refused as refused:
        return {"refused": refused.problem.value}
    except OSError as error:
        if error.errno in _OF_THE_DISK:
            return {"errno": error.errno}
        raise


@lru_cache(maxsize=4)
def _workshop_under(limits: Limits) -> Workshop:
    return Workshop(_make, limits, _cage)


def _cage(request: dict[str, Any]) -> Cage:
    """A file that takes over its reader finds no network, no program, no database and no key."""
    return Cage((room(request["path"]),), (room(request["made"]),))
