"""Fragments in order, one PDF out: numbers are shifted, bytes are copied, nothing is parsed.

Memory does not grow with the bytes of the backup: two buffers, eight bytes per object, and one
entry per bookmark. The same parts give the same bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from binder import fields
from binder.back_links import BackLinks, Place
from binder.body import SharedObjects, copy_body
from binder.catalogue import Catalogue
from binder.fragment import OPENING, PDF_HEADER, STAMP_FONT, Fragment
from binder.metadata import Metadata
from binder.numbers import Numbers
from binder.objects import Objects
from binder.outline import Bookmark, write_outline
from binder.output import Output
from binder.page_links import PageLink, PageLinks
from binder.page_tree import PageTree
from binder.side_table import SideTable
from binder.stamp import Stamp, stamp_text


@dataclass(frozen=True, slots=True)
class Part:
    """A fragment in its place."""

    fragment: Fragment
    #: (level, title) of the bookmarks that lead to its first page.
    headings: tuple[tuple[int, str], ...] = ()
    #: What the stamp says, with `{page}` and `{pages}` for the numbers; None for no stamp.
    stamp: str | None = None
    #: Only on pages of ours: these links are all that lies on them.
    links: tuple[PageLink, ...] = ()
    #: Whether the stamp on each of its pages leads to where `finish` says.
    leads_back: bool = False
    #: Whether the bookmarks that the file brought are taken over.
    source_bookmarks: bool = True


@dataclass(frozen=True, slots=True)
class Linked:
    """The finished file: pages and bytes."""

    pages: int
    size: int


class Linker:
    """Links `total_pages` pages into `out`: `add` each part, then `finish`.

    Stamps, bookmarks and page labels say `numbers`; without them, from 1 to the last page.
    """

    def __init__(self, out: Output, total_pages: int, numbers: Numbers | None = None) -> None:
        self._out = out
        self._objects = Objects(out)
        self._catalogue = Catalogue(self._objects)
        self._opening, self._font = self._objects.allocate(), self._objects.allocate()
        self._no_annotations = self._objects.allocate()
        self._numbers = numbers or Numbers(0, total_pages)
        self._tree = PageTree(self._objects, self._catalogue.pages, total_pages)
        self._pages = [0] * total_pages
        self._next_page = 0
        self._done = 0
        #: By first page: parts may come in any order, bookmarks follow the pages.
        self._bookmarks: dict[int, list[Bookmark]] = {}
        self._links = PageLinks(self._objects)
        self._backs = BackLinks(self._objects)
        self._shared = SharedObjects()
        out.put(PDF_HEADER)
        self._objects.put(self._opening, OPENING)
        self._objects.put(self._font, STAMP_FONT)
        self._objects.put(self._no_annotations, b"[]")

    @property
    def pages(self) -> int:
        """Pages so far."""
        return self._done

    def add(self, part: Part, first: int | None = None) -> None:
        """Write the fragment of `part`; its pages start at page `first` of the file (from 0), by
        default after those of the part before.

        Raises OSError when it cannot be read.
        """
        if first is None:
            first = self._next_page
        with part.fragment.opened() as source:
            table = source.table
            base = self._objects.allocate(part.fragment.objects) - 1
            stamps = self._objects.allocate(part.fragment.pages)
            numbers = self._targets(table, base, stamps, first)
            left_out = self._shared.replace(table, base, numbers)
            drawn = self._drawn_stamps(part, table, first)
            annotations = numbers[-len(table.pages) :]
            if part.links:
                for page, number in self._links.reserve(part.links).items():
                    annotations[page] = number
            elif part.leads_back and part.stamp:
                boxes = [stamp.box for stamp in drawn]
                left_out += self._backs.add(first, table, base, boxes, annotations)
            offsets = copy_body(self._out, source, numbers, left_out)
            self._objects.place(slice(base + 1, base + 1 + len(offsets)), offsets)
        self._objects.put_streams(stamps, [stamp.stream for stamp in drawn])
        self._note(table, base, part, first)

    def _targets(self, table: SideTable, base: int, stamps: int, first: int) -> fields.Numbers:
        """The number of every local target; see `SideTable`."""
        objects, pages = table.objects, len(table.pages)
        numbers = np.empty(objects + 3 + 3 * pages, np.uint32)
        numbers[: objects + 1] = np.arange(base, base + objects + 1)
        numbers[objects + 1] = self._opening
        numbers[objects + 2] = self._font
        numbers[objects + 3 : objects + 3 + pages] = np.arange(stamps, stamps + pages)
        numbers[objects + 3 + pages : objects + 3 + 2 * pages] = self._tree.parents(first, pages)
        annotations = numbers[objects + 3 + 2 * pages :]
        annotations[:] = self._no_annotations
        for found in table.annotations:
            annotations[found.page] = base + found.array
        return numbers

    def _drawn_stamps(self, part: Part, table: SideTable, first: int) -> list[Stamp]:
        """What goes into the slots of a part that starts at page `first`."""
        last, text = self._numbers.last, part.stamp
        return [
            Stamp.of(row, text and stamp_text(text, page, last))
            for page, row in enumerate(table.geometry.tolist(), self._numbers.of(first))
        ]

    def _note(self, table: SideTable, base: int, part: Part, first: int) -> None:
        """Pages, bookmarks and layers of a part that was copied."""
        count = len(table.pages)
        self._pages[first : first + count] = (table.pages + base).tolist()
        self._next_page = first + count
        self._done += count
        found = self._bookmarks.setdefault(first, [])
        level = -1
        for level, title in part.headings:
            found.append(Bookmark(level, f"{title} · p. {self._numbers.of(first):,}", first))
        for source in table.bookmarks if part.source_bookmarks else ():
            page = first + source.page
            title = f"{source.title} · p. {self._numbers.of(page):,}"
            found.append(Bookmark(level + 1 + source.level, title, page, source.top))
        self._catalogue.note_layers(table, base)

    def finish(
        self, metadata: Metadata, identity: bytes, backs: Mapping[int, Place] | None = None
    ) -> Linked:
        """Write what holds the pages together; `identity` (16 bytes) becomes the file's
        identifier. `backs` says, by first page (from 0), where the parts that lead back lead to."""
        self._tree.write(self._pages)
        bookmarks = [each for _, same in sorted(self._bookmarks.items()) for each in same]
        write_outline(self._objects, self._catalogue.outline, bookmarks, self._pages)
        self._links.write(self._pages)
        self._backs.write(self._pages, backs or {})
        entries = self._catalogue.write(metadata, self._pages[0], self._numbers.of(0))
        name = identity.hex().encode("ascii")
        self._objects.put_cross_reference(b"%s/ID[<%s><%s>]" % (entries, name, name))
        self._out.finish()
        return Linked(len(self._pages), self._out.tell())


def link(parts: Sequence[Part], path: Path, metadata: Metadata, identity: bytes) -> Linked:
    """Link all `parts` into the file at `path`."""
    with Output(path) as out:
        linker = Linker(out, sum(part.fragment.pages for part in parts))
        for part in parts:
            linker.add(part)
        return linker.finish(metadata, identity)
