from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.money import spread
from billing.sliding_scale import (
    Rule,
    Tier,
    TooManyRules,
    Until,
    retainage_by_rules,
    retainage_by_tiers,
)

#: On a busy machine one example may take long without anything being wrong.
patient = settings(deadline=None)

TEN_UNTIL_FIVE = [Rule(Decimal(10), Until.PERCENT_OF_ORIGINAL, limit_percent=Decimal(5))]


def tiers(*steps):
    return [Tier(Decimal(percent), Decimal(up_to)) for percent, up_to in steps]


@pytest.mark.parametrize(
    ("billed", "held"),
    [
        (0, 0),
        (10_000_000, 1_000_000),
        (19_999_990, 1_999_999),
        (20_000_000, 2_000_000),
        (20_000_001, 2_000_000),
        (40_000_000, 2_000_000),
        (-100, 0),
    ],
)
def test_ten_percent_is_withheld_until_five_percent_are_held(billed, held):
    """A subcontract of 400,000.00: 20,000.00 is reached when 200,000.00 are billed."""
    kept = retainage_by_rules(TEN_UNTIL_FIVE, billed, original=40_000_000, revised=40_000_000)
    assert kept == held


def test_a_limit_follows_the_value_it_names():
    of_revised = [Rule(Decimal(10), Until.PERCENT_OF_REVISED, limit_percent=Decimal(5))]
    amount = [Rule(Decimal(10), Until.AMOUNT, limit_amount=123_456)]
    values = {"original": 40_000_000, "revised": 50_000_000}
    assert retainage_by_rules(TEN_UNTIL_FIVE, 50_000_000, **values) == 2_000_000
    assert retainage_by_rules(of_revised, 50_000_000, **values) == 2_500_000
    assert retainage_by_rules(amount, 50_000_000, **values) == 123_456


@pytest.mark.parametrize(
    ("billed", "held"),
    [
        (10_000_000, 1_000_000),  # the first rule ends here
        (15_000_000, 1_250_000),
        (20_000_000, 1_500_000),  # the second ends here; the third's limit is long reached
        (21_000_000, 1_501_000),
        (90_000_000, 1_501_234),
    ],
)
def test_the_next_rule_begins_where_the_one_before_is_satisfied(billed, held):
    rules = [
        Rule(Decimal(10), Until.PERCENT_OF_ORIGINAL, limit_percent=Decimal("2.5")),
        Rule(Decimal(5), Until.PERCENT_OF_REVISED, limit_percent=Decimal(3)),
        Rule(Decimal(50), Until.AMOUNT, limit_amount=500),
        Rule(Decimal("0.1"), Until.AMOUNT, limit_amount=1_501_234),
    ]
    assert retainage_by_rules(rules, billed, original=40_000_000, revised=50_000_000) == held


def test_a_rule_of_no_percent_ends_the_scale():
    never = Rule(Decimal(0), Until.AMOUNT, limit_amount=99_999_999)
    rules = [*TEN_UNTIL_FIVE, never, Rule(Decimal(50), Until.AMOUNT, limit_amount=99_999_999)]
    assert retainage_by_rules(rules, 40_000_000, original=40_000_000, revised=0) == 2_000_000


def test_a_rule_whose_limit_is_already_held_is_passed_over():
    reached = Rule(Decimal(0), Until.AMOUNT, limit_amount=2_000_000)
    rules = [*TEN_UNTIL_FIVE, reached, Rule(Decimal(1), Until.AMOUNT, limit_amount=2_500_000)]
    assert retainage_by_rules(rules, 40_000_000, original=40_000_000, revised=0) == 2_200_000


def test_five_rules_are_enough():
    assert retainage_by_rules(TEN_UNTIL_FIVE * 5, 100, original=1000, revised=0) == 10
    with pytest.raises(TooManyRules, match="at most 5 rules, not 6"):
        retainage_by_rules(TEN_UNTIL_FIVE * 6, 100, original=1000, revised=0)


@pytest.mark.parametrize(
    ("scheduled", "steps", "held", "shares"),
    [
        (1_700_000, [(10, 20), (15, 38), (25, 100)], 98_400, [16_400, 82_000]),
        (1_200_000, [(10, 20), (15, 38)], 56_400, [9_400, 47_000]),
        (1_700_000, [(10, 30)], 51_000, [8_500, 42_500]),
        (1_200_000, [(10, 30)], 36_000, [6_000, 30_000]),
    ],
)
def test_tiers_by_percent_complete_agree_with_the_published_figures(scheduled, steps, held, shares):
    """7,200.00 billed on two lines of 1,200.00 and 6,000.00 (docs/domain.md 28)."""
    kept = retainage_by_tiers(tiers(*steps), 720_000, scheduled=scheduled)
    assert kept == held
    assert spread(kept, [120_000, 600_000]) == shares


def test_retainage_of_uneven_lines_is_spread_to_the_cent():
    assert spread(36_000, [122_500, 600_000]) == [6_104, 29_896]


def test_a_tier_below_the_one_before_changes_nothing():
    kept = retainage_by_tiers(tiers((10, 50), (90, 20), (5, 100)), 80_00, scheduled=100_00)
    assert kept == 5_00 + 1_50


@patient
@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_billing_more_never_holds_less_nor_more_than_the_limit(billed, more):
    def held(amount):
        return retainage_by_rules(TEN_UNTIL_FIVE, amount, original=40_000_003, revised=0)

    assert held(billed) <= held(billed + more) <= 2_000_000
