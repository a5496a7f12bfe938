"""What an object store must be able to do, and what can go wrong with one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from services.errors import AppError


class StoreUnreachable(AppError):
    """The store does not answer, or refuses our key; what was asked for can be asked for again."""


class StoreDamaged(AppError):
    """An object has other bytes than were put there."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object: its name, its size in bytes, and when it was put there."""

    name: str
    size: int
    changed: datetime


class ObjectStore(Protocol):
    """Objects by name. Every verb raises StoreUnreachable; threads may share one."""

    def put(self, name: str, path: Path, sha256: str) -> None:
        """Put all of a file there in one step, with its digest noted beside it. Durable once it
        returns."""

    def fetch(self, name: str) -> tuple[str, Iterator[bytes]] | None:
        """The noted digest ("" where none is) and the bytes in pieces; None without such an
        object."""

    def read(self, name: str, start: int, length: int) -> bytes:
        """These bytes of an object that is there."""

    def find(self, name: str) -> Stored | None:
        """What there is of that name now; None without such an object."""

    def delete(self, names: Sequence[str]) -> None:
        """Those that are there."""

    def below(self, folder: str) -> Iterator[Stored]:
        """Every object whose name begins with `folder` and a slash; all for ""."""
