"""Subject and message of the mails of a project: templates that somebody wrote, filled in."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from services.errors import AppError

SUBJECT = "{state}: {file}"
MESSAGE = "The backup of {invoices} of {project} ({number}), {period}, is ready: {pages}, {size}."
LONGEST_SUBJECT = 200
LONGEST_MESSAGE = 5000

#: What a template may say, and what it means.
FIELDS = {
    "state": "“Ready”, or “Updated” where it takes the place of an earlier one",
    "project": "the project’s name",
    "number": "the project’s number",
    "period": "the billing periods of its invoices",
    "pages": "“1,204 pages”",
    "invoices": "“38 invoices”",
    "contracts": "“21 contracts”",
    "size": "“48.2 MB”",
    "file": "the file’s name",
    "backup": "its number in the project",
    "date": "the day on which it was asked for",
}


class TextRefused(AppError):
    """A template that cannot be filled in."""


@dataclass(frozen=True, slots=True)
class Texts:
    """Checked templates."""

    subject: str
    message: str

    @classmethod
    def parse(cls, subject: str, message: str) -> "Texts":
        """Raises `TextRefused` with the sentence to show."""
        subject, message = subject.strip(), message.replace("\r\n", "\n").strip()
        if not subject or not message:
            raise TextRefused("Write a subject and a message.")
        if len(subject) > LONGEST_SUBJECT or len(message) > LONGEST_MESSAGE:
            raise TextRefused(
                f"Keep the subject below {LONGEST_SUBJECT} and the message below "
                f"{LONGEST_MESSAGE:,} characters."
            )
        refuse_control(subject, "The subject")
        refuse_control(message.replace("\n", " ").replace("\t", " "), "The message")
        for text in (subject, message):
            _check_fields(text)
        return cls(subject, message)

    def filled(self, values: Mapping[str, str], *, is_update: bool) -> tuple[str, str]:
        """Subject and message. An update says so, whatever the template forgets."""
        subject = " ".join(self.subject.format(**values).split())
        if is_update and "{state}" not in self.subject:
            subject = f"{values['state']}: {subject}"
        return subject, self.message.format(**values)


DEFAULT = Texts(SUBJECT, MESSAGE)


def refuse_control(text: str, what: str) -> None:
    """Raises `TextRefused` for what would break the header of a mail, or turn its text around."""
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
            raise TextRefused(
                f"{what} has a line break or another invisible character (U+{ord(character):04X})."
                " Type it anew without it."
            )


def _check_fields(text: str) -> None:
    try:
        parts = list(Formatter().parse(text))
    except ValueError as e:
        raise TextRefused("A template has a brace without its partner; write {{ for one.") from e
    for _, name, form, conversion in parts:
        if name is not None and (name not in FIELDS or form or conversion):
            known = ", ".join(f"{{{field}}}" for field in FIELDS)
            raise TextRefused(f"A template cannot say {{{name[:40]}}}; it knows {known}.")
