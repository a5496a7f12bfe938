"""The side table of a fragment: where its object numbers stand and what they mean."""

import json
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from binder.fields import Mask, Numbers, Offsets

_COUNTS = struct.Struct("<5I")
_DIGEST = 16
_GEOMETRY_COLUMNS = 7
_LEVEL = 6
_NOTHING: dict[str, Any] = {"annotations": (), "bookmarks": (), "layers": (), "hidden_layers": ()}


@dataclass(frozen=True, slots=True)
class SourceBookmark:
    """A bookmark that the file brought: `level` from 0, `page` from 0 within it, `top` in page
    units."""

    level: int
    title: str
    page: int
    top: float | None


@dataclass(frozen=True, slots=True)
class PageAnnotations:
    """What lies on a page (from 0): the local numbers of the array and of what it lists."""

    page: int
    array: int
    every: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SideTable:
    """Everything the linker needs to know of a fragment's body; offsets count from the body's
    start.

    A *local target* is what a field refers to: 1…M are the fragment's own objects, and after them
    come what the linker provides: M+1 the shared opening stream, M+2 the stamp's font, then for
    each page the stamp in its slot, then for each page its parent in the page tree, then for each
    page the array of its annotations.
    """

    #: Where each field stands, ascending.
    positions: Offsets
    #: The local target of each field.
    targets: Numbers
    #: Marks the fields that start an object: M of them, in order.
    headers: Mask
    #: Local number of each page.
    pages: Numbers
    #: For each page: left, bottom, right, top of what is visible, rotation, unit, open `q`
    #: operators.
    geometry: npt.NDArray[np.float32]
    #: Objects that equal contents elsewhere may replace: local number, and their digests (16 bytes
    #: each).
    shareable: Numbers
    digests: bytes
    bookmarks: tuple[SourceBookmark, ...]
    #: Local numbers of layers, and of those that are hidden.
    layers: tuple[int, ...]
    hidden_layers: tuple[int, ...]
    #: Of the pages that brought annotations.
    annotations: tuple[PageAnnotations, ...] = ()

    @property
    def objects(self) -> int:
        """M, the number of objects in the body."""
        return int(np.count_nonzero(self.headers))

    @property
    def object_starts(self) -> Offsets:
        """Where each object starts."""
        return self.positions[self.headers]

    def shared(self) -> Iterator[tuple[int, bytes]]:
        """Local number and digest of every shareable object."""
        for index, local in enumerate(self.shareable.tolist()):
            yield local, self.digests[_DIGEST * index : _DIGEST * (index + 1)]

    def to_bytes(self) -> bytes:
        """Compressed: numbers as differences, split into planes of equal significance."""
        rest = self._rest()
        counts = _COUNTS.pack(
            len(self.positions), self.objects, len(self.pages), len(self.shareable), len(rest)
        )
        numbers = np.concatenate((
            _differences(self.positions),
            self.targets,
            _differences(np.flatnonzero(self.headers)),
            self.pages,
            self.shareable,
        ))  # fmt: skip
        geometry = self.geometry.astype("<f4").tobytes()
        return zlib.compress(
            b"".join((counts, _planes(numbers), geometry, self.digests, rest)), _LEVEL
        )

    def _rest(self) -> bytes:
        """As JSON what most files have nothing of; then empty."""
        rest = {
            "annotations": [[a.page, a.array, a.every] for a in self.annotations],
            "bookmarks": [[b.level, b.title, b.page, b.top] for b in self.bookmarks],
            "layers": self.layers,
            "hidden_layers": self.hidden_layers,
        }
        if not any(rest.values()):
            return b""
        return json.dumps(rest, separators=(",", ":"), ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, packed: bytes) -> Self:
        """The inverse of `to_bytes`."""
        data = zlib.decompress(packed)
        fields, objects, pages, shareable, rest_length = _COUNTS.unpack_from(data)
        reader = _Reader(data, _COUNTS.size)
        lengths = (fields, fields, objects, pages, shareable)
        steps, targets, header_steps, page_numbers, shareable_numbers = reader.numbers(lengths)
        headers = np.zeros(fields, bool)
        headers[header_steps.cumsum(dtype=np.int64)] = True
        geometry = np.frombuffer(reader.take(4 * _GEOMETRY_COLUMNS * pages), "<f4")
        digests = reader.take(_DIGEST * shareable)
        rest = json.loads(reader.take(rest_length)) if rest_length else _NOTHING
        return cls(
            positions=steps.cumsum(dtype=np.int64),
            targets=targets,
            headers=headers,
            pages=page_numbers,
            geometry=geometry.reshape(pages, _GEOMETRY_COLUMNS),
            shareable=shareable_numbers,
            digests=digests,
            bookmarks=tuple(SourceBookmark(*row) for row in rest["bookmarks"]),
            layers=tuple(rest["layers"]),
            hidden_layers=tuple(rest["hidden_layers"]),
            annotations=tuple(
                PageAnnotations(page, array, tuple(every))
                for page, array, every in rest["annotations"]
            ),
        )


@dataclass(slots=True)
class _Reader:
    data: bytes
    at: int

    def take(self, length: int) -> bytes:
        start, self.at = self.at, self.at + length
        return self.data[start : self.at]

    def numbers(self, lengths: Sequence[int]) -> Iterator[Numbers]:
        count = sum(lengths)
        planes = np.frombuffer(self.data, np.uint8, 4 * count, self.at).reshape(4, count)
        self.at += 4 * count
        numbers = planes.T.copy().view("<u4").reshape(count)
        ends = list(accumulate(lengths))
        return (numbers[end - length : end] for end, length in zip(ends, lengths, strict=True))


def _planes(numbers: npt.NDArray[Any]) -> bytes:
    """First the lowest byte of every number, then the next: equal bytes side by side compress
    well."""
    as_bytes = numbers.astype("<u4").tobytes()
    return b"".join(as_bytes[place::4] for place in range(4))


def _differences(ascending: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The first, and what each is more than the one before."""
    differences = ascending.copy()
    differences[1:] -= ascending[:-1]
    return differences
