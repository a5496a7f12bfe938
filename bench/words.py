"""Words and fonts of the set's documents."""

from functools import cache
from pathlib import Path
from random import Random

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONTS = Path(__file__).parents[1] / "static" / "fonts"

REGULAR = "bench-regular"
BOLD = "bench-bold"
SIGNS = "bench-signs"
FONT_FILES = {REGULAR: "NotoSans-Regular.ttf", BOLD: "NotoSans-Bold.ttf", SIGNS: "DejaVuSans.ttf"}

_SITE = (
    "anchor asphalt backfill balance beam bond brick cable ceiling column concrete conduit crew "
    "curb damper deck delivery door drain drywall duct elevator excavation fence fire fixture "
    "flashing flooring formwork foundation framing gate girder glass grade gravel grout gutter "
    "handrail hardware hoist insulation joint joist labor ladder landing lintel masonry membrane "
    "mortar paint panel paving permit pipe plaster plumbing pump rebar retainage roof sealant "
    "shaft site slab steel stone storm stud survey switch tank temporary tile trench truss valve "
    "waiver wall"
)
_WORDS = _SITE.split()


@cache
def register_fonts() -> None:
    """Make the fonts known to ReportLab, once in a process."""
    for name, file in FONT_FILES.items():
        pdfmetrics.registerFont(TTFont(name, FONTS / file))


def words(random: Random, count: int) -> str:
    """`count` words of a building site."""
    return " ".join(random.choices(_WORDS, k=count))


def amount(random: Random, most: int = 900_000) -> str:
    """Dollars and cents as printed."""
    return f"{random.randrange(most):,}.{random.randrange(100):02}"
