"""`project.toml`: the facts of the project itself."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from models import Dictionary
from services.importing.cells import BadCell, one_of, quoted, text
from services.importing.places import Refused, file_inside
from services.importing.problems import Report

FILE = "project.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFacts:
    """What is missing or bad after reading is "" (or the default); it was reported."""

    number: str = ""
    name: str = ""
    timezone: str = "UTC"
    owner: str = ""
    general_contractor: str = ""
    architect: str = ""
    address: str = ""
    dictionary: Dictionary = Dictionary.GENERAL_CONTRACTORS


def _timezone(name: str) -> str:
    if name not in available_timezones():
        raise BadCell(f"{quoted(name)} is not a time zone like America/Chicago.")
    return name


_KEYS: dict[str, Callable[[str], Any]] = {
    "number": text(60),
    "name": text(200),
    "timezone": _timezone,
    "owner": text(200),
    "general_contractor": text(200),
    "architect": text(200),
    "address": text(400, lines=True),
    "dictionary": one_of(Dictionary),
}
_REQUIRED = ("number", "name")


def read_project(root: Path, report: Report) -> ProjectFacts:
    given = _load(root, report)
    if given is None:
        return ProjectFacts()
    values: dict[str, Any] = {}
    for key, value in given.items():
        try:
            if (parsed := _parse(key, value)) != "":
                values[key] = parsed
        except BadCell as e:
            report.add(FILE, str(e), column=key)
    for key in _REQUIRED:
        if not str(given.get(key, "")).strip():
            report.add(FILE, "the value is missing.", column=key)
    return ProjectFacts(**values)


def _parse(key: str, value: object) -> Any:
    if key not in _KEYS:
        raise BadCell(f"there is no such key; the keys are {', '.join(_KEYS)}.")
    if not isinstance(value, str):
        raise BadCell(f'expected text in quotes, such as {key} = "{value}".')
    return _KEYS[key](value.strip()) if value.strip() else ""


def _load(root: Path, report: Report) -> dict[str, Any] | None:
    try:
        return tomllib.loads(file_inside(root, root / FILE).read_bytes().decode("utf-8-sig"))
    except Refused as e:
        report.add(FILE, str(e))
    except UnicodeDecodeError:
        report.add(FILE, "the text is not UTF-8.")
    except tomllib.TOMLDecodeError as e:
        report.add(FILE, f"this is not TOML: {e}.")
    return None
