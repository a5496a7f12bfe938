"""Digests of streams that mean the same in every file: fonts, logos, colour profiles, repeated
scans."""

from collections.abc import Iterable, Mapping

from blake3 import blake3

from binder.reachable import Found, Id

#: Smaller streams cost more to look up than they weigh.
_SMALLEST = 1024
#: Bytes that are kept of each. BLAKE3 takes a third of SHA-256's time, which was a fifth of intake.
_DIGEST = 16
_DEEPEST = 8


class Digests:
    """Of every stream worth sharing. `note` each stream's data, then ask for all of them."""

    def __init__(self, objects: Mapping[Id, Found]) -> None:
        self._objects = objects
        self._data: dict[Id, bytes] = {}
        self._large: list[Id] = []

    def note(self, stream: Id, data: memoryview) -> None:
        """The data of a stream, which need not be kept."""
        self._data[stream] = blake3(data).digest()
        if len(data) >= _SMALLEST:
            self._large.append(stream)

    def shareable(self, unique: Iterable[Id]) -> dict[Id, bytes]:
        """The digest of each stream worth sharing.

        A digest covers everything that can be reached from the stream, so that equal digests are
        equal things. What reaches one of `unique` (pages, our own placeholders) or itself has none.
        """
        # None marks what cannot be shared, and what is being computed: a loop.
        known: dict[Id, bytes | None] = dict.fromkeys(unique)
        digests = ((stream, self._of(stream, known, 0)) for stream in self._large)
        return {stream: digest[:_DIGEST] for stream, digest in digests if digest is not None}

    def _of(self, identity: Id, known: dict[Id, bytes | None], depth: int) -> bytes | None:
        if identity in known:
            return known[identity]
        if depth > _DEEPEST or identity not in self._objects:
            return None
        known[identity] = None
        known[identity] = digest = self._compute(identity, known, depth)
        return digest

    def _compute(self, identity: Id, known: dict[Id, bytes | None], depth: int) -> bytes | None:
        found = self._objects[identity]
        digest = blake3()
        last = 0
        for start, end, target in found.references:
            inner = self._of(target, known, depth + 1)
            if inner is None:
                return None
            digest.update(found.value[last:start])
            digest.update(b"\0" + inner)
            last = end
        digest.update(found.value[last:])
        digest.update(self._data.get(identity, b""))
        return digest.digest()
