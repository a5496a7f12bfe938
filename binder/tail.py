"""What stands behind the body of a fragment: the side table, and what makes it a PDF of its own.

The linker reads nothing of it but the side table.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from binder import fields
from binder.fragment import HEADER_LENGTH, OPENING, STAMP_FONT, Fragment
from binder.side_table import SideTable


@dataclass(slots=True)
class Tail:
    """Written to `out` when the body stands there."""

    out: BinaryIO
    table: SideTable
    body_length: int
    page_count: int
    offsets: list[int] = field(default_factory=list)

    def write(self, dest: Path) -> Fragment:
        """Write it, and the header in front; the fragment that lies at `dest` then."""
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
