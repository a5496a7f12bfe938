"""Numbers for objects, where each object lies, and the cross-reference stream that says so."""

import zlib
from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from binder.errors import BinderError
from binder.fields import Offsets
from binder.output import Output

#: The most objects that PDF 1.7 promises (ISO 32000-1, annex C).
_MOST_OBJECTS = 8_388_607


class Objects:
    """The objects of the file being linked. Number 0 is never used; an object without offset is
    free."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._next = 1
        self._offsets: Offsets = np.zeros(4096, np.int64)

    def allocate(self, count: int = 1) -> int:
        """The first of `count` consecutive new numbers."""
        first = self._next
        self._next += count
        if self._next > _MOST_OBJECTS:
            raise BinderError("The backup has more parts than one PDF can hold; split it in two.")
        if self._next > len(self._offsets):
            more = max(self._next, len(self._offsets) * 3 // 2) - len(self._offsets)
            self._offsets = np.concatenate([self._offsets, np.zeros(more, np.int64)])
        return first

    def place(self, numbers: slice, offsets: Offsets) -> None:
        """Note where the objects of a run of numbers start."""
        self._offsets[numbers] = offsets

    def put(self, number: int, value: bytes) -> None:
        """Write object `number` here."""
        self._offsets[number] = self._out.tell()
        self._out.put(b"%d 0 obj\n%s\nendobj\n" % (number, value))

    def put_stream(self, number: int, entries: bytes, data: bytes) -> None:
        """Write object `number` as a stream; `entries` is the inside of its dictionary but for the
        length."""
        self.put(number, b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(data), data))

    def put_streams(self, first: int, every: Sequence[bytes]) -> None:
        """Write a stream of nothing but data for each of a run of numbers, in one piece."""
        self._put_all(
            first,
            [
                b"%d 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n"
                % (number, len(data), data)
                for number, data in enumerate(every, first)
            ],
        )

    def put_all(self, first: int, every: Sequence[bytes]) -> None:
        """Write a value for each of a run of numbers, in one piece."""
        self._put_all(
            first,
            [b"%d 0 obj\n%s\nendobj\n" % pair for pair in enumerate(every, first)],
        )

    def _put_all(self, first: int, texts: Sequence[bytes]) -> None:
        starts = accumulate(map(len, texts), initial=self._out.tell())
        self._offsets[first : first + len(texts)] = list(starts)[:-1]
        self._out.put(b"".join(texts))

    def put_cross_reference(self, entries: bytes) -> None:
        """Write the cross-reference stream, with `entries` for the trailer, and the end of the
        file."""
        number = self.allocate()
        start = self._out.tell()
        self._offsets[number] = start
        offsets = self._offsets[: self._next]
        # The shortest width: some readers compute with 32 bits where they can.
        width = 4 if start < 1 << 32 else 5
        data = zlib.compress(_rows(offsets, width), 6)
        dictionary = (
            b"/Type/XRef/Size %d/W[1 %d 1]%s/Filter/FlateDecode"
            b"/DecodeParms<</Predictor 12/Columns %d>>"
        ) % (self._next, width, entries, width + 2)
        self.put_stream(number, dictionary, data)
        self._out.put(b"startxref\n%d\n%%%%EOF\n" % start)


def _rows(offsets: Offsets, width: int) -> bytes:
    """Rows of type, offset and generation as differences from the row above (PNG filter “up”)."""
    rows = np.zeros((len(offsets), width + 3), np.uint8)
    rows[:, 1] = offsets > 0
    big_endian = offsets.astype(">u8").view(np.uint8).reshape(-1, 8)
    rows[:, 2 : 2 + width] = big_endian[:, 8 - width :]
    filtered = rows.copy()
    filtered[1:, 1:] = rows[1:, 1:] - rows[:-1, 1:]
    filtered[:, 0] = 2
    return filtered.tobytes()
