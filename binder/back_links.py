"""Links from the pages of documents back to the index: the stamp of each page is their area."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from binder.fields import Numbers
from binder.objects import Objects
from binder.pdf_text import number as pdf_number
from binder.side_table import SideTable


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the file (from 0) and a height on it, in points."""

    page: int
    top: float


class BackLinks:
    """`add` for each part that leads back, then `write`.

    All pages of a part share one destination, an object of its own: it is written at the end, when
    the index has been drawn.
    """

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._destinations: dict[int, int] = {}

    def add(
        self, first: int, table: SideTable, base: int, boxes: Sequence[bytes], numbers: Numbers
    ) -> list[int]:
        """Write a link for each page of the part that starts at page `first`, in the box of its
        stamp; the local numbers of the arrays that are replaced.

        `numbers`, those of the pages' arrays of annotations, are pointed at new arrays: what a page
        brought (object n of the fragment is `base` + n), then the link.
        """
        destination = self._destinations[first] = self._objects.allocate()
        count = len(boxes)
        links = self._objects.allocate(2 * count)
        arrays = links + count
        start = b"<</Type/Annot/Subtype/Link/F 4/Border[0 0 0]/Dest %d 0 R/Rect[" % destination
        values = [b"%s%s]>>" % (start, box) for box in boxes]
        values += [b"[%d 0 R]" % number for number in range(links, arrays)]
        for found in table.annotations:
            every = [*(base + local for local in found.every), links + found.page]
            values[count + found.page] = b"[%s]" % b" ".join([b"%d 0 R" % each for each in every])
        self._objects.put_all(links, values)
        numbers[:] = range(arrays, arrays + count)
        return [each.array for each in table.annotations]

    def write(self, pages: Sequence[int], places: Mapping[int, Place]) -> None:
        """Write where each part leads; `pages` are the numbers of the page objects."""
        for first, destination in self._destinations.items():
            place = places[first]
            # Without a zoom of its own a link keeps the reader's.
            value = b"[%d 0 R/XYZ null %s null]" % (pages[place.page], pdf_number(place.top))
            self._objects.put(destination, value)
