"""Pages drawn by ReportLab alone: a band with a title, then flowables. For all but the invoice."""

import io
from collections.abc import Sequence
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, LongTable, PageTemplate, Spacer

from binder.render import fonts, style
from binder.render.canvas import EmbeddedCanvas
from binder.render.lines import Lines
from binder.render.wrap import clip, wrap

WIDTH = style.PORTRAIT[0] - 2 * style.MARGIN
_BAND_TOP, _BAND_HEIGHT = 36.0, 50.0
_CELL_PADDING = 6.0
#: More lines than this in a cell go on in a row of their own, so that no row outgrows a page.
_MOST_LINES = 30


def build(title: str, subtitle: str, story: Sequence[Flowable], *, language: str) -> bytes:
    """A PDF in portrait of `story` under a band with `title`; the same input, the same bytes."""
    out = io.BytesIO()
    pages = BaseDocTemplate(
        out,
        pagesize=style.PORTRAIT,
        title=fonts.printable(title),
        creator="Drawpack",
        lang=language,
        initialFontName=fonts.face(fonts.REGULAR).fontName,
        invariant=1,
    )
    top = _BAND_TOP + _BAND_HEIGHT + 14
    height = style.PORTRAIT[1] - top - style.MARGIN
    frame = Frame(style.MARGIN, style.MARGIN, WIDTH, height, 0, 0, 0, 0)
    pages.addPageTemplates(
        PageTemplate(frames=[frame], onPage=lambda canvas, _: _band(canvas, title, subtitle))
    )
    pages.build(list(story), canvasmaker=EmbeddedCanvas)
    return out.getvalue()


def _band(canvas: Any, title: str, subtitle: str) -> None:
    bottom = style.PORTRAIT[1] - _BAND_TOP - _BAND_HEIGHT
    canvas.saveState()
    canvas.setFillColor(HexColor(style.BAND))
    canvas.rect(style.MARGIN, bottom, WIDTH, _BAND_HEIGHT, stroke=0, fill=1)
    canvas.setFillColor(HexColor(style.WHITE))
    for text, size, y in ((title, 15.0, 26.0), (subtitle, style.TEXT, 12.0)):
        line = Lines(wrap(clip(text, WIDTH - 40, size), WIDTH, size), size, size, bold=size > 10)
        line.drawOn(canvas, style.MARGIN + 12, bottom + y)
    canvas.restoreState()


def text(
    words: str, *, size: float = style.TEXT, bold: bool = False, is_name: bool = False
) -> Flowable:
    """A paragraph over the whole width; `is_name`: of a file, see `fonts.visual`."""
    lines = wrap(words, WIDTH, size, bold=bold, is_name=is_name)
    return Lines(lines, size, size + 3.5, bold=bold)


def space(points: float) -> Flowable:
    """Free room between flowables."""
    return Spacer(1, points)


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float], *, names: int
) -> Flowable:
    """A table whose head is repeated on each page. `widths` in points; cells wrap; the column at
    `names` holds names of files."""
    cells: list[list[Any]] = [list(head)]
    heights: list[float] = [18.0]
    commands = style.table_style()
    for row in rows:
        texts = [
            wrap(cell, width - _CELL_PADDING, style.CELL, is_name=at == names)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        most = max(len(lines) for lines in texts)
        for start in range(0, most, _MOST_LINES):
            if start:
                at = len(cells)
                commands.append(("LINEABOVE", (0, at), (-1, at), 0.6, HexColor(style.WHITE)))
            parts = [lines[start : start + _MOST_LINES] for lines in texts]
            cells.append([Lines(part, style.CELL, style.LEADING) if part else "" for part in parts])
            longest = max(len(part) for part in parts)
            heights.append(longest * style.LEADING + 2 * style.CELL_PADDING)
    return LongTable(
        cells, colWidths=widths, rowHeights=heights, repeatRows=1, style=commands, hAlign="LEFT"
    )


def facts(pairs: Sequence[tuple[str, str]], *, name_width: float = 90.0) -> Flowable:
    """Names and what they stand for, one pair a row; a pair without a value is left out."""
    room = WIDTH - name_width - _CELL_PADDING
    size, leading = 9.0, 12.5
    shown = [(name, wrap(value, room, size)) for name, value in pairs if value]
    return LongTable(
        [[name, Lines(lines[:_MOST_LINES], size, leading)] for name, lines in shown],
        colWidths=[name_width, WIDTH - name_width],
        rowHeights=[min(len(lines), _MOST_LINES) * leading + 8 for _, lines in shown],
        hAlign="LEFT",
        style=[
            ("FONT", (0, 0), (-1, -1), fonts.REGULAR, style.CELL),
            ("TEXTCOLOR", (0, 0), (0, -1), HexColor(style.MUTED)),
            ("LEFTPADDING", (0, 0), (0, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 4),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(style.HAIRLINE)),
        ],
    )
