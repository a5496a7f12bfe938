"""Columns of a table and the dark head above them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate

from binder.render import fonts, style
from binder.render.furniture.flow import Row
from binder.render.furniture.pen import LEFT, WIDTH, Pen, Side, baseline

#: Free on both sides of a cell.
PADDING = 3.0
#: Smallest size that words in a cell are drawn at before they are cut.
_SMALLEST = 6.2
_HEAD_HEIGHT = 24.0


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head (one or two lines) and where its cells stand, padding excluded."""

    head: str
    x: float
    room: float
    side: Side = "left"

    @property
    def right(self) -> float:
        """Where its cells end."""
        return self.x + self.room

    def holds(self, text: str) -> bool:
        """Whether a cell shows all of `text`."""
        return fonts.width(fonts.printable(text), _SMALLEST) <= self.room

    def put(
        self, pen: Pen, y: float, text: str, *, bold: bool = False, ink: str = style.INK
    ) -> None:
        """Draw a cell whose baseline is `y`."""
        pen.put(
            self.x, y, text, room=self.room, bold=bold, ink=ink, side=self.side, smallest=_SMALLEST
        )  # fmt: skip

    def amount(self, pen: Pen, y: float, cents: int, *, bold: bool = False) -> None:
        """Draw money whose baseline is `y`."""
        pen.amount(self.right, y, cents, room=self.room, bold=bold)


#: Head, width in points, side.
ColumnPart = tuple[str, float, Side]


def columns(*parts: ColumnPart) -> list[Column]:
    """Columns from (head, width, side) that fill the page; the first takes what others leave."""
    widths = [width for _, width, _ in parts]
    widths[0] = WIDTH - sum(widths[1:])
    starts = accumulate(widths, initial=LEFT)
    return [
        Column(head, start + PADDING, width - 2 * PADDING, side)
        for (head, _, side), width, start in zip(parts, widths, starts, strict=False)
    ]


def head_row(cells: Sequence[Column]) -> Row:
    """The head of a table: white words on a dark band."""
    return Row(_HEAD_HEIGHT, partial(_draw_head, cells), keep=True)


def _draw_head(cells: Sequence[Column], pen: Pen, top: float) -> None:
    pen.band(LEFT, top - _HEAD_HEIGHT, WIDTH, _HEAD_HEIGHT, style.BAND)
    for cell in cells:
        lines = cell.head.split("\n")
        height = style.SMALL + 1.5
        y = baseline(top, _HEAD_HEIGHT, style.SMALL) + (len(lines) - 1) * height / 2
        for line in lines:
            pen.put(
                cell.x, y, line, room=cell.room,
                size=style.SMALL, bold=True, ink=style.WHITE, side=cell.side,
            )  # fmt: skip
            y -= height
