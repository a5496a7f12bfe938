from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.money import (
    MAX_CENTS,
    InvalidAmount,
    InvalidPercent,
    NothingToSpreadOver,
    decimal_string,
    format_cents,
    parse_cents,
    parse_percent,
    percent_of,
    ratio_percent,
    spread,
)

#: On a busy machine one example may take long without anything being wrong.
patient = settings(deadline=None)
cents = st.integers(-MAX_CENTS, MAX_CENTS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,234.50", 123450),
        ("1234.5", 123450),
        ("12,345,678", 1234567800),
        ("-12", -1200),
        ("\u2212 12", -1200),
        ("(12.50)", -1250),
        ("( $1,234.50 )", -123450),
        ("$5", 500),
        ("$ 5", 500),
        ("-$5", -500),
        ("$-5", -500),
        (" 7.00\u00a0", 700),
        (".5", 50),
        ("5.", 500),
        ("0", 0),
        ("-0.00", 0),
        ("(0)", 0),
        ("007", 700),
        ("90,000,000,000,000.00", MAX_CENTS),
    ],
)
def test_an_amount_is_read_however_people_write_it(text, expected):
    assert parse_cents(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("x", "NaN", "Infinity", "1e5", "0x10", "1_000", "1 000", "5 USD", "٣", "１"),
        *("1,50", "1,2345", "12,34.00", "1.2.3", ",", ".", "$", "-"),
        *("--5", "(-5)", "-$-5", "+5", "(5", "5)", "()"),
    ],
)
def test_what_is_not_an_amount_is_refused_in_one_sentence(text):
    with pytest.raises(InvalidAmount) as refusal:
        parse_cents(text)
    assert str(refusal.value) == f"“{text}” is not an amount like 1,234.50."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The amount is empty."),
        (" \u00a0", "The amount is empty."),
        ("1.234", "“1.234” has more than two decimals."),
        ("1.500", "“1.500” has more than two decimals."),
        (
            "90,000,000,000,000.01",
            "“90,000,000,000,000.01” is too large: the limit is 90,000,000,000,000.00.",
        ),
    ],
)
def test_a_refused_amount_says_why(text, sentence):
    with pytest.raises(InvalidAmount) as refusal:
        parse_cents(text)
    assert str(refusal.value) == sentence


def test_an_absurdly_long_amount_is_refused_briefly():
    with pytest.raises(InvalidAmount, match="too large") as refusal:
        parse_cents("9" * 10_000)
    assert len(str(refusal.value)) < 120


@pytest.mark.parametrize(
    ("amount", "shown", "exported"),
    [
        (123450, "1,234.50", "1234.50"),
        (-123450, "(1,234.50)", "-1234.50"),
        (0, "0.00", "0.00"),
        (-5, "(0.05)", "-0.05"),
        (123456789012, "1,234,567,890.12", "1234567890.12"),
    ],
)
def test_an_amount_is_written_for_people_and_for_programs(amount, shown, exported):
    assert format_cents(amount) == shown
    assert decimal_string(amount) == exported


@patient
@given(cents)
def test_what_is_written_is_read_back(amount):
    assert parse_cents(format_cents(amount)) == amount
    assert parse_cents(decimal_string(amount)) == amount


@pytest.mark.parametrize(
    ("text", "expected"), [("10", "10"), ("7.5 %", "7.5"), ("0", "0"), ("100.0000%", "100")]
)
def test_a_percent_is_read(text, expected):
    assert parse_percent(text) == Decimal(expected)


@pytest.mark.parametrize("text", ["", " ", "%", "-1", "100.0001", "101", "1.23456", "NaN", "1e1"])
def test_what_is_not_a_percent_is_refused(text):
    with pytest.raises(InvalidPercent, match="percent"):
        parse_percent(text)


@pytest.mark.parametrize(
    ("amount", "percent", "expected"),
    [
        (209625, "10", 20963),  # docs/domain.md 27: half even would say 209.62
        (-209625, "10", -20963),
        (7800, "10", 780),
        (300000, "15", 45000),
        (1, "49.9999", 0),
        (1, "50", 1),
        (0, "10", 0),
    ],
)
def test_a_percentage_is_rounded_half_up_to_the_cent(amount, percent, expected):
    assert percent_of(amount, Decimal(percent)) == expected


@patient
@given(cents, st.decimals(0, 100, places=4))
def test_a_percentage_agrees_with_decimal_arithmetic(amount, percent):
    exact = Decimal(amount) * percent / 100
    assert percent_of(amount, percent) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (5_300_000, 5_500_000, "96.36"),
        (100_000, 150_000, "66.67"),
        (5_150_000, 5_000_000, "103.00"),
        (1, 0, "0.00"),
        (0, 5, "0.00"),
        (-1, 3, "-33.33"),
        (-1, -3, "33.33"),
        (1, 20_000, "0.01"),  # exactly half a hundredth of a percent
        (-1, 20_000, "-0.01"),
    ],
)
def test_a_ratio_is_a_percent_with_two_places(part, whole, expected):
    assert str(ratio_percent(part, whole)) == expected


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (36000, [122500, 600000], [6104, 29896]),
        (-36000, [122500, 600000], [-6104, -29896]),
        (100, [1, 1, 1], [34, 33, 33]),
        (100, [-1, -1, -1], [34, 33, 33]),
        (0, [0, 0], [0, 0]),
        (0, [], []),
        (10, [0, 5], [0, 10]),
        (50, [200, -100], [100, -50]),
    ],
)
def test_a_total_is_spread_without_losing_a_cent(total, weights, shares):
    assert spread(total, weights) == shares


def test_nothing_can_be_spread_over_no_weight():
    with pytest.raises(NothingToSpreadOver, match=r"1\.00 cannot be spread"):
        spread(100, [5, -5])


@patient
@given(cents, st.lists(cents, min_size=1, max_size=12).filter(sum))
def test_shares_sum_to_the_total_and_are_a_cent_from_exact(total, weights):
    shares = spread(total, weights)
    whole = sum(weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share * whole - total * weight) < abs(whole)
