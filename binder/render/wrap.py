"""Text cut into lines that fit a width."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator

from binder.render import fonts

#: Chinese and Japanese break between any two characters: each stands for itself.
_WIDE = "\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"
_PIECES = re.compile(rf"[{_WIDE}]| +|[^ {_WIDE}]+")


def wrap(
    text: str, room: float, size: float, *, bold: bool = False, is_name: bool = False
) -> list[str]:
    """Lines of `text`, in drawing order, none wider than `room` points at `size` points.

    Breaks at spaces and between Chinese or Japanese characters; a word wider than the line is cut.
    Empty text is one empty line. `is_name`: of a file, see `fonts.visual`.
    """
    lines: list[str] = []
    for paragraph in fonts.shaped(fonts.printable(text)).split("\n"):
        if fonts.width(paragraph, size, bold=bold) <= room:
            lines.append(paragraph.strip())
        else:
            lines.extend(_fill(paragraph, room, size, bold=bold))
    return [fonts.visual(line, is_name=is_name) for line in lines]


def clip(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """`text` as one line of at most `room` points, in logical order; "…" where it is cut."""
    text = " ".join(fonts.printable(text).split())
    if fonts.width(text, size, bold=bold) <= room:
        return text
    # A longer beginning is never narrower, so the longest that fits is found by halving.
    kept = bisect_right(
        range(1, len(text)), room, key=lambda end: fonts.width(text[:end] + "…", size, bold=bold)
    )
    return text[:kept].rstrip() + "…"


def clip_lines(lines: list[str], most: int) -> list[str]:
    """At most `most` lines; the last ends with "…" where some were dropped."""
    return lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1][:-1] + "…"]


def _fill(paragraph: str, room: float, size: float, *, bold: bool) -> Iterator[str]:
    line, used = "", 0.0
    for piece in _pieces(paragraph, room, size, bold=bold):
        wide = fonts.width(piece, size, bold=bold)
        if used + wide > room and line.strip():
            if piece.isspace():
                continue
            yield line.strip()
            line, used = "", 0.0
        line += piece
        used += wide
    yield line.strip()


def _pieces(paragraph: str, room: float, size: float, *, bold: bool) -> Iterator[str]:
    for piece in _PIECES.findall(paragraph):
        if fonts.width(piece, size, bold=bold) <= room:
            yield piece
        else:
            yield from _cut(piece, room, size, bold=bold)


def _cut(word: str, room: float, size: float, *, bold: bool) -> Iterator[str]:
    """Pieces of a word wider than the line; a combining mark stays with its letter."""
    part, used = "", 0.0
    for char in word:
        wide = fonts.width(char, size, bold=bold)
        if part and used + wide > room and not unicodedata.combining(char):
            yield part
            part, used = "", 0.0
        part += char
        used += wide
    yield part
