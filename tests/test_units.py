"""Quantities and unit prices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import InvalidQuantity, decimal_units, extended, format_units, parse_units
from billing.units import MAX_UNITS


@pytest.mark.parametrize(
    ("quantity", "price", "cents"),
    [
        # docs/domain.md 25: a unit line of 15.0 x 100.0000.
        ("15.0", "100.0000", 1_500_00),
        ("10", "100", 1_000_00),
        # Half a cent goes up, and away from zero.
        ("1", "0.005", 1),
        ("-1", "0.005", -1),
        ("1", "0.0049", 0),
        ("0.5", "0.01", 1),
        ("3", "33.3333", 100_00),
        ("1,234.5", "$12.3456", 15_240_64),
        ("0", "5", 0),
    ],
)
def test_a_line_is_worth_its_quantity_times_its_price(quantity, price, cents):
    assert extended(parse_units(quantity), parse_units(price)) == cents


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", 120_000), ("1.5", 15_000), (".5", 5_000), ("(3)", -30_000), ("−2", -20_000),
     ("1.50000000", 15_000), ("$1,000", 10_000_000), ("\u00a07 ", 70_000)],
)  # fmt: skip
def test_a_quantity_is_read_as_people_write_it(text, value):
    assert parse_units(text) == value


@pytest.mark.parametrize(
    "text", ["", ".", "a", "1,5", "1.23456", "(-1)", "--1", "1e5", "NaN", "٣", "9" * 5000, "1 000"]
)
def test_what_is_no_quantity_gets_a_sentence(text):
    with pytest.raises(InvalidQuantity, match=r"“.*” (is not a number|has more|is too large)"):
        parse_units(text)


@given(st.integers(-MAX_UNITS, MAX_UNITS))
def test_what_is_written_is_read_again(value):
    assert parse_units(format_units(value)) == value
    assert parse_units(decimal_units(value)) == value


def test_prices_have_at_least_two_decimals():
    assert format_units(1_000_000, 2) == "100.00"
    assert format_units(425, 2) == "0.0425"
