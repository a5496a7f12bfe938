"""The numbers printed on the pages of a file."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Numbers:
    """`before` + 1 stands on the first page, “of `last`” on all."""

    before: int
    last: int

    def of(self, page: int) -> int:
        """The number on the page with the index `page`, from 0."""
        return self.before + page + 1
