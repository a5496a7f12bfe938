"""However a line is typed, the same entry comes out; and a sliding scale as dollars per line."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import (
    ContractInput,
    Entry,
    InvoiceInput,
    Line,
    Rule,
    Tier,
    Until,
    bill,
    percent_of,
    retainage_by_rules,
    retainage_by_tiers,
)
from billing.entering import Disagreement, Standing, Typed, enter
from billing.withholding import billed_in_all, withhold

TEN = Decimal(10)
LINE = Standing(scheduled_value=12_500_00, work_percent=TEN, stored_percent=TEN)
CENTS = st.integers(-(10**9), 10**9)
PERCENTS = st.decimals(0, 200, places=2)


def test_an_amount_is_the_work_of_this_period_and_keeps_the_percent_of_retainage():
    entry = enter(LINE, None, Typed(work=500_00))

    assert entry == Entry(
        work_this_period=500_00, work_retainage_percent=TEN, stored_retainage_percent=TEN
    )


def test_a_percent_is_of_all_that_is_completed_and_stored():
    """E = round(C x percent) - D - F (docs/domain.md 13)."""
    line = Standing(scheduled_value=10_000_01, work_before=2_000_00, stored_before=500_00)

    assert enter(line, None, Typed(percent=Decimal(50))).work_this_period == 2_500_01
    assert enter(line, None, Typed(percent=Decimal(10))).work_this_period == -1_500_00


def test_a_percent_counts_the_material_of_the_same_entry():
    """The published example of stored material (docs/domain.md 26)."""
    first = enter(LINE, None, Typed(new_stored=2_000_00))
    assert LINE.percent(first) == 16

    later = Standing(scheduled_value=12_500_00, stored_before=2_000_00)
    second = enter(later, None, Typed(new_stored=2_500_00))
    assert (later.stored(second), later.percent(second)) == (4_500_00, 36)

    third = enter(later, second, Typed(installed=1_000_00))
    assert (later.stored(third), third.work_this_period) == (3_500_00, 1_000_00)
    assert later.percent(third) == 36


def test_installing_is_added_to_the_work_that_is_typed_and_taken_back_again():
    line = Standing(scheduled_value=12_500_00, stored_before=2_000_00)
    entry = enter(line, None, Typed(work=300_00, installed=1_000_00))
    assert entry.work_this_period == 1_300_00

    entry = enter(line, entry, Typed(installed=400_00))
    assert entry.work_this_period == 700_00
    assert enter(line, entry, Typed(installed=0)).work_this_period == 300_00


def test_a_quantity_is_billed_at_its_unit_price():
    """Published: 15.0 at 100.0000, 10.0 this period (docs/domain.md 25)."""
    line = Standing(scheduled_value=1_500_00, unit_price=100_0000)
    assert enter(line, None, Typed(quantity=10_0000)).work_this_period == 1_000_00


def test_a_third_of_a_cent_is_rounded_half_up():
    line = Standing(scheduled_value=100, unit_price=50)
    assert enter(line, None, Typed(quantity=1_0000)).work_this_period == 1


@given(
    value=CENTS, before=CENTS, stored=CENTS, new=CENTS, installed=CENTS, quantity=CENTS,
    price=st.integers(0, 10**6),
)  # fmt: skip
def test_amount_quantity_and_percent_give_the_same_entry(
    value, before, stored, new, installed, quantity, price
):
    line = Standing(
        scheduled_value=value, work_before=before, stored_before=stored, work_percent=TEN,
        unit_price=price,
    )  # fmt: skip
    rest = {"new_stored": new, "installed": installed}
    by_quantity = enter(line, None, Typed(quantity=quantity, **rest))
    amount = by_quantity.work_this_period - installed

    assert enter(line, None, Typed(work=amount, **rest)) == by_quantity
    # What a page without JavaScript sends: the percent that it showed beside the amount.
    shown = line.percent(by_quantity)
    assert enter(line, None, Typed(work=amount, percent=shown, **rest)) == by_quantity


@given(value=CENTS, before=CENTS, stored=CENTS, percent=PERCENTS)
def test_a_percent_and_the_amount_that_it_means_agree(value, before, stored, percent):
    line = Standing(scheduled_value=value, work_before=before, stored_before=stored)
    entry = enter(line, None, Typed(percent=percent))

    assert line.completed(entry) == percent_of(value, percent)
    again = Typed(work=entry.work_this_period, percent=line.percent(entry))
    assert enter(line, None, again) == entry


def test_an_amount_and_a_percent_that_disagree_are_refused():
    with pytest.raises(Disagreement, match="type one"):
        enter(LINE, None, Typed(work=100_00, percent=Decimal(50)))
    with pytest.raises(Disagreement, match="retainage"):
        enter(LINE, None, Typed(work=100_00, work_retainage=9_00, work_retainage_percent=TEN))


@given(work=CENTS, percent=st.decimals(0, 100, places=2))
def test_retainage_by_percent_and_by_amount_hold_the_same(work, percent):
    by_percent = enter(LINE, None, Typed(work=work, work_retainage_percent=percent))
    amount = percent_of(work, percent)
    by_amount = enter(LINE, None, Typed(work=work, work_retainage=amount))

    assert _held(by_percent) == _held(by_amount)


def _held(entry):
    line = Line("1", "Work", 12_500_00)
    contract = ContractInput(lines=(line,), invoices=(InvoiceInput(1, None, {line.key: entry}),))
    return bill(contract)[0].summary


def test_an_amount_of_retainage_stays_until_a_percent_or_nothing_is_typed():
    entry = enter(LINE, None, Typed(work=1_000_00, work_retainage=7_00))
    assert enter(LINE, entry, Typed(work=2_000_00)).work_retainage == 7_00
    assert enter(LINE, entry, Typed(work_retainage_percent=TEN)).work_retainage is None
    assert enter(LINE, entry, Typed(is_work_retainage_cleared=True)).work_retainage is None


# Retainage on stored material


RELEASED = Standing(
    scheduled_value=12_500_00,
    stored_before=2_000_00,
    stored_held=50_00,
    stored_percent=TEN,
    was_released=True,
)


def test_what_was_released_is_not_withheld_again():
    assert enter(RELEASED, None, Typed(work=1_00)).stored_retainage == 50_00
    assert enter(RELEASED, None, Typed(new_stored=100_00)).stored_retainage == 60_00
    assert enter(RELEASED, None, Typed(installed=200_00)).stored_retainage == 30_00
    assert enter(RELEASED, None, Typed(installed=1_000_00)).stored_retainage == 0


def test_what_is_carried_follows_the_material_until_somebody_types_an_amount():
    carried = enter(RELEASED, None, Typed(new_stored=100_00))
    assert enter(RELEASED, carried, Typed(new_stored=200_00)).stored_retainage == 70_00

    typed = enter(RELEASED, carried, Typed(stored_retainage=55_00))
    assert enter(RELEASED, typed, Typed(new_stored=200_00)).stored_retainage == 55_00
    again = Typed(is_stored_retainage_cleared=True)
    assert enter(RELEASED, typed, again).stored_retainage == 60_00


def test_a_release_lasts_through_the_invoices_that_follow():
    """Bills three invoices: 200.00 held on 2,000.00 stored, 150.00 released, then 100.00 more."""
    line = Line("1", "Work", 12_500_00)
    first = Entry(new_stored=2_000_00, stored_retainage_percent=TEN)
    second = Entry(stored_retainage_percent=TEN, stored_retainage_released=150_00)
    third = enter(RELEASED, None, Typed(new_stored=100_00))
    sheets = bill(
        ContractInput(
            lines=(line,),
            invoices=tuple(
                InvoiceInput(place, None, {line.key: entry})
                for place, entry in enumerate((first, second, third), 1)
            ),
        )
    )
    held = [sheet.summary.stored_materials_retainage_amount for sheet in sheets]
    assert held == [200_00, 50_00, 60_00]


@given(held=CENTS, stored=CENTS, rate=st.integers(0, 10_000))
def test_typing_nothing_changes_no_figure(held, stored, rate):
    """A line that is not listed, and the same line listed with what it carries."""
    line = Standing(
        stored_before=stored, stored_held=held, stored_percent=Decimal(rate) / 100, work_held=5
    )
    entry = enter(line, None, Typed())
    assert entry == line.unlisted
    amount = entry.stored_retainage
    if amount is None:
        amount = percent_of(line.stored(entry), entry.stored_retainage_percent)
    assert amount == held


# The sliding scale


def lines(*scheduled, **values):
    return {
        ("", str(place)): Standing(scheduled_value=value, **values)
        for place, value in enumerate(scheduled, 1)
    }


def work(*amounts):
    return {("", str(n)): Entry(work_this_period=amount) for n, amount in enumerate(amounts, 1)}


def dollars(entries):
    return [entry.work_retainage for entry in entries.values()]


@pytest.mark.parametrize(
    ("scheduled", "tiers", "shares"),
    [
        (17_000_00, [(10, 20), (15, 38), (25, 100)], [164_00, 820_00]),
        (12_000_00, [(10, 20), (15, 38), (0, 100)], [94_00, 470_00]),
        (17_000_00, [(10, 30)], [85_00, 425_00]),
        (12_000_00, [(10, 30)], [60_00, 300_00]),
    ],
)
def test_the_published_scales_come_out_on_the_published_lines(scheduled, tiers, shares):
    """7,200.00 billed on lines of 1,200.00 and 6,000.00 (docs/domain.md 28)."""
    rules = [Tier(Decimal(percent), Decimal(up_to)) for percent, up_to in tiers]
    standings, entries = lines(0, 0), work(1_200_00, 6_000_00)
    billed = billed_in_all(standings, entries)

    held = retainage_by_tiers(rules, billed, scheduled=scheduled)

    assert dollars(withhold(held, 0, standings, entries)) == shares


def test_an_uneven_spread_loses_no_cent():
    """Published: 360.00 over 1,225.00 and 6,000.00 (docs/domain.md 28)."""
    found = withhold(360_00, 0, lines(0, 0), work(1_225_00, 6_000_00))
    assert dollars(found) == [61_04, 298_96]


def test_ten_percent_until_five_percent_of_the_contract_are_held():
    """400,000.00, and 20,000.00 reached at 200,000.00 (docs/domain.md 27)."""
    rule = Rule(TEN, Until.PERCENT_OF_ORIGINAL, Decimal(5))
    retained, work_before, told = 0, 0, []
    for amount in (120_000_00, 120_000_00, 160_000_00):
        standings = lines(400_000_00, work_before=work_before, work_held=retained)
        entries = work(amount)
        billed = billed_in_all(standings, entries)
        held = retainage_by_rules([rule], billed, original=400_000_00, revised=400_000_00)
        [withheld] = dollars(withhold(held, retained, standings, entries))
        told.append(withheld)
        retained, work_before = retained + withheld, work_before + amount
    assert told == [12_000_00, 8_000_00, 0]


def test_installed_material_takes_its_retainage_along():
    standings = {("", "1"): Standing(stored_before=1_000_00, stored_held=100_00)}
    entries = {("", "1"): Entry(work_this_period=400_00, stored_installed=400_00)}

    [entry] = withhold(100_00, 100_00, standings, entries).values()

    assert (entry.work_retainage, entry.stored_retainage) == (40_00, 60_00)


@given(st.lists(st.tuples(CENTS, CENTS), min_size=1, max_size=6), st.integers(0, 10**9))
def test_what_is_withheld_is_what_the_scale_says(amounts, held):
    standings = lines(*[0] * len(amounts))
    entries = {
        ("", str(n)): Entry(work_this_period=own, new_stored=new)
        for n, (own, new) in enumerate(amounts, 1)
    }
    found = withhold(held, 0, standings, entries)
    total = sum(entry.work_retainage + entry.stored_retainage for entry in found.values())

    assert total == (held if billed_in_all(standings, entries) else 0)
