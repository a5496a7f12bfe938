"""What is wrong with a project folder: everything at once, each with its place."""

from collections.abc import Callable
from dataclasses import dataclass, field

from services.errors import AppError
from services.formats import counted


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `row` counts as a spreadsheet does: the header is row 1."""

    file: str
    message: str
    row: int | None = None
    column: str = ""

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", row {self.row}"
        if self.column:
            place += f", column {self.column}"
        return f"{place}: {self.message}"


@dataclass(slots=True)
class Report:
    """Collects while a folder is read: problems refuse it, notes are only said."""

    #: What messages call a table: the name of its file, or of its sheet.
    shown: Callable[[str], str] = str
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, file: str, message: str, row: int | None = None, column: str = "") -> None:
        self.problems.append(Problem(self.shown(file), message, row, column))


class ImportRefused(AppError):
    """A project was not imported; nothing was changed. One line for each problem."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            f"{counted(len(problems), 'error')}; nothing was changed.\n"
            + "\n".join(str(problem) for problem in problems)
        )


class ProjectExists(AppError):
    """The number is taken, and nobody said that the project may be replaced."""


class ProjectBusy(AppError):
    """A project cannot be replaced while a backup of it is being compiled."""
