"""Draws on the pages of a PDF of ours: texts clipped to their room, amounts, bands and rules."""

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from reportlab.pdfgen.canvas import Canvas

from billing.money import format_cents
from binder.render import fonts, style
from binder.render.furniture.content import Content
from binder.render.furniture.drawn import Drawn, Link
from binder.render.wrap import clip

LEFT: float = style.MARGIN
RIGHT: float = style.PORTRAIT[0] - style.MARGIN
WIDTH = RIGHT - LEFT
TOP: float = style.PORTRAIT[1] - style.MARGIN
#: Rows end here: the stamp's band lies below, with air between.
BOTTOM = style.MARGIN

#: Height of capitals and digits, in parts of the size.
_CAPITALS = 0.714
#: Smallest size an amount is drawn at; below it nobody could read it.
_SMALLEST = 4.0

Side = Literal["left", "right", "center"]


@dataclass(frozen=True, slots=True)
class Fitted:
    """One line in drawing order, the size at which it is drawn, and its width."""

    line: str
    size: float
    width: float


@lru_cache(maxsize=4096)
def fit(
    text: str,
    room: float,
    size: float,
    *,
    bold: bool = False,
    smallest: float | None = None,
    is_name: bool = False,
) -> Fitted:
    """`text` as one line of at most `room` points: smaller if `smallest` is enough, or else cut.
    `is_name`: of a file, see `fonts.visual`."""
    if smallest is not None:
        width = fonts.width(fonts.printable(text), size, bold=bold)
        if width > room >= width * smallest / size:
            size *= room / width
    # A hair more room: what was shrunk to fit must not be cut for a rounding error.
    shaped = fonts.shaped(clip(text, room + 0.01, size, bold=bold))
    line = fonts.visual(shaped, is_name=is_name)
    return Fitted(line, size, fonts.width(line, size, bold=bold))


class Pen:
    """Draws page after page in portrait; lengths in points, `y` grows upwards."""

    def __init__(self, title: str, *, language: str) -> None:
        self._out = io.BytesIO()
        self._canvas: Any = Canvas(
            self._out,
            pagesize=style.PORTRAIT,
            invariant=1,
            pageCompression=1,
            lang=language,
            initialFontName=fonts.face(fonts.REGULAR).fontName,
        )
        self._canvas.setTitle(fonts.printable(title))
        self._canvas.setCreator("Drawpack")
        self._content = Content(self._canvas)
        self._links: list[Link] = []
        self._page = 0

    def end_page(self) -> None:
        """Finish this page; what is drawn next stands on another one."""
        self._content.end_page()
        self._page += 1

    def finish(self) -> Drawn:
        """The PDF of all pages that were ended."""
        self._canvas.save()
        return Drawn(self._out.getvalue(), self._page, tuple(self._links))

    def put(
        self,
        x: float,
        y: float,
        text: str,
        *,
        room: float,
        size: float = style.CELL,
        bold: bool = False,
        ink: str = style.INK,
        side: Side = "left",
        smallest: float | None = None,
        is_name: bool = False,
    ) -> float:
        """Draw one line in the `room` right of `x`, as `fit` makes it; its width.

        `y` is the baseline.
        """
        if not text:
            return 0.0
        found = fit(text, room, size, bold=bold, smallest=smallest, is_name=is_name)
        start = x + _shift(side, room - found.width)
        self.line(start, y, found.line, size=found.size, bold=bold, ink=ink)
        return found.width

    def line(
        self,
        x: float,
        y: float,
        line: str,
        *,
        size: float,
        bold: bool = False,
        ink: str = style.INK,
    ) -> None:
        """Draw a line that is in drawing order and was cut to fit before."""
        for name, run in fonts.runs(line, bold=bold):
            self._content.text((x, y), (name, size), run, ink)
            x += fonts.run_width(name, run, size)

    def digest(self, x: float, y: float, sha256: str, *, size: float) -> None:
        """Draw a digest as one word that can be searched for, every other eight digits paler."""
        font = fonts.MONO, size
        self._content.text((x, y), font, sha256[:8], style.INK)
        for start in range(8, len(sha256), 8):
            ink = style.MUTED if start % 16 else style.INK
            self._content.more(font, sha256[start : start + 8], ink)

    def amount(
        self,
        right: float,
        y: float,
        cents: int,
        *,
        room: float,
        size: float = style.CELL,
        bold: bool = False,
        ink: str = style.INK,
    ) -> None:
        """Draw money so that its last digit ends where all others end, smaller where it must."""
        text = format_cents(cents)
        parenthesis = fonts.width(")", size, bold=bold)
        wide = fonts.width(text, size, bold=bold) + (0 if cents < 0 else parenthesis)
        if wide > room:
            size = max(size * room / wide, _SMALLEST)
            parenthesis = fonts.width(")", size, bold=bold)
        end = right if cents < 0 else right - parenthesis
        x = end - fonts.width(text, size, bold=bold)
        self.line(x, y, text, size=size, bold=bold, ink=ink)

    def band(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Fill a rectangle whose lower left corner is (x, y), under all text."""
        self._content.fill(x, y, width, height, colour)

    def rule(
        self, y: float, *, x: float = LEFT, width: float = WIDTH, weight: float = 0.4,
        colour: str = style.HAIRLINE,
    ) -> None:  # fmt: skip
        """Draw a line from left to right."""
        self._content.stroke(x, x + width, y, weight=weight, colour=colour)

    def leader(self, x: float, end: float, y: float) -> None:
        """Draw dots that lead the eye from `x` to `end`."""
        if end - x > 8:
            self._content.stroke(x, end, y, weight=0.6, colour=style.HAIRLINE, dash="0.4 2.4")

    def link(
        self, y: float, height: float, *, document: int | None = None, furniture: str = "",
        x: float = LEFT, width: float = WIDTH,
    ) -> None:  # fmt: skip
        """The rectangle with its lower left corner at (x, y) leads somewhere."""
        rect = (x, y, x + width, y + height)
        self._links.append(Link(self._page, rect, document, furniture))


def _shift(side: Side, free: float) -> float:
    return {"left": 0.0, "right": free, "center": free / 2}[side]


def baseline(top: float, height: float, size: float) -> float:
    """Baseline at which capitals stand in the middle of a row below `top`."""
    return top - height / 2 - size * _CAPITALS / 2
