"""The continuation sheet drawn: one ReportLab table per page."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.platypus import Table

from billing.money import format_cents, ratio_percent
from binder.render import fonts, style, words
from binder.render.document import InvoiceDocument
from binder.render.lines import Lines
from binder.render.sheets import (
    DESCRIPTION_WIDTH,
    FIGURE_WIDTH,
    ITEM_WIDTH,
    PERCENT_WIDTH,
    Figures,
    Row,
    SheetPage,
    grand_total,
)

COLUMNS = (
    "Item",
    "Description of work",
    "Scheduled\nvalue",
    "Previous\nwork",
    "Work this\nperiod",
    "Materials\nstored",
    "Completed\nand stored",
    "%",
    "Balance\nto finish",
    "Retainage\nheld",
)
WIDTHS = (
    ITEM_WIDTH,
    DESCRIPTION_WIDTH,
    *[FIGURE_WIDTH] * 5,
    PERCENT_WIDTH,
    *[FIGURE_WIDTH] * 2,
)
HEAD_HEIGHT = 24.0
TOTAL_HEIGHT = style.LEADING + 2 * style.CELL_PADDING + 2
_LEFT, _RIGHT = 3.0, 3.0


@dataclass(frozen=True, slots=True)
class FigureStyle:
    """Size in points at which the widest amount of the document fits its column."""

    size: float
    #: Room kept right of a positive amount, so that its last digit stands above that of "(1.00)".
    parenthesis: float

    @classmethod
    def for_document(cls, document: InvoiceDocument, pages: list[SheetPage]) -> "FigureStyle":
        """One size for all figures of the document, so that pages look alike."""
        found = [grand_total(document), *(page.total for page in pages)]
        found += [row.figures for page in pages for row in page.rows if row.figures]
        longest = max((format_cents(c) for f in found for c in f.amounts), key=_figure_width)
        room = FIGURE_WIDTH - _LEFT - _RIGHT
        wanted = _figure_width(longest) + (0 if longest.endswith(")") else _figure_width(")"))
        size = min(style.CELL, style.CELL * room / wanted)
        return cls(size, fonts.width(")", size))


def _figure_width(text: str) -> float:
    return fonts.width(text, style.CELL, bold=True)


def sheet_table(
    document: InvoiceDocument, page: SheetPage, fs: FigureStyle, *, last: bool
) -> Table:
    """One page of the continuation sheet with its totals, and the grand total on the last."""
    rows: list[list[Any]] = [list(COLUMNS)]
    heights = [HEAD_HEIGHT]
    commands = style.table_style() + _columns(fs)
    for row in page.rows:
        commands += _row_style(row, len(rows))
        rows.append(_cells(row))
        heights.append(row.height)
    rows.append(["Page total", "", *_figures(page.total)])
    commands += _total_style(len(rows) - 1, fs, grand=False)
    if last:
        rows.append(["Grand total", "", *_figures(grand_total(document))])
        commands += _total_style(len(rows) - 1, fs, grand=True)
    heights += [TOTAL_HEIGHT] * (len(rows) - len(heights))
    commands += _negatives(rows)
    return Table(rows, colWidths=WIDTHS, rowHeights=heights, style=commands, hAlign="LEFT")


def _columns(fs: FigureStyle) -> list[style.Command]:
    figures = ((2, 0), (-1, -1))
    return [
        ("ALIGN", *figures, "RIGHT"),
        ("FONTSIZE", (2, 1), (-1, -1), fs.size),
        # Smaller figures stand on the same baseline as the text beside them.
        ("TOPPADDING", (2, 1), (-1, -1), style.CELL_PADDING + style.CELL - fs.size),
        ("RIGHTPADDING", *figures, _RIGHT + fs.parenthesis),
    ]


def _cells(row: Row) -> list[Any]:
    bold = row.kind == "heading"
    figures = _figures(row.figures) if row.figures else [""] * 8
    return [_text(row.item, bold=bold), _text(row.description), *figures]


def _text(lines: list[str], *, bold: bool = False) -> Any:
    if all(name == fonts.REGULAR for line in lines for name, _ in fonts.runs(line)):
        return "\n".join(lines)
    return Lines(lines, style.CELL, style.LEADING, bold=bold)


def _figures(figures: Figures) -> list[str]:
    amounts = [format_cents(cents) for cents in figures.amounts]
    share = words.percent(ratio_percent(figures.completed, figures.scheduled))
    return [*amounts[:5], share, *amounts[5:]]


def _row_style(row: Row, index: int) -> list[style.Command]:
    whole = ((0, index), (-1, index))
    if row.kind == "heading":
        return [
            ("BACKGROUND", *whole, HexColor(style.TINT)),
            ("FONTNAME", *whole, fonts.BOLD),
        ]
    if row.kind == "more":
        return [("LINEABOVE", *whole, 0.6, HexColor(style.WHITE))]
    if row.kind == "subtotal":
        return [("TEXTCOLOR", *whole, HexColor(style.MUTED)), *_ruled(index, 0.6)]
    return []


def _total_style(index: int, fs: FigureStyle, *, grand: bool) -> list[style.Command]:
    whole = ((0, index), (-1, index))
    commands = [
        ("FONT", *whole, fonts.BOLD, style.CELL, style.LEADING),
        ("FONTSIZE", (2, index), (-1, index), fs.size),
        ("TOPPADDING", *whole, style.CELL_PADDING + 1),
        ("TOPPADDING", (2, index), (-1, index), style.CELL_PADDING + 1 + style.CELL - fs.size),
        *_ruled(index, 0.9),
    ]
    if grand:
        commands += [
            ("BACKGROUND", *whole, HexColor(style.TINT)),
            ("LINEBELOW", *whole, 0.9, HexColor(style.INK), None, None, None, 2, 1.6),
        ]
    return commands


def _ruled(index: int, weight: float) -> list[style.Command]:
    return [("LINEABOVE", (0, index), (-1, index), weight, HexColor(style.INK))]


def _negatives(rows: list[list[Any]]) -> Iterator[style.Command]:
    for index, row in enumerate(rows[1:], start=1):
        for column, text in enumerate(row):
            if column >= 2 and text.endswith(")"):
                yield ("RIGHTPADDING", (column, index), (column, index), _RIGHT)
