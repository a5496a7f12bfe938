"""Reading the one form in which qpdf writes files without object streams.

Objects are numbered from 1 without gaps, all of generation 0, each as `N 0 obj`, its value on the
next lines and `endobj`; the length of a stream is a plain number; the cross-reference is a table at
the end.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

#: What may hold digits that are no reference (text, hexadecimal text, names), or a reference.
#: Each begins with a character, not with a look back: all others are skipped quickly.
_TOKEN = re.compile(
    rb"\((?:[^\\()]++|\\.)*+\)|<[0-9a-fA-F]*>|/[^\s()<>\[\]{}/%]*+"
    rb"|(\d(?<![0-9.+\-].)\d*+) 0 R(?![A-Za-z0-9])",
    re.DOTALL,
)
_END = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*$")
_ROOT = re.compile(rb"/Root (\d+) 0 R")
_TABLE = re.compile(rb"xref\n0 (\d+)\n")
_STREAM = re.compile(rb"\nstream\n")
_ROW = 20


@dataclass(frozen=True, slots=True)
class RawObject:
    """Where an object lies: its value from `start` to `middle`, the data of a stream from there to
    `end`."""

    start: int
    middle: int
    end: int

    @property
    def is_stream(self) -> bool:
        """Whether data follow the value."""
        return self.middle < self.end


@dataclass(frozen=True, slots=True)
class QpdfFile:
    """The file, in memory or mapped, its objects by number, and the number of its catalogue."""

    data: memoryview
    objects: dict[int, RawObject]
    root: int

    @classmethod
    def parse(cls, data: memoryview) -> Self:
        """Find every object of the file. Raises ValueError when qpdf wrote something else than it
        used to."""
        end = _END.search(data[-64:])
        if end is None:
            raise ValueError("no startxref at the end")
        table_at = int(end[1])
        table = _TABLE.match(data, table_at)
        if table is None:
            raise ValueError("no cross-reference table")
        count = int(table[1])
        rows = data[table.end() : table.end() + _ROW * count]
        offsets = [int(rows[_ROW * n : _ROW * n + 10]) for n in range(1, count)]
        root = _ROOT.search(data[table.end() + _ROW * count :])
        if root is None:
            raise ValueError("no catalogue")
        return cls(data, dict(_objects(data, offsets, table_at)), int(root[1]))

    def value(self, number: int) -> bytes:
        """The text of an object's value; of a stream, its dictionary."""
        raw = self.objects[number]
        return bytes(self.data[raw.start : raw.middle])

    def rest(self, number: int) -> memoryview:
        """The data of a stream from the keyword `stream` to `endobj`, uncopied; empty for
        others."""
        raw = self.objects[number]
        return self.data[raw.middle : raw.end]

    def references_in(self, number: int, key: bytes) -> list[int]:
        """The numbers that the array or the reference behind `key` names; the value holds it
        directly."""
        found = re.search(re.escape(key) + rb" (\[[^\]]*\]|\d+ 0 R)", self.value(number))
        return [int(n) for n in re.findall(rb"(\d+) 0 R", found[1])] if found else []


def _objects(
    data: memoryview, offsets: list[int], table_at: int
) -> Iterator[tuple[int, RawObject]]:
    ordered = [*sorted(offsets), table_at]
    next_of = dict(pairwise(ordered))
    for number, offset in enumerate(offsets, 1):
        header = b"%d 0 obj\n" % number
        if data[offset : offset + len(header)] != header:
            raise ValueError(f"object {number} is not where the table says")
        start, end = offset + len(header), next_of[offset]
        stream = _STREAM.search(data, start, end)
        middle = stream.end() if stream else end
        yield number, RawObject(start, middle, end)


def references(value: bytes) -> Iterator[tuple[int, int, int]]:
    """(start, end, number) of every reference in the text of a value; texts and names are left
    alone."""
    for token in _TOKEN.finditer(value):
        if token[1] is not None:
            yield token.start(), token.end(), int(token[1])
