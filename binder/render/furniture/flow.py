"""Rows that flow from page to page: where they break is known before anything is drawn."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from binder.render import style
from binder.render.furniture.drawn import Drawn
from binder.render.furniture.pen import BOTTOM, LEFT, RIGHT, TOP, WIDTH, Pen, baseline
from binder.render.wrap import wrap

_BAND = 50.0
_SLIM_BAND = 20.0
_AFTER_BAND = 10.0
_TITLE = 18.0
_LEADING = style.TEXT + 4
#: A text of more lines than this is nobody's sentence.
_MOST_LINES = 40
_FIRST_ROOM = TOP - _BAND - _AFTER_BAND - BOTTOM
_ROOM = TOP - _SLIM_BAND - _AFTER_BAND / 2 - BOTTOM


@dataclass(frozen=True, slots=True)
class Row:
    """A strip of a page, `height` points high.

    `draw` is given the pen and the strip's top. `keep` holds it on the page of the row after it.
    `heads` are printed again above it when it is the first of a page.
    """

    height: float
    draw: Callable[[Pen, float], None]
    keep: bool = False
    heads: "tuple[Row, ...]" = ()


def space(points: float) -> Row:
    """Free room above the row after it."""
    return Row(points, lambda _pen, _top: None, keep=True)


def title_row(text: str) -> Row:
    """The title of a section; it stands with what follows."""
    return Row(_TITLE, lambda pen, top: _title(text, pen, top), keep=True)


def _title(text: str, pen: Pen, top: float) -> None:
    pen.put(LEFT, baseline(top, _TITLE, 10), text, room=WIDTH, size=10, bold=True)


def paragraph(
    text: str, *, indent: float = 0, right: float = 0, ink: str = style.INK
) -> Iterator[Row]:
    """Text over the width but for `indent` and `right`: a row for each of its lines. No page ends
    with the first of them, and none begins with the last."""
    lines = wrap(text, WIDTH - indent - right, style.TEXT)[:_MOST_LINES]
    last = len(lines) - 1
    for number, line in enumerate(lines):
        keep = number < last and number in {0, last - 1}
        yield Row(_LEADING, partial(_line, LEFT + indent, line, ink), keep=keep)


def _line(x: float, line: str, ink: str, pen: Pen, top: float) -> None:
    pen.line(x, baseline(top, _LEADING, style.TEXT), line, size=style.TEXT, ink=ink)


def page_count(rows: Sequence[Row]) -> int:
    """Pages that `rows` take."""
    return len(_paginate(rows))


def draw(
    title: str, subtitle: str, rows: Sequence[Row], *, language: str, numbered: bool = False
) -> Drawn:
    """Draw `rows` under a band with the title; the band is slim from page 2 on.

    `numbered` prints page numbers, for what stands alone: in a backup the stamp has them.
    """
    pen = Pen(title, language=language)
    pages = _paginate(rows)
    for number, page in enumerate(pages):
        top = _slim_band(pen, title, subtitle) if number else _band(pen, title, subtitle)
        for row in page:
            row.draw(pen, top)
            top -= row.height
        if numbered:
            words = f"Page {number + 1:,} of {len(pages):,}"
            pen.put(LEFT, BOTTOM - 16, words, room=WIDTH, ink=style.MUTED, side="right")
        pen.end_page()
    return pen.finish()


def _paginate(rows: Sequence[Row]) -> list[list[Row]]:
    """At least one page. No row is higher than a page with its heads."""
    pages: list[list[Row]] = [[]]
    left = _FIRST_ROOM
    for block in _blocks(rows):
        height = sum(row.height for row in block)
        if height > left and pages[-1]:
            heads = block[0].heads
            pages.append(list(heads))
            left = _ROOM - sum(row.height for row in heads)
        pages[-1] += block
        left -= height
    return pages


def _blocks(rows: Sequence[Row]) -> Iterator[list[Row]]:
    block: list[Row] = []
    for row in rows:
        block.append(row)
        if not row.keep:
            yield block
            block = []
    if block:
        yield block


def _band(pen: Pen, title: str, subtitle: str) -> float:
    bottom = TOP - _BAND
    pen.band(LEFT, bottom, WIDTH, _BAND, style.BAND)
    inside = WIDTH - 24
    pen.put(LEFT + 12, bottom + 26, title, room=inside, size=15, bold=True, ink=style.WHITE)
    pen.put(LEFT + 12, bottom + 12, subtitle, room=inside, size=style.TEXT, ink=style.WHITE)
    return bottom - _AFTER_BAND


def _slim_band(pen: Pen, title: str, subtitle: str) -> float:
    bottom = TOP - _SLIM_BAND
    y = baseline(TOP, _SLIM_BAND - 4, style.TEXT)
    used = pen.put(LEFT, y, title, room=WIDTH / 2, size=style.TEXT, bold=True, ink=style.BAND)
    room = RIGHT - LEFT - used - 12
    pen.put(LEFT + used + 12, y, subtitle, room=room, ink=style.MUTED, side="right")
    pen.rule(bottom + 2, weight=0.9, colour=style.BAND)
    return bottom - _AFTER_BAND / 2
