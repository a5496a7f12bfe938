"""A list of invoices as a PDF of its own: groups with their sums, heads repeated on each page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from binder.render import style
from binder.render.furniture.columns import Column, columns, head_row
from binder.render.furniture.flow import Row, draw, paragraph, space
from binder.render.furniture.pen import LEFT, WIDTH, Pen, Side, baseline

_ROW = 13.0
_GROUP = 16.0


@dataclass(frozen=True, slots=True)
class ListColumn:
    """Head, width in points (of the first: what the others leave) and side; money is in cents."""

    head: str
    width: float = 0.0
    side: Side = "left"


#: Text, or an amount in cents.
Cell = str | int


@dataclass(frozen=True, slots=True)
class ListGroup:
    """Rows under a heading with the sums of some columns."""

    title: str
    sums: dict[int, int]
    rows: Sequence[Sequence[Cell]]


def listing(
    title: str,
    subtitle: str,
    *,
    notes: Sequence[str],
    heads: Sequence[ListColumn],
    groups: Sequence[ListGroup],
    total: ListGroup,
    language: str = "en-US",
) -> bytes:
    """The PDF. `notes` are sentences above the table; `total` has no rows and stands below it."""
    cells = columns(*((head.head, head.width, head.side) for head in heads))
    rows = [row for note in notes for row in paragraph(note, ink=style.MUTED)]
    rows += [space(6), *_rows(cells, groups, total)]
    return draw(title, subtitle, rows, language=language, numbered=True).pdf


def _rows(cells: Sequence[Column], groups: Sequence[ListGroup], total: ListGroup) -> Iterator[Row]:
    head = head_row(cells)
    yield head
    for group in groups:
        again = Row(_GROUP, partial(_heading, cells, f"{group.title} (continued)", {}))
        yield Row(_GROUP, partial(_heading, cells, group.title, group.sums), True, (head,))
        for row in group.rows:
            yield Row(_ROW, partial(_line, cells, row), heads=(head, again))
    yield Row(_GROUP, partial(_total, cells, total), heads=(head,))


def _heading(
    cells: Sequence[Column], title: str, sums: dict[int, int], pen: Pen, top: float
) -> None:
    pen.band(LEFT, top - _GROUP, WIDTH, _GROUP, style.TINT)
    y = baseline(top, _GROUP, style.CELL)
    first = min(sums, default=len(cells))
    end = cells[first].x if first < len(cells) else cells[-1].right
    pen.put(cells[0].x, y, title, room=end - cells[0].x - 6, bold=True, smallest=6.2)
    for at, cents in sums.items():
        cells[at].amount(pen, y, cents, bold=True)


def _line(cells: Sequence[Column], row: Sequence[Cell], pen: Pen, top: float) -> None:
    y = baseline(top, _ROW, style.CELL)
    for cell, value in zip(cells, row, strict=True):
        if isinstance(value, int):
            cell.amount(pen, y, value)
        else:
            cell.put(pen, y, value)
    pen.rule(top - _ROW)


def _total(cells: Sequence[Column], total: ListGroup, pen: Pen, top: float) -> None:
    _heading(cells, total.title, total.sums, pen, top)
    pen.rule(top, weight=0.9, colour=style.INK)
