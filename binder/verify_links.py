"""The links on one page of a finished file, compared with what they should be."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from pikepdf import Name, Object, Page

from binder.back_links import Place
from binder.errors import BinderError
from binder.page_links import PageLink
from binder.source import is_array, is_dictionary
from binder.stamp import drawn_box

#: How far a rectangle may be from what was asked for: numbers are written with two decimals, and
#: the box of a stamp is the sum of two of them.
_TOLERANCE = 0.05

#: Pages by the number of their object, from 0.
PageIndex = dict[tuple[int, int], int]


class NotAsPlanned(BinderError):
    """The finished file is not what it should be."""


@dataclass(frozen=True, slots=True)
class Links:
    """All links of page `number` (from 0), in their order."""

    number: int
    index: PageIndex
    every: list[Object]

    @classmethod
    def of(cls, page: Page, number: int, index: PageIndex) -> Self:
        """The links that lie on the page."""
        return cls(number, index, list(_links(page)))

    def take_back(self, stamp: bytes, place: Place) -> None:
        """The last one lies under the text of the stamp and leads to `place`; take it away."""
        last = self.every.pop() if self.every else None
        if (
            last is None
            or not _is_at(last, drawn_box(stamp))
            or self._target(last) != place.page
            or abs(float(last.Dest[3]) - place.top) > _TOLERANCE
        ):
            raise NotAsPlanned(f"Page {self.number + 1:,} does not lead back to the index.")

    def check_brought(self, start: int, end: int) -> None:
        """What a document brought leads to a page of the same document, or to none of the file."""
        for link in self.every:
            if "/Dest" in link and not start <= self._target(link) < end:
                raise NotAsPlanned(f"A link on page {self.number + 1:,} leads out of its document.")

    def check_ours(self, wanted: Sequence[PageLink]) -> None:
        """Every link of ours is where it should be and leads where it should."""
        if len(self.every) != len(wanted):
            raise NotAsPlanned(
                f"Page {self.number + 1:,} has {len(self.every):,} links "
                f"instead of {len(wanted):,}."
            )
        for link, found in zip(wanted, self.every, strict=True):
            if self._target(found) != link.target or not _is_at(found, link.rect):
                raise NotAsPlanned(
                    f"A link on page {self.number + 1:,} does not lead to page {link.target + 1:,}."
                )

    def _target(self, link: Object) -> int:
        """The page (from 0) to which it leads; -1 where that is not in the file."""
        destination = link.get("/Dest")
        return -1 if destination is None else self.index.get(destination[0].objgen, -1)


def _is_at(link: Object, rect: Sequence[float]) -> bool:
    found = [float(value) for value in link.Rect]
    return all(abs(a - b) <= _TOLERANCE for a, b in zip(found, rect, strict=True))


def _links(page: Page) -> Iterator[Object]:
    annotations = page.obj.get("/Annots")
    if is_array(annotations):
        for annotation in annotations:
            if is_dictionary(annotation) and annotation.get("/Subtype") == Name.Link:
                yield annotation
