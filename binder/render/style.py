"""What all pages of ours share: paper, colours, sizes, and how a table looks. Lengths in points."""

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import landscape, letter

from binder.render import fonts

PORTRAIT = letter
LANDSCAPE = landscape(letter)
MARGIN = 36.0

INK = "#17212b"
MUTED = "#5d6975"
HAIRLINE = "#cfd6dd"
BAND = "#1f3d5c"
TINT = "#eef2f6"
WHITE = "#ffffff"
WARNING = "#9a3412"

TEXT = 8.0
SMALL = 6.5
CELL = 7.5
LEADING = 9.5
CELL_PADDING = 2.5

#: One command of a ReportLab TableStyle.
Command = tuple[object, ...]


def table_style(*, head_rows: int = 1) -> list[Command]:
    """Head on a dark band, hairlines between rows, text at the top of its cell."""
    whole, head = ((0, 0), (-1, -1)), ((0, 0), (-1, head_rows - 1))
    return [
        ("FONT", *whole, fonts.REGULAR, CELL, LEADING),
        ("TEXTCOLOR", *whole, HexColor(INK)),
        ("VALIGN", *whole, "TOP"),
        ("TOPPADDING", *whole, CELL_PADDING),
        ("BOTTOMPADDING", *whole, CELL_PADDING),
        ("LEFTPADDING", *whole, 3),
        ("RIGHTPADDING", *whole, 3),
        ("LINEBELOW", *whole, 0.4, HexColor(HAIRLINE)),
        ("BACKGROUND", *head, HexColor(BAND)),
        ("TEXTCOLOR", *head, HexColor(WHITE)),
        ("FONT", *head, fonts.BOLD, SMALL, SMALL + 1.5),
        ("VALIGN", *head, "MIDDLE"),
    ]
