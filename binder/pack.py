"""From a cleaned file to a fragment: every object number becomes a field, the side table remembers
where."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
from pikepdf import Object, Pdf

from binder import fields
from binder.fragment import HEADER_LENGTH, OPENING, STAMP_FONT, Fragment
from binder.reachable import Found, Id, reachable
from binder.sharing import Digests
from binder.side_table import PageAnnotations, SideTable, SourceBookmark
from binder.slots import Slots


def pack(pdf: Pdf, slots: Slots, dest: Path, bookmarks: tuple[SourceBookmark, ...]) -> Fragment:
    """Write the fragment of the pages of `pdf` to `dest`.

    Raises OSError, and what pikepdf raises of a file too broken to be written.
    """
    objects = reachable(pdf, (*slots.pages, *slots.layers.every), _ids(slots.provided))
    with dest.open("wb") as out:
        return _Packer(objects, slots, out).write(dest, bookmarks)


def _ids(things: Iterable[Object]) -> list[Id]:
    return [thing.objgen for thing in things]


class _Packer:
    def __init__(self, objects: dict[Id, Found], slots: Slots, out: BinaryIO) -> None:
        self.objects = objects
        self.slots = slots
        self.out = out
        self.digests = Digests(objects)
        self.local = {identity: index for index, identity in enumerate(objects, 1)}
        self.pages = _ids(slots.pages)
        self.page_of = {identity: index for index, identity in enumerate(self.pages)}
        self.annotations = _ids(slots.annotations)
        #: The number that the fragment itself shows: all its pages share one stamp, one parent and
        #: one empty array.
        self.shown = {
            identity: index for index, identity in enumerate(_ids(slots.provided), len(objects) + 1)
        }
        self.positions: list[int] = []
        self.targets: list[int] = []
        #: Index, among the fields, of the one that starts each object.
        self.starts: list[int] = []
        #: Bytes of the body so far.
        self.length = 0

    def write(self, dest: Path, bookmarks: tuple[SourceBookmark, ...]) -> Fragment:
        self.out.write(bytes(HEADER_LENGTH))
        for identity, found in self.objects.items():
            self._write_object(identity, found)
        digests = self.digests.shareable((*self.shown, *self.pages))
        table = SideTable(
            positions=np.array(self.positions, np.int64),
            targets=np.array(self.targets, np.uint32),
            headers=self._header_mask(),
            pages=np.array(self._locals(self.pages), np.uint32),
            geometry=np.array([page.row() for page in self.slots.facts], np.float32),
            shareable=np.array(self._locals(digests), np.uint32),
            digests=b"".join(digests.values()),
            bookmarks=bookmarks,
            layers=self._locals(_ids(self.slots.layers.every)),
            hidden_layers=self._locals(_ids(self.slots.layers.hidden)),
            annotations=tuple(self._annotations()),
        )
        return _Tail(self.out, table, self.length, len(self.pages)).write(dest)

    def _write_object(self, identity: Id, found: Found) -> None:
        if found.stream is None:
            self._write(self._with_fields(identity, found), b"\nendobj\n")
            return
        data = memoryview(found.stream.get_raw_stream_buffer())
        self.digests.note(identity, data)
        text = self._with_fields(identity, found, b"<</Length %d" % len(data))
        self._write(text, b"\nstream\n", data, b"\nendstream\nendobj\n")

    def _write(self, *parts: bytes | memoryview) -> None:
        for part in parts:
            self.out.write(part)
            self.length += len(part)

    def _with_fields(self, identity: Id, found: Found, opening: bytes = b"") -> bytes:
        """The object's header, `opening` and text, its number and every reference as fields."""
        own, page = self.local[identity], self.page_of.get(identity)
        self.starts.append(len(self.positions))
        self._note(self.length, own)
        parts = [fields.header(own), b" 0 obj\n", opening]
        position = self.length + sum(map(len, parts))
        last = 0
        for start, end, target in found.references:
            parts.append(found.value[last:start])
            position += start - last
            last = end
            meant, shown = self._meaning(target, page)
            if meant:
                self._note(position, meant)
                parts += (fields.reference(shown), b" 0 R")
                position += fields.WIDTH + 4
            else:
                parts.append(b"null")
                position += 4
        parts.append(found.value[last:])
        return b"".join(parts)

    def _meaning(self, target: Id, page: int | None) -> tuple[int, int]:
        """The local target that a reference means, and the number that the fragment itself shows.

        It stands in an object that is this page, or none. Zeros for what is not there.
        """
        own, shown = self.local.get(target, 0), self.shown.get(target, 0)
        count, pages = len(self.local), len(self.pages)
        if page is not None:
            if target == self.annotations[page]:
                return count + 3 + 2 * pages + page, own or shown
            # The stamp and the page tree are another for each page.
            if shown == count + 3:
                return count + 3 + page, shown
            if shown == count + 4:
                return count + 3 + pages + page, shown
        if own:
            return own, own
        return (shown, shown) if shown in {count + 1, count + 2} else (0, 0)

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
            if array in self.local:
                every = self._locals(self.objects[array].targets())
                yield PageAnnotations(page, self.local[array], every)

    def _locals(self, identities: Iterable[Id]) -> tuple[int, ...]:
        return tuple(self.local[identity] for identity in identities if identity in self.local)


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
