"""Pages whose content says by itself what a second reader would tell of them: one picture as a
scanner makes it, or upright text.

To load a page PDFium reads its fonts and pictures, which takes longer than all the rest of intake.
What is not as plain as described here is left to it.
"""

import re
from dataclasses import dataclass

from pikepdf import Name, Page

from binder.source import entry

#: A page with fewer letters counts as a scan: scanners print a word or two of their own.
FEWEST_LETTERS = 12
#: A mask of a few dots stretched to a rule would claim thousands of dots per inch.
FEWEST_DOTS = 64

_N = rb"([-+]?\d*\.?\d+)\s+"
_PICTURE = re.compile(rb"\s*q\s+" + _N + rb"0\s+0\s+" + _N + _N + _N + rb"cm\s*(/\w+)\s+Do\s+Q\s*")
#: These may bring anything: pictures, forms.
_OTHERS = re.compile(rb"(?<![\w/])(?:Do|BI)(?!\w)")
_STRINGS = re.compile(rb"[^\s(<\[]\s*[)>\]]\s*(?:T[jJ](?!\w)|['\"])")
_MATRIX = re.compile(rb"(?<![\w/])(?:cm|Tm)(?!\w)")
#: A number above zero, and zero.
_P, _Z = rb"(?<![-\w.])\+?(?=[\d.]*[1-9])[\d.]+\s+", rb"0(?:\.0*)?\s+"
_UPRIGHT = re.compile(_P + _Z + _Z + _P + rb"\S+\s+\S+\s+(?:cm|Tm)(?!\w)")


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
    picture = _PICTURE.fullmatch(content)
    if picture is not None:
        width, height, _, _, name = picture.groups()
        return _picture(page, name.decode("ascii"), abs(float(width)), abs(float(height)))
    if _OTHERS.search(content) or len(_STRINGS.findall(content)) < FEWEST_LETTERS:
        return None
    if len(_MATRIX.findall(content)) != len(_UPRIGHT.findall(content)):
        return None
    return Look(has_text=True, is_turned=rotate == 180)


def _picture(page: Page, name: str, width: float, height: float) -> Look | None:
    """A picture of this name placed so wide and high, in points."""
    image = entry(entry(entry(page.obj, "/Resources"), "/XObject"), name)
    if image is None or image.get("/Subtype") != Name.Image or not width or not height:
        return None
    try:
        dots = int(image.get("/Width", 0)), int(image.get("/Height", 0))
    except (TypeError, ValueError):
        return None
    if min(dots) < FEWEST_DOTS:
        return None
    return Look(dpi=round(min(72 * dots[0] / width, 72 * dots[1] / height)))
