"""The environment as settings read it. What cannot be understood is one sentence that names the
variable."""

from collections.abc import Mapping
from pathlib import Path

#: A secret shorter than this is guessed.
_SHORTEST_TOKEN = 16


class SettingError(SystemExit):
    """A setting that cannot be understood; the message names it."""


class Environment:
    """Variables by their names without `DRAWPACK_`."""

    def __init__(self, variables: Mapping[str, str | None]) -> None:
        self._variables = variables

    def text(self, name: str, default: str = "") -> str:
        return (self._variables.get(f"DRAWPACK_{name}") or "").strip() or default

    def integer(self, name: str, default: int) -> int:
        text = self.text(name, str(default))
        if not (text.isascii() and text.isdigit()):
            raise SettingError(f"DRAWPACK_{name} must be a whole number, not “{text}”.")
        return int(text)

    def between(self, name: str, default: int, *, most: int) -> int:
        """A whole number from 1."""
        number = self.integer(name, default)
        if not 1 <= number <= most:
            raise SettingError(f"DRAWPACK_{name} must be between 1 and {most}, not {number}.")
        return number

    def flag(self, name: str, *, default: bool) -> bool:
        text = self.text(name, "yes" if default else "no").lower()
        if text not in {"yes", "no", "true", "false", "1", "0"}:
            raise SettingError(f"DRAWPACK_{name} must be yes or no, not “{text}”.")
        return text in {"yes", "true", "1"}

    def choice(self, name: str, choices: Mapping[str, str], default: str = "") -> str:
        """What stands in `choices` behind the word that was written."""
        text = self.text(name, default).lower()
        if text not in choices:
            known = " or ".join(filter(None, choices))
            raise SettingError(f"DRAWPACK_{name} must be {known}, not “{text}”.")
        return choices[text]

    def folder(self, name: str) -> Path | None:
        text = self.text(name)
        return Path(text).expanduser().absolute() if text else None

    def token(self, name: str) -> str:
        text = self.text(name)
        if text and len(text) < _SHORTEST_TOKEN:
            raise SettingError(
                f"DRAWPACK_{name} must have at least {_SHORTEST_TOKEN} characters; it is a secret."
            )
        return text
