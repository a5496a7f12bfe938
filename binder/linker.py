"""Fragments in order, one PDF out: numbers are shifted, bytes are copied, nothing is parsed.

Memory does not grow with the bytes of the backup: two buffers, eight bytes per object, and one
entry per bookmark. The same parts give the same bytes.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from binder import fields
from binder.fragment import OPENING, PDF_HEADER, STAMP_FONT, Fragment
from binder.metadata import Metadata
from binder.numbers import Numbers
from binder.objects import Objects
from binder.outline import Bookmark, write_outline
from binder.output import Output, Relocation
from binder.page_links import PageLink, PageLinks
from binder.page_tree import PageTree
from binder.pdf_text import text_string
from binder.side_table import SideTable
from binder.stamp import stamp_stream, stamp_text


@dataclass(frozen=True, slots=True)
class Part:
    """A fragment in its place."""

    fragment: Fragment
    #: (level, title) of the bookmarks that lead to its first page.
    headings: tuple[tuple[int, str], ...] = ()
    #: What the stamp says, with `{page}` and `{pages}` for the numbers; None for no stamp.
    stamp: str | None = None
    #: Only on pages of ours, whose fragments have slots for annotations.
    links: tuple[PageLink, ...] = ()
    #: Whether the bookmarks that the file brought are taken over.
    source_bookmarks: bool = True


@dataclass(frozen=True, slots=True)
class Linked:
    """The finished file: pages, bytes, SHA-256, and bytes that equal contents saved."""

    pages: int
    size: int
    sha256: str
    saved: int


@dataclass(slots=True)
class _Fixed:
    """Numbers of the objects that every backup has."""

    objects: Objects
    catalogue: int = field(init=False)
    root: int = field(init=False)
    info: int = field(init=False)
    xmp: int = field(init=False)
    outline: int = field(init=False)
    opening: int = field(init=False)
    font: int = field(init=False)

    def __post_init__(self) -> None:
        for name in ("catalogue", "root", "info", "xmp", "outline", "opening", "font"):
            setattr(self, name, self.objects.allocate())


class Linker:
    """Links `total_pages` pages into `out`: `add` each part, then `finish`.

    Stamps, bookmarks and page labels say `numbers`; without them, from 1 to the last page.
    """

    def __init__(self, out: Output, total_pages: int, numbers: Numbers | None = None) -> None:
        self._out = out
        self._objects = Objects(out)
        self._fixed = _Fixed(self._objects)
        self._numbers = numbers or Numbers(0, total_pages)
        self._tree = PageTree(self._objects, self._fixed.root, total_pages)
        self._pages = [0] * total_pages
        self._next_page = 0
        self._done = 0
        #: By first page: parts may come in any order, bookmarks follow the pages.
        self._bookmarks: dict[int, list[Bookmark]] = {}
        self._links = PageLinks(self._objects)
        self._layers: list[int] = []
        self._hidden_layers: list[int] = []
        self._shared: dict[bytes, int] = {}
        self._saved = 0
        out.put(PDF_HEADER)
        self._objects.put(self._fixed.opening, OPENING)
        self._objects.put(self._fixed.font, STAMP_FONT)

    @property
    def pages(self) -> int:
        """Pages so far."""
        return self._done

    def add(self, part: Part, first: int | None = None) -> None:
        """Write the fragment of `part`; its pages start at page `first` of the file (from 0), by
        default after those of the part before.

        Raises OSError when it cannot be read.
        """
        fragment = part.fragment
        if first is None:
            first = self._next_page
        descriptor = os.open(fragment.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            table = fragment.read_table(descriptor)
            base = self._objects.allocate(fragment.objects) - 1
            stamps = self._objects.allocate(fragment.pages)
            numbers = self._targets(table, base, stamps, first)
            dropped = self._share(table, base, numbers, fragment.body_length)
            if part.links:
                replaced = self._links.reserve(table, numbers, part.links)
                dropped = sorted([*dropped, *_extents(table, replaced, fragment.body_length)])
            body = Relocation(table.positions, numbers[table.targets], table.headers)
            offsets = self._copy(fragment, descriptor, body, dropped)
            self._objects.place(slice(base + 1, base + 1 + len(offsets)), offsets)
        finally:
            os.close(descriptor)
        self._stamp(table, stamps, part.stamp, first)
        self._note(table, base, part, first)

    def _targets(self, table: SideTable, base: int, stamps: int, first: int) -> fields.Numbers:
        """The number of every local target; see `SideTable`."""
        objects, pages = table.objects, len(table.pages)
        numbers = np.empty(objects + 3 + 2 * pages, np.uint32)
        numbers[: objects + 1] = np.arange(base, base + objects + 1)
        numbers[objects + 1] = self._fixed.opening
        numbers[objects + 2] = self._fixed.font
        numbers[objects + 3 : objects + 3 + pages] = np.arange(stamps, stamps + pages)
        parents = [self._tree.parent(page) for page in range(first, first + pages)]
        numbers[objects + 3 + pages :] = parents
        return numbers

    def _share(
        self, table: SideTable, base: int, numbers: fields.Numbers, body_length: int
    ) -> list[tuple[int, int, int]]:
        """Point `numbers` at equal objects that are there already; (start, end, local number) of
        those."""
        dropped = []
        for index, local in enumerate(table.shareable.tolist()):
            digest = table.digests[16 * index : 16 * index + 16]
            number = self._shared.setdefault(digest, base + local)
            if number != base + local:
                numbers[local] = number
                dropped.append(local)
        extents = list(_extents(table, dropped, body_length))
        self._saved += sum(end - start for start, end, _ in extents)
        return sorted(extents)

    def _copy(
        self,
        fragment: Fragment,
        descriptor: int,
        body: Relocation,
        dropped: list[tuple[int, int, int]],
    ) -> fields.Offsets:
        """Copy the body but for what was dropped; where each object lies, 0 for dropped ones."""
        starts = body.positions[body.headers]
        offsets = starts + fields.padding(body.numbers[body.headers])
        for start, end in _kept(fragment.body_length, dropped):
            first, last = np.searchsorted(starts, (start, end))
            offsets[first:last] += self._out.tell() - start
            run = body.between(start, end) if dropped else body
            self._out.copy(descriptor, fragment.body + start, end - start, run)
        for _, _, local in dropped:
            offsets[local - 1] = 0
        return offsets

    def _stamp(self, table: SideTable, stamps: int, text: str | None, first: int) -> None:
        for index, row in enumerate(table.geometry.tolist()):
            page = self._numbers.of(first + index)
            line = stamp_text(text, page, self._numbers.last) if text is not None else None
            self._objects.put_stream(stamps + index, b"", stamp_stream(row, line))

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
        self._layers += [base + number for number in table.layers]
        self._hidden_layers += [base + number for number in table.hidden_layers]

    def finish(self, metadata: Metadata, identity: bytes) -> Linked:
        """Write what holds the pages together; `identity` (16 bytes) becomes the file's
        identifier."""
        objects, fixed = self._objects, self._fixed
        self._tree.write(self._pages)
        bookmarks = [each for _, same in sorted(self._bookmarks.items()) for each in same]
        write_outline(objects, fixed.outline, bookmarks, self._pages)
        self._links.write(self._pages)
        objects.put(fixed.info, metadata.info())
        objects.put_stream(fixed.xmp, b"/Type/Metadata/Subtype/XML", metadata.xmp())
        objects.put(fixed.catalogue, self._catalogue(metadata.language))
        name = identity.hex().encode("ascii")
        ends = (fixed.catalogue, fixed.info, name, name)
        objects.put_cross_reference(b"/Root %d 0 R/Info %d 0 R/ID[<%s><%s>]" % ends)
        sha256 = self._out.finish()
        return Linked(len(self._pages), self._out.tell(), sha256, self._saved)

    def _catalogue(self, language: str) -> bytes:
        fixed = self._fixed
        return (
            b"<</Type/Catalog/Pages %d 0 R/Outlines %d 0 R/Metadata %d 0 R/Lang%s"
            b"/PageMode/UseOutlines/ViewerPreferences<</DisplayDocTitle true>>"
            b"/OpenAction[%d 0 R/XYZ null null 1]/PageLabels<</Nums[0<</S/D/St %d>>]>>%s>>"
        ) % (
            fixed.root,
            fixed.outline,
            fixed.xmp,
            text_string(language),
            self._pages[0],
            self._numbers.of(0),
            self._layer_properties(),
        )

    def _layer_properties(self) -> bytes:
        if not self._layers:
            return b""
        every, hidden = (
            b" ".join(b"%d 0 R" % number for number in numbers)
            for numbers in (self._layers, self._hidden_layers)
        )
        # No order: the panel of layers would list the unnamed layers of unrelated files.
        return b"/OCProperties<</OCGs[%s]/D<</BaseState/ON/OFF[%s]/Order[]>>>>" % (every, hidden)


def _extents(
    table: SideTable, numbers: Iterable[int], body_length: int
) -> Iterator[tuple[int, int, int]]:
    """Where the objects of these local numbers start and end in the body, and their numbers."""
    starts = table.object_starts
    for local in numbers:
        end = int(starts[local]) if local < len(starts) else body_length
        yield int(starts[local - 1]), end, local


def _kept(length: int, dropped: list[tuple[int, int, int]]) -> Iterator[tuple[int, int]]:
    """The runs of the body between what is dropped."""
    at = 0
    for start, end, _ in dropped:
        if start > at:
            yield at, start
        at = end
    if at < length:
        yield at, length


def link(parts: Sequence[Part], path: Path, metadata: Metadata, identity: bytes) -> Linked:
    """Link all `parts` into the file at `path`."""
    with Output(path) as out:
        linker = Linker(out, sum(part.fragment.pages for part in parts))
        for part in parts:
            linker.add(part)
        return linker.finish(metadata, identity)
