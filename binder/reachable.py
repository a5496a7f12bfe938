"""Everything that a file's pages lead to: objects as text, with every reference in it found."""

import re
import zlib
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

import pikepdf
from pikepdf import Name, Object, Pdf

from binder.source import filters_of, is_stream

#: The number and the generation of an object in the file that somebody sent.
Id = tuple[int, int]

#: Where the number of an object stands in the text of a value: start, end, whose.
Reference = tuple[int, int, Id]

#: What may hold digits that are no reference (text, hexadecimal text, names), or a reference.
#: Each begins with a character, not with a look back: all others are skipped quickly.
_TOKEN = re.compile(
    rb"\((?:[^\\()]++|\\.)*+\)|<[0-9a-fA-F]*>|/[^\s()<>\[\]{}/%]*+"
    rb"|(\d(?<![0-9.+\-].)\d*+) (\d++) R(?![A-Za-z0-9])",
    re.DOTALL,
)
#: A stream with one of these is unpacked and compressed anew: they make it larger, or decrypt it.
_OUTDATED = frozenset({"/ASCII85Decode", "/ASCIIHexDecode", "/LZWDecode", "/Crypt"})
#: What qpdf can unpack without losing anything.
_LOSSLESS = _OUTDATED | {"/FlateDecode"}
#: Fewer bytes would grow by being compressed.
_WORTH_COMPRESSING = 64

_FAILURES = (RuntimeError, ValueError, pikepdf.PdfError, pikepdf.DataDecodingError)


class Found(NamedTuple):
    """One object: its text, the references in it in order, and the stream, if it is one. The text
    of a stream is what follows `<<`, without its length."""

    value: bytes
    references: tuple[Reference, ...]
    stream: Object | None

    def targets(self) -> Iterator[Id]:
        """What it refers to, in order."""
        return (target for _, _, target in self.references)


def reachable(pdf: Pdf, first: Iterable[Object], outside: Collection[Id]) -> dict[Id, Found]:
    """All that can be reached from `first`, nearest first, but not through `outside`.

    A reference to what is not there leads nowhere: its target is not among the keys. Streams are
    left as they are but for outdated filters, and none at all. Raises what pikepdf raises.
    """
    found: dict[Id, Found] = {}
    seen = set(outside)
    waiting = [thing.objgen for thing in first]
    for identity in waiting:
        if identity in seen:
            continue
        seen.add(identity)
        thing = pdf.get_object(*identity)
        # Some values arrive as Python's own.
        if isinstance(thing, Object):
            found[identity] = one = _look_at(thing)
            waiting += one.targets()
        elif thing is not None:
            found[identity] = Found(pikepdf.Array([thing]).unparse()[1:-1].strip(), (), None)
    return found


def _look_at(thing: Object) -> Found:
    if not is_stream(thing):
        value = thing.unparse(resolved=True)
        return Found(value, tuple(references(value)), None)
    _renew(thing)
    dictionary = thing.stream_dict
    # It is told with the data: the file's own may be wrong.
    if "/Length" in dictionary:
        del dictionary["/Length"]
    value = dictionary.unparse()[2:]
    return Found(value, tuple(references(value)), thing)


def references(value: bytes) -> Iterator[Reference]:
    """Every reference in the text of a value; texts and names are left alone."""
    if b" R" not in value:
        return
    for token in _TOKEN.finditer(value):
        if token[1] is not None:
            yield token.start(), token.end(), (int(token[1]), int(token[2]))


def _renew(stream: Object) -> None:
    """Compress a stream that is not, or by a filter of former times. Damaged ones stay."""
    filters = frozenset(filters_of(stream))
    if filters and not (filters & _OUTDATED and filters <= _LOSSLESS):
        return
    try:
        data = stream.read_bytes() if filters else stream.read_raw_bytes()
    except _FAILURES:
        return
    if filters or len(data) >= _WORTH_COMPRESSING:
        stream.write(zlib.compress(data), filter=Name.FlateDecode)
