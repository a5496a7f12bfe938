"""Digests of streams that mean the same in every file: fonts, logos, colour profiles, repeated
scans."""

from collections.abc import Iterable

from blake3 import blake3

from binder.qpdf_file import QpdfFile, references

#: Smaller streams cost more to look up than they weigh.
_SMALLEST = 1024
#: Bytes that are kept of each. BLAKE3 takes a third of SHA-256's time, which was a fifth of intake.
_DIGEST = 16
_DEEPEST = 8


def shareable_streams(file: QpdfFile, unique: Iterable[int]) -> dict[int, bytes]:
    """The digest of each stream worth sharing, by number.

    A digest covers everything that can be reached from the stream, so that equal digests are equal
    things. What reaches an object of `unique` (pages, our own placeholders) or itself has none.
    """
    digests = _Digests(file, unique)
    found = {}
    for number, raw in file.objects.items():
        if raw.is_stream and raw.end - raw.middle >= _SMALLEST:
            digest = digests.of(number)
            if digest is not None:
                found[number] = digest
    return found


class _Digests:
    def __init__(self, file: QpdfFile, unique: Iterable[int]) -> None:
        self._file = file
        #: None marks what cannot be shared, and what is being computed: a loop.
        self._known: dict[int, bytes | None] = dict.fromkeys(unique)

    def of(self, number: int, depth: int = 0) -> bytes | None:
        if number in self._known:
            return self._known[number]
        if depth > _DEEPEST or number not in self._file.objects:
            return None
        self._known[number] = None
        self._known[number] = digest = self._compute(number, depth)
        return digest

    def _compute(self, number: int, depth: int) -> bytes | None:
        value = self._file.value(number)
        digest = blake3()
        last = 0
        for start, end, target in references(value):
            inner = self.of(target, depth + 1)
            if inner is None:
                return None
            digest.update(value[last:start])
            digest.update(b"\0" + inner)
            last = end
        digest.update(value[last:])
        digest.update(self._file.rest(number))
        return digest.digest()[:_DIGEST]
