"""A project folder of CSV files and one TOML file."""

import csv
import io
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.formats import size
from services.importing import names
from services.importing.places import Refused, file_inside, names_inside
from services.importing.problems import ImportRefused, Problem, Report
from services.importing.sources import PROJECT_FILE, Facts, Rows, Unreadable

#: Bytes of one table; ours is read into memory as a whole.
LARGEST_TABLE = 200_000_000


@dataclass(frozen=True, slots=True)
class CsvFolder:
    """`project.toml`, the CSV files and the folders of files, as design and documentation say."""

    root: Path
    #: Every name that the folder may hold.
    known: Collection[str]

    def shown(self, file: str) -> str:
        return file

    def judge_names(self, report: Report) -> None:
        try:
            found = names_inside(self.root, self.root)
        except Refused as e:
            raise ImportRefused([Problem(str(self.root), str(e))]) from e
        for name in found:
            is_table = name.lower().endswith(".csv")
            names.judge(name, name, self.known, report, must_be_known=is_table)

    def facts(self, report: Report) -> Facts | None:
        try:
            content = file_inside(self.root, self.root / PROJECT_FILE).read_bytes()
            values: dict[str, Any] = tomllib.loads(content.decode("utf-8-sig"))
            return Facts(values, {})
        except Refused as e:
            report.add(PROJECT_FILE, str(e))
        except UnicodeDecodeError:
            report.add(PROJECT_FILE, "the text is not UTF-8.")
        except tomllib.TOMLDecodeError as e:
            report.add(PROJECT_FILE, f"this is not TOML: {e}.")
        return None

    def has(self, file: str) -> bool:
        path = self.root / file
        return path.exists() or path.is_symlink()

    def rows(self, file: str) -> Rows:
        return list(csv_rows(_text(self.root, self.root / file)))


def _text(root: Path, path: Path) -> str:
    try:
        real = file_inside(root, path)
        if (length := real.stat().st_size) > LARGEST_TABLE:
            limit = size(LARGEST_TABLE)
            raise Unreadable(f"the table has {size(length)}; the limit is {limit}.")
        content = real.read_bytes()
    except Refused as e:
        raise Unreadable(str(e)) from e
    except OSError as e:
        raise Unreadable(f"the file cannot be read: {e.strerror}.") from e
    return decoded(content)


def decoded(content: bytes) -> str:
    """The text of a table. Raises `Unreadable`."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("the file is UTF-16; save it as CSV in UTF-8.")
    if b"\0" in content:
        raise Unreadable("there is a zero byte, which no text has.", _line(content, b"\0"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        row = content.count(b"\n", 0, e.start) + 1
        raise Unreadable("the text is not UTF-8; save the file as CSV in UTF-8.", row) from e


def _line(content: bytes, what: bytes) -> int:
    return content.count(b"\n", 0, content.index(what)) + 1


def csv_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with their numbers. A cell of several lines is one row, as in a spreadsheet."""
    # Ours may hold more than Python's 128 KiB: a forgotten quote must not look like a long cell.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    number = 0
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), 1):
            yield number, [cell.strip() for cell in row]
    except csv.Error as e:
        message = "the quotes do not match; write a quote inside a quoted cell twice."
        raise Unreadable(message, number + 1) from e
