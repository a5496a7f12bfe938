"""The invoice's comments, printed behind the grand total."""

from dataclasses import dataclass

from reportlab.lib.colors import HexColor
from reportlab.platypus import Flowable, Spacer, Table

from binder.render import fonts, style
from binder.render.document import InvoiceDocument
from binder.render.lines import Lines
from binder.render.wrap import wrap

_WIDTH = style.LANDSCAPE[0] - 2 * style.MARGIN
_GAP = 14.0
_PADDING = 6.0
_HEAD_HEIGHT = 18.0
_LEADING = style.TEXT + 3


@dataclass(frozen=True, slots=True)
class Remarks:
    """The invoice's comments as lines in drawing order."""

    lines: list[str]

    @classmethod
    def of(cls, document: InvoiceDocument) -> "Remarks":
        """Cut the comments to the width of a continuation sheet; no comments, no lines."""
        text = document.invoice.comments.strip()
        room = _WIDTH - 2 * _PADDING
        return cls(wrap(text, room, style.TEXT) if text else [])

    def pages(self, left: float, full: float) -> list[list[Flowable]]:
        """Flowables page by page: the first on the last sheet, of which `left` points are free."""
        pages: list[list[Flowable]] = []
        rest, room = self.lines, left - _GAP
        while rest:
            fits = int((room - _HEAD_HEIGHT - 2 * _PADDING) // _LEADING)
            # Two lines alone at the foot of a sheet are worse than a page of their own.
            taken = 0 if fits < min(len(rest), 3) else fits
            pages.append(_remarks_block(rest[:taken], first=not pages) if taken else [])
            rest, room = rest[taken:], full
        return pages


def _remarks_block(lines: list[str], *, first: bool) -> list[Flowable]:
    height = len(lines) * _LEADING + 2 * _PADDING
    table = Table(
        [["Remarks"], [Lines(lines, style.TEXT, _LEADING)]],
        colWidths=[_WIDTH],
        rowHeights=[_HEAD_HEIGHT, height],
        hAlign="LEFT",
        style=[
            ("FONT", (0, 0), (0, 0), fonts.BOLD, style.TEXT),
            ("TEXTCOLOR", (0, 0), (0, 0), HexColor(style.BAND)),
            ("LEFTPADDING", (0, 0), (0, 0), 0),
            ("BOX", (0, 1), (0, 1), 0.5, HexColor(style.HAIRLINE)),
            ("TOPPADDING", (0, 1), (0, 1), _PADDING - 2),
            ("LEFTPADDING", (0, 1), (0, 1), _PADDING),
            ("VALIGN", (0, 0), (0, 1), "TOP"),
        ],
    )
    return [Spacer(1, _GAP), table] if first else [table]
