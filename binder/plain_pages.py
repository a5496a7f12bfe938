"""Pages whose content says by itself what a second reader would tell of them: pictures as scanners
place them, upright text, or both.

To load a page PDFium reads its fonts and pictures, which takes longer than all the rest of intake.
What is not as plain as described here is left to it.
"""

import re
from dataclasses import dataclass
from itertools import islice

from pikepdf import Name, Page

from binder.source import entry

#: A page with fewer letters counts as a scan: scanners print a word or two of their own.
FEWEST_LETTERS = 12
#: A mask of a few dots stretched to a rule would claim thousands of dots per inch.
FEWEST_DOTS = 64

#: Bytes of content beyond which a drawing is more likely than text.
_MOST = 1 << 20

_N = rb"[-+]?\d*\.?\d+"
#: A picture placed upright; its width, height and name. Begins with a letter, for which a search
#: is quick; nothing but a blank may stand before it.
_PICTURE = re.compile(
    rb"q(?<!\Sq)\s+(%s)\s+0\s+0\s+(%s)\s+%s\s+%s\s+cm\s*(/[^\s()<>\[\]{}/%%]+)\s+Do\s+Q(?=\s|$)"
    % (_N, _N, _N, _N)
)
#: These may bring anything: pictures otherwise placed, forms.
_OTHERS = re.compile(rb"(?:Do|BI)(?!\w)")
_SHOWN = re.compile(rb"T[jJ](?!\w)")
_MATRIX = re.compile(rb"[cT]m(?!\w)")
#: The six numbers of a matrix take no more bytes.
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Look:
    """What is on a page. `is_turned`: it has text, which mostly stands on its head as displayed.
    `dpi` is the highest resolution of a picture as placed on the page, 0 without any."""

    has_text: bool = False
    is_turned: bool = False
    dpi: int = 0


def plain_look(page: Page, content: bytes, rotate: int) -> Look | None:
    """What is on a page with this decoded content, turned by `rotate` degrees; None where that
    needs a reader."""
    if len(content) > _MOST:
        return None
    pictures = _PICTURE.findall(content) if b"Do" in content else []
    rest = _PICTURE.sub(b"", content) if pictures else content
    if (b"Do" in rest or b"BI" in rest) and _OTHERS.search(rest):
        return None
    highest = [_resolution(page, name, float(w), float(h)) for w, h, name in pictures]
    known = [dpi for dpi in highest if dpi is not None]
    if len(known) < len(pictures):
        return None
    if pictures and not rest.strip():
        return Look(dpi=max(known))
    if not _has_text(rest) or not _is_upright(rest, bool(pictures)):
        return None
    return Look(True, rotate == 180, max(known, default=0))


def _has_text(content: bytes) -> bool:
    """Whether it shows at least so many strings, empty ones not counted."""
    starts = (found.start() for found in _SHOWN.finditer(content))
    ends = (content[max(0, start - 8) : start].rstrip()[-2:] for start in starts)
    shown = (end for end in ends if end[1:] in {b")", b">", b"]"} and end[:1] not in b"(<[ ")
    return sum(1 for _ in islice(shown, FEWEST_LETTERS)) == FEWEST_LETTERS


def _is_upright(content: bytes, has_pictures: bool) -> bool:
    """Whether no matrix turns what follows it or, where that may be a picture, changes its size."""
    for found in _MATRIX.finditer(content):
        words = content[max(0, found.start() - _LONGEST) : found.start()].split()[-6:]
        try:
            a, b, c, d, _, _ = map(float, words)
        except ValueError:
            return False
        if b or c or a <= 0 or d <= 0:
            return False
        if has_pictures and found[0] == b"cm" and (a, d) != (1, 1):
            return False
    return True


def _resolution(page: Page, name: bytes, width: float, height: float) -> int | None:
    """Dots per inch of a picture placed so wide and high, in points; None for what is none."""
    pictures = entry(entry(page.obj, "/Resources"), "/XObject")
    image = entry(pictures, name.decode("utf-8", "replace"))
    if image is None or image.get("/Subtype") != Name.Image or not width or not height:
        return None
    try:
        across, down = int(image.get("/Width", 0)), int(image.get("/Height", 0))
    except (TypeError, ValueError):
        return None
    if min(across, down) < FEWEST_DOTS:
        return 0
    return round(min(72 * across / abs(width), 72 * down / abs(height)))
