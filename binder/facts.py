"""What intake learned about a file: counts, sizes, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

#: Raised when intake learns something new, so that facts of an older version are collected again.
FACTS_VERSION = 1


class Problem(StrEnum):
    """Why a file cannot become pages of a backup."""

    UNREADABLE = "unreadable"
    PASSWORD = "password"  # noqa: S105 - a word, not a secret
    EMPTY = "empty"
    DYNAMIC_XFA = "dynamic_xfa"
    NOT_PDF = "not_pdf"
    TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Facts about one file. With a `problem` there are no pages, and `sentence` says what to ask
    for."""

    media_type: str
    #: Bytes of the file as it arrived.
    size: int = 0
    pages: int = 0
    problem: Problem | None = None
    #: One sentence for people: what is wrong and what to ask the subcontractor for.
    sentence: str = ""
    #: The file was damaged; what could be read was rebuilt.
    repaired: bool = False
    was_encrypted_with_empty_password: bool = False
    #: Carried a digital signature, which no longer holds once pages are merged.
    was_signed: bool = False
    #: Pages with text that a reader can search.
    searchable_pages: int = 0
    #: Pages whose text mostly runs upside down as displayed.
    upside_down_pages: int = 0
    #: Highest resolution of an image as placed on its page, dots per inch; 0 without images.
    max_dpi: int = 0
    #: Width and height of each page as displayed, in points (1/72 inch).
    page_sizes: tuple[tuple[int, int], ...] = ()
    #: What was taken out, in words for people, such as "JavaScript".
    removed: tuple[str, ...] = ()
    #: What could not be carried over faithfully, in sentences for people.
    warnings: tuple[str, ...] = ()
    #: An office document that LibreOffice has seen, and made a PDF of or not.
    was_converted: bool = False
    version: int = FACTS_VERSION

    @property
    def scanned_pages(self) -> int:
        """Pages that are pictures only."""
        return self.pages - self.searchable_pages

    def to_json(self) -> dict[str, Any]:
        """As plain data for a JSON column."""
        return {key: getattr(self, key) for key in self.__slots__}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`. Unknown keys of a newer version are ignored."""
        known = {key: data[key] for key in cls.__slots__ if key in data}
        known["problem"] = Problem(known["problem"]) if known.get("problem") else None
        known["page_sizes"] = tuple((int(w), int(h)) for w, h in known.get("page_sizes", ()))
        for key in ("removed", "warnings"):
            known[key] = tuple(known.get(key, ()))
        return cls(**known)
