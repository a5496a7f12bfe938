"""The pages that make a merged file a document: cover, index, tie-out, receipt, separators.

Each is drawn once, from a plan and the numbers the linker knows, and says beforehand how many pages
it takes. None writes annotations or page numbers: links are handed back, and the linker stamps.
"""

from binder.render.furniture.checks import Check
from binder.render.furniture.cover import COVER_PAGES, ContentsLine, cover
from binder.render.furniture.drawn import Drawn, Link, Rect
from binder.render.furniture.index import index, index_page_count
from binder.render.furniture.receipt import receipt, receipt_page_count
from binder.render.furniture.separator import SEPARATOR_PAGES, separator
from binder.render.furniture.tie_out import tie_out, tie_out_page_count

__all__ = [
    "COVER_PAGES",
    "SEPARATOR_PAGES",
    "Check",
    "ContentsLine",
    "Drawn",
    "Link",
    "Rect",
    "cover",
    "index",
    "index_page_count",
    "receipt",
    "receipt_page_count",
    "separator",
    "tie_out",
    "tie_out_page_count",
]
