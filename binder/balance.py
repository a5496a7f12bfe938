"""The graphics states that a page leaves open, which a stamp must close before it draws."""

import re

import pikepdf
from pikepdf import Page, Pdf, Stream

from binder.source import entry, is_array, is_stream

#: Texts and comments, in which a letter means nothing, or an operator on the graphics state.
#: Each begins with a character, not with a look back: what begins with none of them is skipped
#: quickly.
_TOKEN = re.compile(
    rb"\((?:[^\\()]++|\\.)*+\)|%[^\r\n]*+|([qQ])(?<![^\s\]>)].)(?=\s|$|/|\[|<)", re.DOTALL
)
#: Data of an inline image may look like anything.
_INLINE_IMAGE = re.compile(rb"ID(?<=\s..)(?=\s)")

_FAILURES = (RuntimeError, ValueError, pikepdf.PdfError, pikepdf.DataDecodingError)


def content_streams(page: Page) -> list[Stream]:
    """The page's content in order, without what is no stream."""
    contents = entry(page.obj, "/Contents")
    if is_stream(contents):
        return [contents]
    if is_array(contents):
        return [part for part in contents if is_stream(part)]
    return []


class UnreadableContent(Exception):
    """A page's content cannot be decoded to its end; readers show what comes before."""


def decoded(streams: list[Stream]) -> bytes:
    """What these streams draw, one after the other. Raises UnreadableContent."""
    try:
        return b"\n".join(stream.read_bytes() for stream in streams)
    except _FAILURES as error:
        raise UnreadableContent from error


def open_states(
    pdf: Pdf, page: Page, streams: list[Stream], content: bytes
) -> tuple[list[Stream], int]:
    """The page's streams and how many `q` they leave open; `content` is what they draw.

    A page that closes more than it opened gets new streams without the surplus: readers ignore it,
    but inside the `q` that we put around the page it would undo what the page set up.
    Raises UnreadableContent.
    """
    try:
        return _open_states(pdf, page, streams, content)
    except _FAILURES as error:
        raise UnreadableContent from error


def _open_states(
    pdf: Pdf, page: Page, streams: list[Stream], content: bytes
) -> tuple[list[Stream], int]:
    depth, lowest = _depth(content)
    if depth == 0 and lowest == 0 and not _INLINE_IMAGE.search(content):
        return streams, 0
    # The quick search does not know all of the syntax: let qpdf's parser decide.
    operators = pikepdf.parse_content_stream(page, "q Q")
    depth, lowest = _depth(b" ".join(str(found.operator).encode() for found in operators))
    if lowest == 0:
        return streams, depth
    return [_without_surplus(pdf, page)], depth - lowest


def _depth(content: bytes) -> tuple[int, int]:
    """Depth at the end, and the lowest on the way (0 or less)."""
    depth = lowest = 0
    for found in _TOKEN.finditer(content):
        if found[1] is None:
            continue
        depth += 1 if found[1] == b"q" else -1
        lowest = min(lowest, depth)
    return depth, lowest


def _without_surplus(pdf: Pdf, page: Page) -> Stream:
    kept = []
    depth = 0
    for instruction in pikepdf.parse_content_stream(page):
        operator = str(instruction.operator)
        if operator == "Q" and depth == 0:
            continue
        depth += {"q": 1, "Q": -1}.get(operator, 0)
        kept.append(instruction)
    return pdf.make_stream(pikepdf.unparse_content_stream(kept))
