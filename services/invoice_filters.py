"""Which invoices of the Subcontractor tab are meant: search and filters, as a link spells them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol, Self, TypeVar

from werkzeug.datastructures import MultiDict

from services.invoice_rows import ContractFacts

#: The names of the filters in links and forms; each may be given several times.
NAMES = ("company", "period", "status", "type", "payment")


class Listed(Protocol):
    """What a row of the list must tell to be searched and filtered."""

    @property
    def contract(self) -> ContractFacts: ...
    @property
    def status(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def comments(self) -> str: ...
    def value_of(self, name: str) -> str: ...


AnyRow = TypeVar("AnyRow", bound=Listed)


@dataclass(frozen=True, slots=True)
class Filters:
    """Search words and filters; an empty one lets everything pass.

    Values stay the text they came as, so that one that means nothing lets nothing pass: a mistyped
    link must not select more than its maker saw.
    """

    text: str = ""
    companies: frozenset[str] = frozenset()
    #: Ids of billing periods; "none" for invoices without one.
    periods: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    #: Of invoices alone: what has none is neither paid nor unpaid.
    payments: frozenset[str] = frozenset()

    @classmethod
    def from_values(cls, values: MultiDict[str, str]) -> Self:
        """Read a query string or a posted form."""
        chosen = (frozenset(filter(None, values.getlist(name))) for name in NAMES)
        return cls(" ".join(values.get("q", "").split()), *chosen)

    def of(self, name: str) -> frozenset[str]:
        """The chosen values of one filter by its name in links."""
        chosen = (self.companies, self.periods, self.statuses, self.types, self.payments)
        return dict(zip(NAMES, chosen, strict=True))[name]

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Names and values for a link or for hidden fields, always in the same order."""
        if self.text:
            yield "q", self.text
        for name in NAMES:
            for value in sorted(self.of(name)):
                yield name, value

    @property
    def is_active(self) -> bool:
        return any(self.pairs())

    @property
    def without_status(self) -> "Filters":
        """The same for any status, for counting by status."""
        return replace(self, statuses=frozenset())

    def matching(self, rows: Iterable[AnyRow]) -> list[AnyRow]:
        """The rows that pass, in their order. Every search word must occur somewhere in a row."""
        words = self.text.casefold().split()
        return [
            row for row in rows if self._passes(row) and (not words or _contains_all(row, words))
        ]

    def _passes(self, row: Listed) -> bool:
        return (
            (not self.companies or str(row.contract.company_id) in self.companies)
            and (not self.periods or row.value_of("period") in self.periods)
            and (not self.statuses or row.status in self.statuses)
            and (not self.types or row.contract.type in self.types)
            and (not self.payments or row.value_of("payment") in self.payments)
        )


def _contains_all(row: Listed, words: list[str]) -> bool:
    """Invoice #, contract, comment and company are searched (docs/domain.md 1)."""
    contract = row.contract
    fields = (row.label, contract.number, contract.title, contract.company, row.comments)
    text = "\n".join(fields).casefold()
    return all(word in text for word in words)
