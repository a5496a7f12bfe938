"""The line at the bottom right of every page: `SC-004 · Inv 7 · p. 231 of 1,204`, upright as
displayed."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from binder.pdf_text import helvetica_width, number, win_ansi

#: Points, on a page whose shorter side is Letter's; larger and smaller pages get it in proportion.
_SIZE = 8.0
_RIGHT = 18.0
_BOTTOM = 10.0
_LETTER_WIDTH = 612.0
_SMALLEST, _LARGEST = 0.5, 4.0
_PADDING = 2.0

#: One row of a side table's geometry.
Row = list[float]


def stamp_text(template: str, page: int, pages: int) -> str:
    """The line on page `page` of `pages`: `template` with its `{page}` and `{pages}`."""
    return template.replace("{page}", f"{page:,}").replace("{pages}", f"{pages:,}")


@dataclass(frozen=True, slots=True)
class Stamp:
    """The stream in a page's slot, and the rectangle around its text in the page's own
    coordinates: left, bottom, right, top; empty without a text."""

    stream: bytes
    box: bytes = b""

    @classmethod
    def of(cls, row: Row, text: str | None) -> Self:
        """What closes a page's graphics states and, with a text, draws it."""
        closing = b"Q " * (int(row[6]) + 1)
        if not text:
            return cls(closing)
        before, box = _place(tuple(row), helvetica_width(text, _SIZE))
        return cls(closing + before + win_ansi(text) + b" Tj ET Q", box)


# Most pages of a backup have one size, and their numbers as many digits.
@lru_cache(maxsize=4096)
def _place(row: tuple[float, ...], length: float) -> tuple[bytes, bytes]:
    """All but a text that is `length` points long at the usual size, and the box around it."""
    left, bottom, right, top, rotate, unit, _ = row
    width, height = (right - left) * unit, (top - bottom) * unit
    if rotate in {90, 270}:
        width, height = height, width
    scale = min(max(min(width, height) / _LETTER_WIDTH, _SMALLEST), _LARGEST)
    length *= scale
    room = width - 2 * _PADDING * scale
    if length > room > 0:
        scale *= room / length
        length = room
    # From here on in the page's own units.
    scale, length, width = scale / unit, length / unit, width / unit
    x = max(width - length - _RIGHT * scale, _PADDING * scale)
    y = _BOTTOM * scale
    pad = _PADDING * scale
    box = (x - pad, y - pad, length + 2 * pad, _SIZE * scale + pad)
    matrix = _upright(left, bottom, right, top, int(rotate))
    before = b"q %s cm 1 g %s re f 0.2 g BT /DrawpackStamp %s Tf %s %s Td " % (
        _numbers(matrix),
        _numbers(box),
        number(_SIZE * scale),
        number(x),
        number(y),
    )
    return before, _numbers(_moved(matrix, box))


def drawn_box(stream: bytes) -> tuple[float, ...]:
    """The rectangle around the text in the stream of a stamp, read from its operators."""
    return _drawn_box(stream.partition(b"BT")[0])


@lru_cache(maxsize=4096)
def _drawn_box(stream: bytes) -> tuple[float, ...]:
    words = stream.split()
    moved, drawn = words.index(b"cm"), words.index(b"re")
    a, b, c, d, e, f = map(float, words[moved - 6 : moved])
    x, y, width, height = map(float, words[drawn - 4 : drawn])
    return _moved((a, b, c, d, e, f), (x, y, width, height))


#: As PDF writes it: x becomes a·x + c·y + e, y becomes b·x + d·y + f.
Matrix = tuple[float, float, float, float, float, float]


def _upright(left: float, bottom: float, right: float, top: float, rotate: int) -> Matrix:
    """The matrix that puts the origin at the lower left corner as displayed."""
    matrices: dict[int, Matrix] = {
        90: (0, 1, -1, 0, right, bottom),
        180: (-1, 0, 0, -1, right, top),
        270: (0, -1, 1, 0, left, top),
    }
    return matrices.get(rotate, (1, 0, 0, 1, left, bottom))


def _moved(matrix: Matrix, box: tuple[float, float, float, float]) -> tuple[float, ...]:
    """Left, bottom, right and top of a box (x, y, width, height) after the matrix."""
    a, b, c, d, e, f = matrix
    x, y, width, height = box
    xs, ys = zip(
        *((a * u + c * v + e, b * u + d * v + f) for u in (x, x + width) for v in (y, y + height)),
        strict=True,
    )
    return min(xs), min(ys), max(xs), max(ys)


def _numbers(values: Iterable[float]) -> bytes:
    return b" ".join(map(number, values))
