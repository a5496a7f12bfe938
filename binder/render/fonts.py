"""The fonts of our pages: which face draws which character, and how wide a text is.

ReportLab draws glyph after glyph, left to right: `shaped` joins Arabic letters and `visual` puts a
line in drawing order. Other complex scripts (Devanagari, Tamil, ...) are not shaped.
"""

import threading
import unicodedata
from functools import lru_cache
from itertools import groupby
from pathlib import Path

import arabic_reshaper
from reportlab import rl_config
from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from xhtml2pdf.bidi import CONTROL_CHARS, get_display, needs_bidi

# Streams as text, ReportLab's default, are a quarter larger and take longer; nothing needs them.
rl_config.useA85 = 0

FOLDER = Path(__file__).parents[2] / "static" / "fonts"

REGULAR = "drawpack"
BOLD = "drawpack-bold"
#: For digests, which people compare character by character.
MONO = "drawpack-mono"

_FILES = {
    REGULAR: "NotoSans-Regular.ttf",
    BOLD: "NotoSans-Bold.ttf",
    MONO: "DejaVuSansMono.ttf",
    "drawpack-hebrew": "NotoSansHebrew-Regular.ttf",
    "drawpack-arabic": "NotoSansArabic-Regular.ttf",
    "drawpack-thai": "NotoSansThai-Regular.ttf",
    "drawpack-signs": "DejaVuSans.ttf",
    "drawpack-han": "DroidSansFallbackFull.ttf",
    "drawpack-hangul": "NanumGothic-Regular.ttf",
}
#: Asked in this order for what REGULAR and BOLD do not have; each has one weight.
FALLBACKS = tuple(_FILES)[3:]

#: Characters of one line that one face draws: (face, text).
Run = tuple[str, str]

_faces: dict[str, TTFont] = {}
_reading = threading.Lock()


def face(name: str) -> TTFont:
    """The face of that name, read from its file the first time anyone asks in this process."""
    if name not in _faces:
        with _reading:
            if name not in _faces:
                _register(name)
    return _faces[name]


def _register(name: str) -> None:
    font = TTFont(name, FOLDER / _FILES[name])
    pdfmetrics.registerFont(font)
    for bold in (0, 1):
        for italic in (0, 1):
            addMapping(name, bold, italic, BOLD if bold and name == REGULAR else name)
    _faces[name] = font


@lru_cache(maxsize=8192)
def face_of(char: str) -> str | None:
    """The face that draws `char` in regular weight, or None where no font of ours has it."""
    return next((n for n in (REGULAR, *FALLBACKS) if ord(char) in face(n).face.charToGlyph), None)


def fallbacks_for(text: str) -> list[str]:
    """The faces besides REGULAR and BOLD that `text` needs, in the order of FALLBACKS."""
    needed = {face_of(char) for char in shaped(text) if ord(char) > 0x7E}
    needed |= {face_of(char) for char in text if ord(char) > 0x7E}
    return [name for name in FALLBACKS if name in needed]


def printable(text: str) -> str:
    """`text` as it can be drawn, in logical order: what no font has becomes `[U+1F600]`.

    Line feeds stay. Characters that are invisible by definition and have no glyph are left out.
    """
    if text.isascii() and text.isprintable():
        return text
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(_printable_char(char) for char in text)


@lru_cache(maxsize=8192)
def _printable_char(char: str) -> str:
    # Joiners decide how Arabic letters connect, control characters which way a line runs.
    if char in "\n \u200c\u200d" or char in CONTROL_CHARS:
        return char
    if char.isspace():
        return "\u00a0" if char == "\u00a0" else " "
    kind = unicodedata.category(char)
    if kind == "Cf" or "\ufe00" <= char <= "\ufe0f":
        return ""
    if kind in ("Cc", "Cs") or face_of(char) is None:
        return f"[U+{ord(char):04X}]"
    return char


def shaped(text: str) -> str:
    """`text` with Arabic letters joined to their neighbours, still in logical order."""
    if not any("\u0600" <= char <= "\u08ff" for char in text):
        return text
    joined: str = arabic_reshaper.reshape(text)
    return joined if all(face_of(char) for char in joined if char != "\n") else text


def visual(line: str, *, is_name: bool = False) -> str:
    """One shaped line in the order it is drawn in.

    A text runs as its first letter does; the name of a file as the page does, from the left, or
    the ending of one in Hebrew or Arabic would come before it.
    """
    return str(get_display(line, "L" if is_name else None)) if needs_bidi(line) else line


@lru_cache(maxsize=8192)
def runs(line: str, *, bold: bool = False) -> tuple[Run, ...]:
    """Cut a line in drawing order into runs of one face each."""
    main = BOLD if bold else REGULAR
    if line.isascii():
        return ((main, line),)
    faces = groupby(line, lambda char: _face_for(char, main))
    return tuple((name, "".join(chars)) for name, chars in faces)


@lru_cache(maxsize=8192)
def _face_for(char: str, main: str) -> str:
    if ord(char) in face(main).face.charToGlyph:
        return main
    return face_of(char) or main


def width(line: str, size: float, *, bold: bool = False) -> float:
    """Width in points of one line at `size` points."""
    return sum(run_width(name, text, size) for name, text in runs(line, bold=bold))


def run_width(name: str, text: str, size: float) -> float:
    """Width in points of a run that the face `name` draws."""
    return 0.001 * size * _thousandths(name, text)


@lru_cache(maxsize=8192)
def _thousandths(name: str, text: str) -> float:
    """Width at one point: the same words are measured for every size and more than once."""
    width: float = face(name).stringWidth(text, 1000.0)
    return width
