"""The data folder of this host and the store behind it, file by file."""

import logging
import os
import time
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from uuid import uuid4

from binder.fragment import FRAGMENT_VERSION
from services.objects import holding
from services.objects.store import ObjectStore, Stored, StoreDamaged, StoreUnreachable
from services.objects.streaming import StoredFile

#: Small files cost the way to the store and back; so many go it at once.
_AT_ONCE = 8
#: Folders whose files are made again where they are missing.
_DERIVED = {"prepared", "drawn", "previews"}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Depot:
    """A file is known by its path below the data folder, here and in the store."""

    data: Path
    objects: ObjectStore

    def name_of(self, path: Path) -> str:
        """Fragments carry their version: what an older program made is not found."""
        name = path.relative_to(self.data).as_posix()
        folder, _, rest = name.partition("/")
        return f"prepared-{FRAGMENT_VERSION}/{rest}" if folder == "prepared" else name

    def put(self, paths: Iterable[Path]) -> None:
        """Durable in the store once it returns. Raises StoreUnreachable."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for _ in pool.map(self._put, paths):
                pass

    def _put(self, path: Path) -> None:
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        self.objects.put(self.name_of(path), path, digest)

    def bring(self, path: Path, digest: str = "") -> Path:
        """Have the file here if it is anywhere; whole, with the bytes of `digest` or with those
        that were put there. Raises StoreUnreachable, StoreDamaged, OSError."""
        if not holding.touched(self.data, path):
            self._fetch(path, digest or (path.name if self._is_original(path) else ""))
        return path

    def bring_all(self, paths: Iterable[Path]) -> None:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for _ in pool.map(self.bring, paths):
                pass

    def opened(self, path: Path, digest: str, size: int | None) -> StoredFile:
        """The file read from the store, piece by piece. Raises FileNotFoundError, StoreUnreachable,
        StoreDamaged."""
        name = self.name_of(path)
        found = self.objects.find(name)
        if found is None:
            raise FileNotFoundError(f"{name} is not in the storage of files.")
        if size is not None and size != found.size:
            raise StoreDamaged(f"“{path.name}” has another size in the storage than was put there.")
        return StoredFile(self.objects, name, found.size, digest)

    def lacking(self, paths: Collection[Path]) -> set[Path]:
        """Those that are neither here nor in the store. Raises StoreUnreachable."""
        return self.unstored(path for path in set(paths) if not path.exists())

    def unstored(self, paths: Iterable[Path]) -> set[Path]:
        """Those that the store has not, here or not. Raises StoreUnreachable."""
        asked = list(paths)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = pool.map(self.objects.find, map(self.name_of, asked))
            return {path for path, there in zip(asked, found, strict=True) if there is None}

    def below(self, folder: Path) -> Iterator[Stored]:
        """All of the store for the data folder itself."""
        return self.objects.below("" if folder == self.data else self.name_of(folder))

    def drop(self, path: Path) -> None:
        """Delete a file, or all below a folder, in the store; what cannot be deleted now is swept
        later."""
        try:
            self.objects.delete([self.name_of(path), *(each.name for each in self.below(path))])
        except StoreUnreachable as e:
            log.warning("left in the store: %s (%s)", self.name_of(path), e)

    def _is_original(self, path: Path) -> bool:
        return path.relative_to(self.data).parts[0] == "files"

    def _fetch(self, path: Path, digest: str) -> None:
        with self.fetched(path, digest) as part:
            if part:
                path.parent.mkdir(parents=True, exist_ok=True)
                part.replace(path)

    @contextmanager
    def fetched(self, path: Path, digest: str = "") -> Iterator[Path | None]:
        """A copy of what the store has, in the dark and gone afterwards, whatever others do with
        `path` meanwhile; None where there is nothing. Raises as `bring` does."""
        found = self.objects.fetch(self.name_of(path))
        if found is None:
            yield None
            return
        noted, pieces = found
        wanted = digest or noted
        part = self.data / "work" / f"{uuid4().hex}.part"
        part.parent.mkdir(exist_ok=True)
        try:
            arrived = _written(pieces, part)
            if wanted and arrived != wanted:
                self._refuse(path)
                yield None
                return
            self._date(part, path)
            yield part
        finally:
            part.unlink(missing_ok=True)

    def _refuse(self, path: Path) -> None:
        """Whoever makes such files makes this one again; others are told."""
        if path.relative_to(self.data).parts[0] not in _DERIVED:
            raise StoreDamaged(
                f"“{path.name}” has other bytes in the storage of files than were put there. "
                "Bring it back from a backup of the storage, or upload it again."
            )
        log.warning("damaged in the store, made anew: %s", self.name_of(path))
        self.objects.delete([self.name_of(path)])

    def _date(self, part: Path, path: Path) -> None:
        """A fragment must never look older than its file, whenever either was fetched."""
        is_fragment = path.relative_to(self.data).parts[0] == "prepared"
        os.utime(part, (time.time(), time.time() if is_fragment else 0))


def _written(pieces: Iterable[bytes], part: Path) -> str:
    digest = sha256()
    with part.open("wb") as file:
        for piece in pieces:
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()
