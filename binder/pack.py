"""From a cleaned file to a fragment: every object number becomes a field, the side table remembers
where."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from pikepdf import Object, Pdf

from binder import fields
from binder.fragment import HEADER_LENGTH, Fragment
from binder.reachable import Found, Id, reachable
from binder.sharing import Digests
from binder.side_table import PageAnnotations, SideTable, SourceBookmark
from binder.slots import Slots
from binder.tail import Tail


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
        return Tail(self.out, table, self.length, len(self.pages)).write(dest)

    def _write_object(self, identity: Id, found: Found) -> None:
        if found.stream is None:
            self._write(self._with_fields(identity, found) + b"\nendobj\n")
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
