"""The continuation sheet cut into pages: which rows stand on which page, with its totals.

Pure arithmetic on heights known beforehand, so that each page can print its own totals and drawing
costs the same per line however many lines there are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from billing.sheet import SheetLine
from binder.render import style
from binder.render.document import InvoiceDocument
from binder.render.wrap import wrap

ITEM_WIDTH = 48.0
FIGURE_WIDTH = 63.0
PERCENT_WIDTH = 38.0
DESCRIPTION_WIDTH = style.LANDSCAPE[0] - 2 * style.MARGIN - ITEM_WIDTH - PERCENT_WIDTH - 7 * 63.0
_TEXT_PADDING = 6.0
#: A description longer than this goes on in a row of its own, so that no row outgrows a page.
_MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class Figures:
    """The money of one row or of a sum of rows, in cents; columns C to I."""

    scheduled: int = 0
    previous: int = 0
    this_period: int = 0
    stored: int = 0
    completed: int = 0
    balance: int = 0
    retainage: int = 0

    @classmethod
    def of(cls, line: SheetLine) -> "Figures":
        """What one line of the sheet shows."""
        return cls(
            line.scheduled_value,
            line.work_completed_from_previous_application,
            line.work_completed_this_period,
            line.materials_presently_stored,
            line.total_completed_and_stored_to_date,
            line.balance_to_finish,
            line.total_retainage,
        )

    @classmethod
    def total(cls, parts: Sequence["Figures"]) -> "Figures":
        """The sum, column by column."""
        return cls(*(sum(column) for column in zip(*(part.amounts for part in parts), strict=True)))

    @property
    def amounts(self) -> tuple[int, ...]:
        """The columns from left to right; the percent is not among them."""
        return (
            self.scheduled,
            self.previous,
            self.this_period,
            self.stored,
            self.completed,
            self.balance,
            self.retainage,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it is drawn; texts are lines in drawing order."""

    kind: str  # "line", "more", "heading", "subtotal"
    group: str
    item: list[str]
    description: list[str]
    figures: Figures | None = None

    @property
    def height(self) -> float:
        """In points, padding included."""
        lines = max(len(self.item), len(self.description), 1)
        return lines * style.LEADING + 2 * style.CELL_PADDING


@dataclass(frozen=True, slots=True)
class SheetPage:
    """The rows of one page and the sum of its lines."""

    rows: list[Row]
    total: Figures


def paginate(document: InvoiceDocument, room: float, last_room: float) -> list[SheetPage]:
    """Cut the sheet into pages of `room` points for rows; the last has `last_room` (grand total).

    A group's heading stays with its first line, a subtotal with the line before it, and the grand
    total never stands without a line. There is always at least one page.
    """
    blocks = list(_blocks(document))
    pages: list[list[Row]] = [[]]
    used = 0.0
    for index, block in enumerate(blocks):
        limit = last_room if index == len(blocks) - 1 else room
        height = sum(row.height for row in block)
        if pages[-1] and used + height > limit:
            again = _heading_again(document, block[0])
            pages.append(again)
            used = sum(row.height for row in again)
        pages[-1].extend(block)
        used += height
    return [SheetPage(rows, _sum_of_lines(rows)) for rows in pages]


def grand_total(document: InvoiceDocument) -> Figures:
    """The sum of all lines of the sheet."""
    return Figures.total([Figures(), *map(Figures.of, document.sheet.lines)])


def _sum_of_lines(rows: list[Row]) -> Figures:
    return Figures.total(
        [Figures(), *(row.figures for row in rows if row.kind == "line" and row.figures)]
    )


def _blocks(document: InvoiceDocument) -> Iterator[list[Row]]:
    """Rows that must stay on one page together."""
    many = bool(document.change_orders)
    for number, group in groupby(document.sheet.lines, key=lambda line: line.change_order):
        lines = list(group)
        rows = [list(_line_rows(line)) for line in lines]
        if many:
            rows[0].insert(0, _heading(document, number))
        if many and len(lines) > 1:
            rows[-1].append(_subtotal(number, lines))
        for first in rows:
            # Only the parts of an over-long description may be torn from each other.
            cut = next((i for i, row in enumerate(first) if row.kind == "more"), len(first))
            yield first[:cut]
            yield from ([row] for row in first[cut:])


def _line_rows(line: SheetLine) -> Iterator[Row]:
    item = wrap(line.item, ITEM_WIDTH - _TEXT_PADDING, style.CELL)
    text = wrap(line.description, DESCRIPTION_WIDTH - _TEXT_PADDING, style.CELL)
    first = Row("line", line.change_order, item[:_MOST_LINES], text[:_MOST_LINES], Figures.of(line))
    yield first
    for start in range(_MOST_LINES, max(len(item), len(text)), _MOST_LINES):
        end = start + _MOST_LINES
        yield Row("more", line.change_order, item[start:end], text[start:end])


def _title(document: InvoiceDocument, number: str) -> str:
    if not number:
        return "Original contract"
    titles = {order.number: order.title for order in document.change_orders}
    title = titles.get(number, "")
    return f"Change order {number}" + (f": {title}" if title else "")


def _wide(text: str) -> list[str]:
    room = ITEM_WIDTH + DESCRIPTION_WIDTH + 3 * FIGURE_WIDTH
    return wrap(text, room - _TEXT_PADDING, style.CELL, bold=True)[:_MOST_LINES]


def _heading(document: InvoiceDocument, number: str) -> Row:
    return Row("heading", number, _wide(_title(document, number)), [])


def _heading_again(document: InvoiceDocument, first: Row) -> list[Row]:
    if first.kind == "heading" or not first.group:
        return []
    heading = _heading(document, first.group)
    return [replace(heading, item=_wide(_title(document, first.group) + " (continued)"))]


def _subtotal(number: str, lines: list[SheetLine]) -> Row:
    name = f"Change order {number}" if number else "Original contract"
    text = wrap(f"{name}, subtotal", DESCRIPTION_WIDTH - _TEXT_PADDING, style.CELL)
    return Row("subtotal", number, [], text, Figures.total([Figures.of(line) for line in lines]))
