"""Keeps the cache of this host below its limit (DRAWPACK_CACHE_MB): what was not read for the
longest time goes first, and only what the store has."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import current_app

from services import objects
from services.objects import holding
from services.objects.depot import Depot

#: Folders of files that are fetched again when somebody needs them.
CACHED = ("files", "prepared", "drawn", "previews", "backups")
#: Who has touched a file may open it for as long as the longest job takes.
IN_USE = 2 * 60 * 60


@dataclass(frozen=True, slots=True)
class Trimmed:
    """Bytes before and after, and those that only this host has and that had to stay."""

    before: int
    after: int
    unstored: int = 0


def trim(limit: int | None = None, now: float | None = None) -> Trimmed:
    """Remove what is over the limit (bytes; of the settings by default; 0: none).

    Never what somebody may be reading, nor what is not in the store: that is put there next.
    Raises StoreUnreachable.
    """
    depot = objects.depot()
    limit = current_app.config["CACHE_SIZE"] if limit is None else limit
    if depot is None or not limit:
        return Trimmed(0, 0)
    found = sorted(_files(depot.data))
    before = size = sum(each for _, each, _ in found)
    unstored = 0
    idle_since = (now or time.time()) - IN_USE
    for read_at, bytes_, path in found:
        if size <= limit or read_at > idle_since:
            break
        there = depot.objects.find(depot.name_of(path))
        if there is None or there.size != bytes_:
            depot.put([path])
            unstored += bytes_
        elif holding.removed(depot.data, path, idle_since):
            size -= bytes_
    return Trimmed(before, size, unstored)


def push() -> Iterator[Path]:
    """Put into the store what only this host has; those files, one by one.

    For an installation that had none so far, and after one that was lost. Raises StoreUnreachable.
    """
    depot: Depot | None = objects.depot()
    if depot is None:
        return
    for folder in (*CACHED, "outbox"):
        names = {each.name: each.size for each in depot.below(depot.data / folder)}
        for _, size, path in _walk(depot.data / folder):
            if names.get(depot.name_of(path)) != size:
                depot.put([path])
                yield path


def _files(data: Path) -> Iterator[tuple[float, int, Path]]:
    for folder in CACHED:
        yield from _walk(data / folder)


def _walk(folder: Path) -> Iterator[tuple[float, int, Path]]:
    """When each finished file was read last, its size and path."""
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            if name.startswith(".") or name.endswith(".part"):
                continue
            try:
                found = path.stat()
            except FileNotFoundError:
                continue
            yield max(found.st_atime, found.st_mtime), found.st_size, path
