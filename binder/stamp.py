"""The line at the bottom right of every page: `SC-004 · Inv 7 · p. 231 of 1,204`, upright as
displayed."""

from functools import lru_cache

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


def stamp_stream(row: Row, text: str | None) -> bytes:
    """The content that closes a page's graphics states and, with a text, draws it."""
    closing = b"Q " * (int(row[6]) + 1)
    return closing + _drawing(row, text) if text else closing


def _drawing(row: Row, text: str) -> bytes:
    return _before_text(tuple(row), helvetica_width(text, _SIZE)) + win_ansi(text) + b" Tj ET Q"


# Most pages of a backup have one size, and their numbers as many digits.
@lru_cache(maxsize=4096)
def _before_text(row: tuple[float, ...], length: float) -> bytes:
    """All but a text that is `length` points long at the usual size."""
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
    return b"q %s cm 1 g %s re f 0.2 g BT /DrawpackStamp %s Tf %s %s Td " % (
        _upright(left, bottom, right, top, int(rotate)),
        b" ".join(number(value) for value in box),
        number(_SIZE * scale),
        number(x),
        number(y),
    )


def _upright(left: float, bottom: float, right: float, top: float, rotate: int) -> bytes:
    """The matrix that puts the origin at the lower left corner as displayed."""
    turn, x, y = {
        90: (b"0 1 -1 0", right, bottom),
        180: (b"-1 0 0 -1", right, top),
        270: (b"0 -1 1 0", left, top),
    }.get(rotate, (b"1 0 0 1", left, bottom))
    return b"%s %s %s" % (turn, number(x), number(y))
