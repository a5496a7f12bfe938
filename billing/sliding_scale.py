"""Retainage that grows more slowly, or stops, as a contract is billed.

Two habits of the trade are the same staircase with differently named steps: withhold X % *until
so much is held* (up to five rules), or withhold X % *while up to Y % of the contract is billed*.
Both answer how much to hold in all for what is billed in all; an invoice then withholds, or gives
back, the difference to what was held before. `spread` shares the amount out over the lines.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from billing.money import half_up, percent_of

MAX_RULES = 5

#: Withhold this share (1 is all) of what is billed up to this many cents.
_Step = tuple[Fraction, Fraction]


class TooManyRules(ValueError):
    """A sliding scale has more rules than a contract may have."""


class Until(StrEnum):
    """What the end of a rule is measured by."""

    PERCENT_OF_ORIGINAL = "percent_of_original"
    PERCENT_OF_REVISED = "percent_of_revised"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class Rule:
    """Withhold `percent` of what is billed until the limit is held; then the next rule begins."""

    percent: Decimal
    until: Until
    #: Percent of the original or revised contract sum; of no meaning for `Until.AMOUNT`.
    limit_percent: Decimal = Decimal(0)
    #: In cents; of meaning for `Until.AMOUNT` only.
    limit_amount: int = 0

    def limit(self, *, original: int, revised: int) -> int:
        """The amount to be held in all when this rule ends."""
        if self.until is Until.AMOUNT:
            return self.limit_amount
        value = original if self.until is Until.PERCENT_OF_ORIGINAL else revised
        return percent_of(value, self.limit_percent)


@dataclass(frozen=True, slots=True)
class Tier:
    """Withhold `percent` of what is billed while no more than `up_to` percent is billed."""

    percent: Decimal
    up_to: Decimal


def retainage_by_rules(rules: Sequence[Rule], billed: int, *, original: int, revised: int) -> int:
    """Retainage to hold in all, in cents, once `billed` is completed and stored in all.

    A limit that is already reached is passed over; after the last one nothing more is withheld.
    Raises `TooManyRules`.
    """
    if len(rules) > MAX_RULES:
        raise TooManyRules(f"A sliding scale has at most {MAX_RULES} rules, not {len(rules)}.")
    steps: list[_Step] = []
    held, reached = 0, Fraction(0)
    for rule in rules:
        limit = rule.limit(original=original, revised=revised)
        if limit <= held:
            continue
        if not rule.percent:
            break  # Nothing withheld never reaches a limit, so no later rule begins.
        share = Fraction(rule.percent) / 100
        reached += (limit - held) / share
        held = limit
        steps.append((share, reached))
    return _climb(steps, billed)


def retainage_by_tiers(tiers: Iterable[Tier], billed: int, *, scheduled: int) -> int:
    """Retainage to hold in all, in cents, once `billed` of `scheduled` is completed and stored.

    Beyond the last tier nothing more is withheld; end with `Tier(percent, Decimal(100))` to go on.
    """
    return _climb(
        [(Fraction(tier.percent) / 100, scheduled * Fraction(tier.up_to) / 100) for tier in tiers],
        billed,
    )


def _climb(steps: Iterable[_Step], billed: int) -> int:
    """Sum up, step by step, the part of `billed` on each; rounded once, half up to the cent."""
    held, reached = Fraction(0), Fraction(0)
    for share, up_to in steps:
        if reached >= billed:
            break
        if up_to > reached:
            held += share * (min(up_to, Fraction(billed)) - reached)
            reached = up_to
    return half_up(held.numerator, held.denominator)
