"""A file of the store read where it is asked for, so that gigabytes begin to arrive at once."""

import io
from hashlib import sha256

from services.objects.store import ObjectStore, StoreDamaged

#: Bytes of the first piece and of the largest: viewers ask for little, downloads for all.
_FIRST = 256 << 10
_LARGEST = 4 << 20


class StoredFile(io.RawIOBase):
    """An object as a file that can seek.

    Read from its first byte to its last, it gives the last piece only if the bytes have the digest
    that they must have (`wanted`; "" for any): a download of damaged bytes breaks off.
    Raises StoreUnreachable, StoreDamaged.
    """

    def __init__(self, objects: ObjectStore, name: str, size: int, wanted: str) -> None:
        super().__init__()
        self.size = size
        self._objects, self._name, self._wanted = objects, name, wanted
        self._place = 0
        self._piece, self._begin = b"", 0
        self._length = _FIRST
        self._digest, self._digested = sha256(), 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self.size}[whence]
        self._place = max(base + offset, 0)
        return self._place

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, and fewer where a piece ends; all that are left without it."""
        if size < 0:
            return self.readall()
        if self._place >= self.size:
            return b""
        at = self._place - self._begin
        if not 0 <= at < len(self._piece):
            self._piece, self._begin, at = self._next(), self._place, 0
        found = self._piece[at : at + size]
        self._place += len(found)
        return found

    def _next(self) -> bytes:
        length = min(self._length, self.size - self._place)
        self._length = min(self._length * 2, _LARGEST)
        piece = self._objects.read(self._name, self._place, length)
        if len(piece) != length:
            raise StoreDamaged(f"{self._name} is shorter in the storage of files than it was.")
        if self._place == self._digested:
            self._digest.update(piece)
            self._digested += length
            self._check()
        return piece

    def _check(self) -> None:
        is_whole = self._digested == self.size
        if is_whole and self._wanted and self._digest.hexdigest() != self._wanted:
            raise StoreDamaged(f"{self._name} has other bytes than were put into the storage.")
