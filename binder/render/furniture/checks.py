"""Comparisons that the tie-out page reports: what was compared, and what did not agree."""

from collections.abc import Sequence
from dataclasses import dataclass

from binder.plan import Invoice


@dataclass(frozen=True, slots=True)
class Check:
    """Two amounts, in cents, that have to be equal.

    `rule` is for people and the same for all comparisons of its kind: “The summary of each invoice
    equals the sum of its lines”.
    """

    rule: str
    invoice: Invoice
    expected: int
    found: int

    @property
    def difference(self) -> int:
        """Found less expected; nothing when the amounts tie out."""
        return self.found - self.expected


@dataclass(frozen=True, slots=True)
class RuleResult:
    """All comparisons of one rule."""

    rule: str
    compared: int
    unequal: tuple[Check, ...]

    @property
    def verdict(self) -> str:
        """“48 of 48 equal”."""
        return f"{self.compared - len(self.unequal):,} of {self.compared:,} equal"


def by_rule(checks: Sequence[Check]) -> list[RuleResult]:
    """One result for each rule, in the order in which rules first appear."""
    found: dict[str, list[Check]] = {}
    for check in checks:
        found.setdefault(check.rule, []).append(check)
    return [
        RuleResult(rule, len(same), tuple(check for check in same if check.difference))
        for rule, same in found.items()
    ]
