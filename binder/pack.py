"""From qpdf's output to a fragment: every object number becomes a field, the side table remembers
where."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from binder import fields
from binder.fragment import HEADER_LENGTH, OPENING, STAMP_FONT, Fragment
from binder.geometry import PageGeometry
from binder.qpdf_file import QpdfFile, references
from binder.sharing import shareable_streams
from binder.side_table import PageAnnotations, SideTable, SourceBookmark

#: Keys by which the catalogue of the saved file names what the fragment treats specially.
OPENING_KEY = "/DrawpackOpening"
FONT_KEY = "/DrawpackFont"
STAMP_KEY = "/DrawpackStamp"
LAYERS_KEY = "/DrawpackLayers"
HIDDEN_KEY = "/DrawpackHidden"
ANNOTATIONS_KEY = "/DrawpackAnnotations"


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What the linker must know of a page beyond its objects."""

    geometry: PageGeometry
    open_states: int

    def row(self) -> tuple[float, ...]:
        """As a row of the side table's geometry."""
        shape = self.geometry
        return (*shape.box, shape.rotate, shape.unit, self.open_states)


def pack(
    saved: memoryview,
    dest: Path,
    pages: Sequence[PageFacts],
    bookmarks: tuple[SourceBookmark, ...],
) -> Fragment:
    """Write the fragment of the file that qpdf saved, here given by its bytes, to `dest`."""
    with dest.open("wb") as out:
        return _Packer(QpdfFile.parse(saved), out).write(dest, pages, bookmarks)


class _Packer:
    def __init__(self, file: QpdfFile, out: BinaryIO) -> None:
        self.file = file
        self.out = out
        (self.tree,) = file.references_in(file.root, b"/Pages")
        self.kids = file.references_in(self.tree, b"/Kids")
        self.page_of = {number: index for index, number in enumerate(self.kids)}
        self.opening, self.font, self.stamp = (
            file.references_in(file.root, key.encode())[0]
            for key in (OPENING_KEY, FONT_KEY, STAMP_KEY)
        )
        self.no_annotations, *self.annotations = file.references_in(
            file.root, ANNOTATIONS_KEY.encode()
        )
        #: What the linker provides instead.
        self.outside = {
            file.root,
            self.tree,
            self.opening,
            self.font,
            self.stamp,
            self.no_annotations,
        }
        order = (number for number in file.objects if number not in self.outside)
        self.local = {number: index for index, number in enumerate(order, 1)}
        self.positions: list[int] = []
        self.targets: list[int] = []
        #: Index, among the fields, of the one that starts each object.
        self.starts: list[int] = []

    def write(
        self, dest: Path, pages: Sequence[PageFacts], bookmarks: tuple[SourceBookmark, ...]
    ) -> Fragment:
        local = self.local
        self.out.write(bytes(HEADER_LENGTH))
        for number in local:
            self._write_object(number)
        body_length = self.out.tell() - HEADER_LENGTH
        digests = shareable_streams(self.file, {*self.outside, *self.kids})
        table = SideTable(
            positions=np.array(self.positions, np.int64),
            targets=np.array(self.targets, np.uint32),
            headers=self._header_mask(),
            pages=np.array([local[number] for number in self.kids], np.uint32),
            geometry=np.array([page.row() for page in pages], np.float32),
            shareable=np.array([local[number] for number in digests], np.uint32),
            digests=b"".join(digests.values()),
            bookmarks=bookmarks,
            layers=self._locals(LAYERS_KEY),
            hidden_layers=self._locals(HIDDEN_KEY),
            annotations=tuple(self._annotations()),
        )
        return _Tail(self.out, table, body_length, len(self.kids)).write(dest)

    def _write_object(self, number: int) -> None:
        """One object, its number and every reference in it as fields."""
        value, own = self.file.value(number), self.local[number]
        position = self.out.tell() - HEADER_LENGTH
        self.starts.append(len(self.positions))
        self._note(position, own)
        parts = [fields.header(own), b" 0 obj\n"]
        position += fields.WIDTH + len(parts[1])
        last = 0
        for start, end, target in references(value):
            parts.append(value[last:start])
            position += start - last
            last = end
            meant, shown = self._meaning(target, number)
            if meant:
                self._note(position, meant)
                parts += (fields.reference(shown), b" 0 R")
                position += fields.WIDTH + 4
            else:
                parts.append(b"null")
                position += 4
        parts.append(value[last:])
        self.out.write(b"".join(parts))
        self.out.write(self.file.rest(number))

    def _meaning(self, target: int, inside: int) -> tuple[int, int]:
        """The local target that a reference means, and the number that the fragment itself shows.

        `target` stands in object `inside`. Zeros for what is not there.
        """
        number = self.local.get(target)
        count, pages, page = len(self.local), len(self.kids), self.page_of.get(inside)
        if page is not None and target == self.annotations[page]:
            return count + 3 + 2 * pages + page, number or count + 5
        if number is not None:
            return number, number
        if target in {self.opening, self.font}:
            shared = count + 1 + (target == self.font)
            return shared, shared
        # In the fragment itself all pages share one stamp and one parent.
        if target == self.stamp and page is not None:
            return count + 3 + page, count + 3
        if target == self.tree and page is not None:
            return count + 3 + pages + page, count + 4
        return 0, 0

    def _note(self, position: int, target: int) -> None:
        self.positions.append(position)
        self.targets.append(target)

    def _header_mask(self) -> fields.Mask:
        mask = np.zeros(len(self.positions), bool)
        mask[self.starts] = True
        return mask

    def _annotations(self) -> Iterator[PageAnnotations]:
        """Of each page that has some."""
        for page, array in enumerate(self.annotations):
            if array != self.no_annotations:
                targets = [target for _, _, target in references(self.file.value(array))]
                found = tuple(self.local[target] for target in targets)
                yield PageAnnotations(page, self.local[array], found)

    def _locals(self, key: str) -> tuple[int, ...]:
        numbers = self.file.references_in(self.file.root, key.encode())
        return tuple(self.local[number] for number in numbers if number in self.local)


@dataclass(slots=True)
class _Tail:
    """What makes the fragment a PDF of its own: the linker never reads it, but for the side
    table."""

    out: BinaryIO
    table: SideTable
    body_length: int
    page_count: int
    offsets: list[int] = field(default_factory=list)

    def write(self, dest: Path) -> Fragment:
        table, count = self.table, self.table.objects
        pages = b" ".join(b"%d 0 R" % number for number in table.pages.tolist())
        self._object(count + 1, OPENING)
        self._object(count + 2, STAMP_FONT)
        self._object(count + 3, b"<</Length 2>>\nstream\nQ\n\nendstream")
        self._object(count + 4, b"<</Type/Pages/Count %d/Kids[%s]>>" % (self.page_count, pages))
        self._object(count + 5, b"[]")
        self._object(
            count + 6, b"<</Type/Catalog/Pages %d 0 R%s>>" % (count + 4, self._layer_properties())
        )
        packed = table.to_bytes()
        start = b"<</Type/DrawpackSideTable/Filter/FlateDecode/Length %d>>\nstream\n" % len(packed)
        self._object(count + 7, start + packed + b"\nendstream")
        table_at = self.offsets[-1] + len(b"%d 0 obj\n" % (count + 7)) + len(start)
        self._cross_reference(count)
        fragment = Fragment(
            dest, HEADER_LENGTH, self.body_length, table_at, len(packed), count, self.page_count
        )
        self.out.seek(0)
        self.out.write(fragment.header())
        return fragment

    def _object(self, number: int, value: bytes) -> None:
        self.offsets.append(self.out.tell())
        self.out.write(b"%d 0 obj\n%s\nendobj\n" % (number, value))

    def _layer_properties(self) -> bytes:
        if not self.table.layers:
            return b""
        every, hidden = (
            b" ".join(b"%d 0 R" % number for number in numbers)
            for numbers in (self.table.layers, self.table.hidden_layers)
        )
        return b"/OCProperties<</OCGs[%s]/D<</OFF[%s]>>>>" % (every, hidden)

    def _cross_reference(self, count: int) -> None:
        starts = self.table.object_starts + HEADER_LENGTH
        starts += fields.padding(np.arange(1, count + 1, dtype=np.uint32))
        rows = [b"%010d 00000 n \n" % offset for offset in (*starts.tolist(), *self.offsets)]
        size = len(rows) + 1
        at = self.out.tell()
        identity = hashlib.blake2b(self.table.digests + b"".join(rows), digest_size=16)
        name = identity.hexdigest().encode()
        self.out.write(b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, b"".join(rows)))
        self.out.write(
            b"trailer\n<</Size %d/Root %d 0 R/ID[<%s><%s>]>>\nstartxref\n%d\n%%%%EOF\n"
            % (size, size - 2, name, name, at)
        )
