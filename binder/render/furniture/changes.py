"""What an addendum says about each document: new, changed or removed since an earlier backup."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """What happened to a document since the earlier backup."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Removed:
    """A document of the earlier backup that is in no later one."""

    contract: str
    position: int
    name: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since backup number `since`; one mark for each of `plan.documents`."""

    since: int
    marks: tuple[Mark, ...]
    removed: tuple[Removed, ...] = ()

    @property
    def sentence(self) -> str:
        """For people: “Since backup 3: 12 new, 1 changed, 2 removed”."""
        counts = Counter(self.marks)
        parts = [f"{counts[mark]:,} {mark}" for mark in Mark if mark != Mark.UNCHANGED]
        parts.append(f"{len(self.removed):,} removed")
        return f"Since backup {self.since:,}: {', '.join(parts)}"
