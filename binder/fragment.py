"""A fragment: a document prepared for linking, itself a PDF that every reader opens.

Its first 128 bytes are a PDF header and one comment that says where body and side table lie. The
body is a run of objects whose numbers are fields of fixed width (`binder.fields`); the side table
(`binder.side_table`) is a stream of its own behind it. docs/binder.md describes the format.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from binder.errors import BinderError
from binder.side_table import SideTable

#: Raised with every change that a linker must know; fragments of another version are made again.
FRAGMENT_VERSION = 4

PDF_HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
HEADER_LENGTH = 128
#: What every fragment refers to and the linker provides once: the stream before a page's own
#: content, and the stamp's font.
OPENING = b"<</Length 2>>\nstream\nq\n\nendstream"
STAMP_FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
_MARK = b"%DrawpackFragment "


class NotAFragment(BinderError):
    """The file is no fragment of this version."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """Where things are in the fragment at `path`; all in bytes from the start of the file."""

    path: Path
    body: int
    body_length: int
    table: int
    table_length: int
    objects: int
    pages: int

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read the first 128 bytes. Raises NotAFragment, also for another version or a cut file."""
        try:
            with path.open("rb", buffering=0) as file:
                head = file.read(HEADER_LENGTH)
                size = os.fstat(file.fileno()).st_size
        except OSError as error:
            raise NotAFragment(f"{path.name} cannot be read") from error
        words = head.partition(_MARK)[2].split()
        if len(words) != 7 or not all(word.isdigit() for word in words):
            raise NotAFragment(f"{path.name} is no fragment")
        version, *numbers = (int(word) for word in words)
        fragment = cls(path, *numbers)
        if version != FRAGMENT_VERSION or fragment.table + fragment.table_length > size:
            raise NotAFragment(f"{path.name} is a fragment of another version, or cut")
        return fragment

    def header(self) -> bytes:
        """The first 128 bytes of the file."""
        numbers = (
            self.body,
            self.body_length,
            self.table,
            self.table_length,
            self.objects,
            self.pages,
        )
        text = _MARK + b" ".join(b"%d" % number for number in (FRAGMENT_VERSION, *numbers))
        room = HEADER_LENGTH - len(PDF_HEADER) - 1
        return PDF_HEADER + text.ljust(room) + b"\n"

    @contextmanager
    def opened(self) -> Iterator["OpenFragment"]:
        """The fragment opened for reading. Raises OSError."""
        descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            packed = os.pread(descriptor, self.table_length, self.table)
            yield OpenFragment(self, descriptor, SideTable.from_bytes(packed))
        finally:
            os.close(descriptor)


@dataclass(frozen=True, slots=True)
class OpenFragment:
    """A fragment whose file is open as `descriptor`, and its side table."""

    fragment: Fragment
    descriptor: int
    table: SideTable
