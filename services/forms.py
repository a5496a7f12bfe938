"""Reading what people typed into a form: every mistake at once, each beside its field."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from services.errors import AppError
from services.importing.cells import BadCell, text

__all__ = ["FormRefused", "Reader", "StaleSave", "sentence", "text"]

T = TypeVar("T")
D = TypeVar("D")


class FormRefused(AppError):
    """A form cannot be taken as it is; `errors` has a sentence by the name of the field."""

    def __init__(self, errors: Mapping[str, str], sentence: str = "") -> None:
        self.errors = dict(errors)
        super().__init__(sentence or unsaved(self.errors))


class StaleSave(AppError):
    """Somebody else saved meanwhile; nothing was overwritten."""


class Reader:
    """Collects while a form is read; `finish` raises what was found."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values
        self.errors: dict[str, str] = {}

    def required(self, name: str, parse: Callable[[str], T]) -> T | None:
        """None after noting why there is no value."""
        if not self.text(name):
            self.errors[name] = "This is needed."
            return None
        return self.optional(name, parse, None)

    def optional(self, name: str, parse: Callable[[str], T], default: D) -> T | D:
        """The default for an empty field, and after noting a mistake."""
        text = self.text(name)
        if not text:
            return default
        try:
            return parse(text)
        except BadCell as e:
            self.errors[name] = sentence(str(e))
            return default

    def text(self, name: str) -> str:
        return self.values.get(name, "").strip()

    def finish(self) -> None:
        if self.errors:
            raise FormRefused(self.errors)


def sentence(message: str) -> str:
    """With a capital, as it stands alone beside a field."""
    return message[:1].upper() + message[1:]


def unsaved(errors: Mapping[str, str]) -> str:
    """What a refused form says above everything else."""
    if len(errors) == 1:
        return "Nothing was saved: one field needs another look."
    return f"Nothing was saved: {len(errors):,} fields need another look."
