"""What one look at the installation found."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Result:
    """`name` is what was looked at, `sentence` what was found and, where it is bad, what helps."""

    name: str
    state: State
    sentence: str


def worst(results: Iterable[Result]) -> State:
    """The state of the whole: that of its worst part."""
    order = list(State)
    return max((each.state for each in results), key=order.index, default=State.OK)


def ok(name: str, sentence: str) -> Result:
    return Result(name, State.OK, sentence)


def warning(name: str, sentence: str) -> Result:
    return Result(name, State.WARNING, sentence)


def failed(name: str, sentence: str) -> Result:
    return Result(name, State.FAILED, sentence)
