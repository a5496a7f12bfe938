"""Doubts about a sheet."""

from decimal import Decimal

from billing import ContractInput, Entry, InvoiceInput, Line, bill
from billing.checks import Doubt, remarks


def doubts(*entries, value=1_000_00):
    contract = ContractInput(
        lines=(Line("1", "Foundation work", value),),
        invoices=tuple(
            InvoiceInput(position, None, {("", "1"): entry})
            for position, entry in enumerate(entries, start=1)
        ),
        work_retainage_percent=Decimal(10),
        stored_retainage_percent=Decimal(10),
    )
    last = bill(contract)[-1]
    return [remark.doubt for remark in remarks(last, contract)]


def test_a_line_billed_to_its_value_is_in_order():
    assert doubts(Entry(work_this_period=1_000_00)) == []


def test_one_cent_more_is_over_billed():
    assert doubts(Entry(work_this_period=1_000_01)) == [Doubt.OVER_BILLED]


def test_a_deduction_is_over_billed_below_its_value():
    assert doubts(Entry(work_this_period=-500_00), value=-500_00) == []
    assert doubts(Entry(work_this_period=-500_01), value=-500_00) == [Doubt.OVER_BILLED]


def test_another_rate_than_the_contracts_is_doubted():
    assert doubts(Entry(work_this_period=100_00, work_retainage=5_00)) == [Doubt.RETAINAGE_OFF_RATE]


def test_an_odd_rate_of_an_earlier_invoice_is_not_repeated():
    assert doubts(Entry(work_this_period=100_00, work_retainage=5_00), Entry()) == []


def test_stored_material_at_another_rate_is_doubted():
    assert doubts(Entry(new_stored=100_00, stored_retainage=0)) == [Doubt.RETAINAGE_OFF_RATE]


def test_releasing_what_is_held_is_in_order():
    assert doubts(Entry(work_this_period=100_00), Entry(work_retainage_released=10_00)) == []


def test_releasing_more_than_is_held_is_doubted():
    released = Entry(work_retainage_released=10_01)

    assert doubts(Entry(work_this_period=100_00), released) == [Doubt.BELOW_ZERO]
