"""The text of a form field drawn with fonts of ours: qpdf draws few letters but ASCII."""

import re
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf

from binder.source import inherited

_SIZE = re.compile(r"(-?\d*\.?\d+)\s+Tf")
_COLOUR = re.compile(r"((?:\d*\.?\d+\s+){1,4})(g|rg|k)\b")
_COMPONENTS = {"g": 1, "rg": 3, "k": 4}
#: ISO 32000-1, table 228: the flags of a text field.
_MULTILINE, _PASSWORD = 1 << 12, 1 << 13
_PADDING = 2.0
#: Points; where the field says 0, its text is as large as fits between these.
_SMALLEST, _LARGEST = 4.0, 12.0
_LEADING = 1.2
#: Nobody fills in a field larger than the largest page, or writes a book into one.
_LARGEST_FIELD, _MOST_TEXT = 14_400.0, 20_000


def draw_text(pdf: Pdf, widget: Object) -> bool:
    """Give a text or choice field the appearance of its value, in embedded fonts; False where its
    rectangle or its value makes no sense, or nobody may see it."""
    text, shape = _text(widget), _shape(widget)
    if not text or shape is None or _flags(widget) & _PASSWORD:
        return False
    drawn = _drawn(widget, text, *shape)
    with Pdf.open(BytesIO(drawn)) as source:
        appearance = pdf.copy_foreign(source.pages[0].as_form_xobject())
    appearance["/BBox"] = Array([0, 0, *shape])
    widget["/AP"] = Dictionary(N=appearance)
    return True


def _text(widget: Object) -> str:
    """The value as people see it: of a choice, the words of the option."""
    value = inherited(widget, "/V")
    if not isinstance(value, pikepdf.String):
        return ""
    text = str(value)[:_MOST_TEXT]
    options = inherited(widget, "/Opt")
    for option in options if isinstance(options, Array) else ():
        if isinstance(option, Array) and len(option) == 2 and str(option[0]) == text:
            return str(option[1])[:_MOST_TEXT]
    return text


def _shape(widget: Object) -> tuple[float, float] | None:
    """Width and height in points."""
    try:
        left, bottom, right, top = (float(value) for value in widget.Rect)
    except (AttributeError, TypeError, ValueError):
        return None
    width, height = abs(right - left), abs(top - bottom)
    return (width, height) if 0 < width < _LARGEST_FIELD and 0 < height < _LARGEST_FIELD else None


def _flags(widget: Object) -> int:
    flags = inherited(widget, "/Ff")
    return int(flags) if isinstance(flags, int) else 0


def _drawn(widget: Object, text: str, width: float, height: float) -> bytes:
    """One page of the field's size."""
    # Fonts take memory that files without such fields do not need.
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415

    from binder.render import fonts  # noqa: PLC0415

    look = str(inherited(widget, "/DA") or "")
    size, lines = _fitted(text, look, width, height, many=bool(_flags(widget) & _MULTILINE))
    out = BytesIO()
    canvas: Any = Canvas(
        out, (width, height), invariant=1, initialFontName=fonts.face(fonts.REGULAR).fontName
    )
    _choose_colour(canvas, look)
    y = height - _PADDING - size if len(lines) > 1 else (height - size * 0.72) / 2
    side = inherited(widget, "/Q")
    for line in lines:
        free = width - 2 * _PADDING - fonts.width(line, size)
        x = _PADDING + {1: free / 2, 2: free}.get(int(side) if isinstance(side, int) else 0, 0.0)
        for name, run in fonts.runs(line):
            canvas.setFont(name, size)
            canvas.drawString(x, y, run)
            x += fonts.run_width(name, run, size)
        y -= size * _LEADING
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _fitted(
    text: str, look: str, width: float, height: float, *, many: bool
) -> tuple[float, list[str]]:
    """The size that the field asks for, or the largest at which all is seen; lines in drawing
    order. What does not fit is made smaller: a value that is cut off is another value."""
    from binder.render import fonts  # noqa: PLC0415
    from binder.render.wrap import wrap  # noqa: PLC0415

    asked = _SIZE.search(look)
    size = float(asked[1]) if asked else 0.0
    size = size if size > 0 else _LARGEST
    room, tall = max(width - 2 * _PADDING, 1.0), max(height - 2 * _PADDING, 1.0)
    if not many:
        line = " ".join(fonts.printable(text).split())
        size = min(size, max(tall, _SMALLEST))
        size *= min(1.0, room / max(fonts.width(fonts.shaped(line), size), 0.01))
        return size, [fonts.visual(fonts.shaped(line))]
    lines = wrap(text, room, size)
    while len(lines) * size * _LEADING > tall and size > _SMALLEST:
        size = max(size - 0.5, _SMALLEST)
        lines = wrap(text, room, size)
    return size, lines


def _choose_colour(canvas: Any, look: str) -> None:
    found = _COLOUR.search(look)
    parts = [min(float(part), 1.0) for part in found[1].split()] if found else []
    if found is None or len(parts) != _COMPONENTS[found[2]]:
        canvas.setFillGray(0)
    elif len(parts) == 1:
        canvas.setFillGray(parts[0])
    elif len(parts) == 3:
        canvas.setFillColorRGB(*parts)
    else:
        canvas.setFillColorCMYK(*parts)


def needs_our_fonts(widget: Object) -> bool:
    """Whether the text of a field has letters that qpdf may draw as “?”: it knows the encoding of
    simple fonts only where they name one, and then no more than Windows-1252."""
    return inherited(widget, "/FT") in {Name.Tx, Name.Ch} and not _text(widget).isascii()
