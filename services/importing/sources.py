"""Where the tables and files of a project are read from: a folder of CSV files, or a workbook."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from services.importing.problems import Report

PROJECT_FILE = "project.toml"

#: Rows as a spreadsheet numbers them, their cells without spaces around.
Rows = list[tuple[int, list[str]]]


class Unreadable(Exception):
    """A table that is no table; the message says why, `row` where."""

    def __init__(self, message: str, row: int | None = None) -> None:
        super().__init__(message)
        self.row = row


class Broken(str):
    """In place of a cell's text: what keeps the cell from being read, as a sentence."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of the project as they were given, and the rows where they stand."""

    values: Mapping[str, object]
    rows: Mapping[str, int]


class Source(Protocol):
    """One way to hand in a project. Tables are asked for by their file names."""

    @property
    def root(self) -> Path:
        """The folder that has `attachments` and `signed`."""

    def shown(self, file: str) -> str:
        """What messages call a table: `contracts.csv`, or `sheet contracts`."""

    def judge_names(self, report: Report) -> None:
        """Report names that were surely meant for something else, note what is passed over."""

    def facts(self, report: Report) -> Facts | None:
        """The facts of the project; None after reporting why they cannot be read."""

    def has(self, file: str) -> bool:
        """Whether the table is there, readable or not."""

    def rows(self, file: str) -> Rows:
        """All rows of a table. Raises `Unreadable`."""
