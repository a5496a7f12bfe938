"""The word DRAFT across a page that nobody has approved."""

from math import atan2, degrees
from typing import Any

from reportlab.lib.colors import HexColor

from binder.render import fonts, style

_SIZE = 150.0
#: Light enough that every figure under it reads; dark enough to survive a photocopier.
_OPACITY = 0.11


def print_draft(canvas: Any) -> None:
    """Print DRAFT from the lower left to the upper right, see-through, over what stands there."""
    width, height = canvas._pagesize  # noqa: SLF001
    canvas.saveState()
    canvas.setFillColor(HexColor(style.WARNING))
    canvas.setFillAlpha(_OPACITY)
    canvas.translate(width / 2, height / 2)
    canvas.rotate(degrees(atan2(height, width)))
    canvas.setFont(fonts.BOLD, _SIZE)
    canvas.drawCentredString(0, -_SIZE * 0.35, "DRAFT")
    canvas.restoreState()
