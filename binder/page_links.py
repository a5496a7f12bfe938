"""Links on pages of ours: their targets get numbers only once every page has been written."""

from collections.abc import Sequence
from dataclasses import dataclass

from binder.objects import Objects
from binder.pdf_text import number as pdf_number


@dataclass(frozen=True, slots=True)
class PageLink:
    """A rectangle (left, bottom, right, top in points) of a part's page `page` (from 0) that leads
    to page `target` of the file (from 0)."""

    page: int
    rect: tuple[float, float, float, float]
    target: int


class PageLinks:
    """The links on pages of ours: `reserve` for each part that has some, then `write`."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._arrays: list[tuple[int, list[PageLink]]] = []

    def reserve(self, links: Sequence[PageLink]) -> dict[int, int]:
        """The numbers of the arrays of annotations that `write` will write, by page of the part."""
        by_page: dict[int, list[PageLink]] = {}
        for each in links:
            by_page.setdefault(each.page, []).append(each)
        numbers = {page: self._objects.allocate() for page in by_page}
        self._arrays += [(numbers[page], same) for page, same in by_page.items()]
        return numbers

    def write(self, pages: Sequence[int]) -> None:
        """Write every annotation; `pages` are the numbers of the page objects."""
        for array, links in self._arrays:
            first = self._objects.allocate(len(links))
            for number, each in enumerate(links, first):
                rect = b" ".join(map(pdf_number, each.rect))
                # Without a zoom of its own a link keeps the reader's.
                self._objects.put(
                    number,
                    b"<</Type/Annot/Subtype/Link/F 4/Border[0 0 0]/Rect[%s]"
                    b"/Dest[%d 0 R/XYZ null null null]>>" % (rect, pages[each.target]),
                )
            every = b" ".join(b"%d 0 R" % number for number in range(first, first + len(links)))
            self._objects.put(array, b"[%s]" % every)
