"""Texts as PDF writes them."""

import unicodedata
from datetime import datetime
from functools import lru_cache

#: Widths of Helvetica's glyphs for the characters 32 to 126, in thousandths (Adobe font metrics).
_ASCII_WIDTHS = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
_MIDDLE_DOT_WIDTH = 278
_USUAL_WIDTH = 556
#: The same by code of Windows-1252; the usual width stands for what is not in the table above.
_WIDTHS = tuple(
    _ASCII_WIDTHS[code - 32]
    if 32 <= code <= 126
    else (_MIDDLE_DOT_WIDTH if code == 0xB7 else _USUAL_WIDTH)
    for code in range(256)
)


def text_string(text: str) -> bytes:
    """A text string in any script: plain where that is possible, or else UTF-16."""
    if text.isascii() and text.isprintable():
        return b"(" + _escaped(text.encode("ascii")) + b")"
    return b"<FEFF" + text.encode("utf-16-be", "replace").hex().upper().encode("ascii") + b">"


def win_ansi(text: str) -> bytes:
    """A string for a simple font: letters that it lacks lose their accents, or become `?`."""
    return b"(" + _escaped(_encoded(text)) + b")"


def _encoded(text: str) -> bytes:
    """In one step where that is possible: every page has its stamp."""
    try:
        return text.encode("cp1252")
    except UnicodeEncodeError:
        return b"".join(_known(character) for character in text)


def _known(character: str) -> bytes:
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore")
        return plain or b"?"


def helvetica_width(text: str, size: float) -> float:
    """The width of `text` in points; exact for ASCII and the middle dot."""
    return sum(map(_WIDTHS.__getitem__, _encoded(text))) * size / 1000


def date_string(at: datetime) -> bytes:
    """A date with its offset from UTC, as in `(D:20260831140509-05'00)`."""
    offset = f"{at:%z}" or "+0000"
    return f"(D:{at:%Y%m%d%H%M%S}{offset[:3]}'{offset[3:5]})".encode("ascii")


@lru_cache(maxsize=4096)
def number(value: float) -> bytes:
    """A number without needless digits."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return (text if text not in {"", "-0"} else "0").encode("ascii")


def _escaped(text: bytes) -> bytes:
    return text.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
