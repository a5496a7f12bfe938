"""How a table is written down as a record: one field a column, with the way to read its cells."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Cell:
    """How one column is read."""

    parse: Callable[[str], Any]
    column_is_required: bool = True
    cell_is_required: bool = True
    default: Any = None


def cell(*args: Any, **options: Any) -> Any:
    return field(metadata={"cell": Cell(*args, **options)})


def required(parse: Callable[[str], Any]) -> Any:
    return cell(parse)


def may_be_empty(parse: Callable[[str], Any]) -> Any:
    """The column must be there; a cell without text is None."""
    return cell(parse, cell_is_required=False)


def optional(parse: Callable[[str], Any], default: Any = None) -> Any:
    return cell(parse, column_is_required=False, cell_is_required=False, default=default)


@dataclass(frozen=True, kw_only=True)
class Record:
    """One row. A column in `bad` was reported and holds None whatever its type says."""

    file: ClassVar[str]
    is_required: ClassVar[bool] = False

    row: int
    bad: frozenset[str] = frozenset()

    def has(self, *columns: str) -> bool:
        return self.bad.isdisjoint(columns)
