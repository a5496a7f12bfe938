"""What every piece of furniture is when it is drawn."""

from dataclasses import dataclass

#: Left, bottom, right, top in points; the origin is the page's bottom left corner.
Rect = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Link:
    """A place that leads elsewhere in the backup; the linker writes the annotation.

    It leads to the first page of `plan.documents[document]`, or else to the furniture of that name.
    """

    #: Page within the furniture's own PDF, from 0.
    page: int
    rect: Rect
    document: int | None = None
    furniture: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A PDF of ours without annotations; each page's lowest 24 points are free for the stamp."""

    pdf: bytes
    pages: int
    links: tuple[Link, ...] = ()
