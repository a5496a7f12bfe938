"""`project.toml`, or the sheet in its place: the facts of the project itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from models import Dictionary
from services.importing.cells import BadCell, one_of, quoted, text, yes_or_no
from services.importing.problems import Report
from services.importing.sources import PROJECT_FILE, Source


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
    #: None: that of the company.
    dictionary: Dictionary | None = None
    forbids_overbilling: bool = False


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
    "forbids_overbilling": yes_or_no,
}
_REQUIRED = ("number", "name")


def read_project(source: Source, report: Report) -> ProjectFacts:
    """What cannot be read is reported; the rest is read nevertheless."""
    given = source.facts(report)
    if given is None:
        return ProjectFacts()
    values: dict[str, Any] = {}
    for key, value in given.values.items():
        try:
            if (parsed := _parse(key, value)) != "":
                values[key] = parsed
        except BadCell as e:
            report.add(PROJECT_FILE, str(e), given.rows.get(key), key)
    for key in _REQUIRED:
        if not str(given.values.get(key, "")).strip():
            report.add(PROJECT_FILE, "the value is missing.", given.rows.get(key), key)
    return ProjectFacts(**values)


def _parse(key: str, value: object) -> Any:
    if key not in _KEYS:
        raise BadCell(f"there is no such key; the keys are {', '.join(_KEYS)}.")
    if not isinstance(value, str):
        raise BadCell(f'expected text in quotes, such as {key} = "{value}".')
    return _KEYS[key](value.strip()) if value.strip() else ""
