"""The published examples of docs/domain.md 25 to 27, and the rules they leave open."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from billing import (
    ChangeOrder,
    ChangeOrderBox,
    ContractInput,
    DuplicateLine,
    DuplicatePosition,
    Entry,
    InvoiceInput,
    Line,
    Rule,
    UnknownLine,
    Until,
    bill,
    retainage_by_rules,
    spread,
)

TEN = Decimal(10)
MAY, JUNE, JULY = date(2026, 5, 31), date(2026, 6, 30), date(2026, 7, 31)


def invoice(position, period_end=MAY, **entries):
    """Entries of base lines by item, prefixed with "i" because they are keyword arguments."""
    return InvoiceInput(
        position, period_end, {("", item[1:]): entry for item, entry in entries.items()}
    )


def one_line(*invoices, value=1_000_00, **rates):
    return ContractInput((Line("1", "Work", value),), invoices=invoices, **rates)


def change_order(number="CO-1", approved: date | None = JUNE, amounts=(500_00,)):
    lines = tuple(
        Line(str(i), "Extra", amount, change_order=number) for i, amount in enumerate(amounts, 1)
    )
    return ChangeOrder(number, "Extra work", approved, lines)


def shown_change_orders(sheet):
    return sorted({line.change_order for line in sheet.lines} - {""})


@pytest.fixture
def published():
    """docs/domain.md 25: foundation work over-billed, a change order with work and material."""
    work = Entry(work_this_period=5_100_000, new_stored=50_000)
    extra = Entry(work_this_period=100_000, new_stored=50_000)
    order = ChangeOrder("1", "Deeper footing", MAY, (Line("1", "Footing", 500_000, "1"),))
    contract = ContractInput(
        lines=(Line("1", "Foundation work", 5_000_000),),
        change_orders=(order,),
        invoices=(
            InvoiceInput(1, MAY, {("", "1"): work, ("1", "1"): extra}),
            InvoiceInput(2, JUNE, {("", "1"): Entry(), ("1", "1"): Entry()}),
        ),
        work_retainage_percent=TEN,
        stored_retainage_percent=TEN,
    )
    return bill(contract)


def test_published_summary_is_met_to_the_cent(published):
    summary = published[1].summary
    assert summary.original_contract_sum == 5_000_000
    assert summary.net_change_by_change_orders == 500_000
    assert summary.contract_sum_to_date == 5_500_000
    assert summary.total_completed_and_stored_to_date == 5_300_000
    assert summary.completed_work_retainage_amount == 520_000
    assert str(summary.completed_work_retainage_percent) == "10.00"
    assert summary.stored_materials_retainage_amount == 10_000
    assert str(summary.stored_materials_retainage_percent) == "10.00"
    assert summary.total_retainage == 530_000
    assert summary.total_earned_less_retainage == 4_770_000
    assert summary.less_previous_certificates_for_payment == 4_770_000
    assert summary.current_payment_due == 0
    assert summary.balance_to_finish_including_retainage == 730_000
    assert str(summary.percent_complete) == "96.36"
    assert summary.change_orders == ChangeOrderBox(500_000, 0, 0, 0)


def test_published_line_is_met_to_the_cent(published):
    line = published[1].lines[0]
    assert (line.item, line.change_order, line.scheduled_value) == ("1", "", 5_000_000)
    assert line.work_completed_from_previous_application == 5_100_000
    assert line.work_completed_this_period == 0
    assert line.materials_presently_stored == 50_000
    assert line.total_completed_and_stored_to_date == 5_150_000
    assert str(line.total_completed_and_stored_to_date_percent) == "103.00"
    assert line.balance_to_finish == -150_000
    assert line.work_retainage_held == 510_000
    assert line.stored_retainage_held == 5_000
    assert line.total_retainage == 515_000


def test_the_first_published_invoice_pays_all_that_is_earned(published):
    assert published[0].summary.less_previous_certificates_for_payment == 0
    assert published[0].summary.current_payment_due == 4_770_000
    assert published[0].summary.change_orders == ChangeOrderBox(0, 500_000, 0, 0)


@pytest.mark.parametrize(
    ("value", "work", "percent"),
    [(50_000, 10_000, "20.00"), (200_000, 50_000, "25.00"), (150_000, 100_000, "66.67")],
)
def test_published_lines_of_change_orders_have_their_percent(value, work, percent):
    entries = {("CO-1", "1"): Entry(work_this_period=work)}
    contract = ContractInput(
        lines=(),
        change_orders=(change_order(amounts=[value]),),
        invoices=(InvoiceInput(1, JUNE, entries),),
    )
    assert str(bill(contract)[0].lines[0].total_completed_and_stored_to_date_percent) == percent


def test_material_stored_over_two_periods():
    """docs/domain.md 26, the second invoice before and after 1,000.00 is installed."""
    first = invoice(1, i1=Entry(new_stored=200_000))
    stored = Entry(new_stored=250_000)
    installed = replace(stored, stored_installed=100_000, work_this_period=100_000)

    sheets = bill(one_line(first, invoice(2, i1=stored), value=1_250_000))
    (one,), (two,) = sheets[0].lines, sheets[1].lines
    assert (one.materials_presently_stored, one.total_completed_and_stored_to_date) == (
        200_000,
        200_000,
    )
    assert str(one.total_completed_and_stored_to_date_percent) == "16.00"
    assert two.materials_previously_stored == 200_000
    assert (two.materials_presently_stored, two.total_completed_and_stored_to_date) == (
        450_000,
        450_000,
    )

    (_, after) = bill(one_line(first, invoice(2, i1=installed), value=1_250_000))
    (line,) = after.lines
    assert line.materials_previously_stored == 100_000
    assert line.work_completed_this_period == 100_000
    assert line.materials_presently_stored == 350_000
    assert line.total_completed_and_stored_to_date == 450_000
    assert str(line.total_completed_and_stored_to_date_percent) == "36.00"
    assert line.balance_to_finish == 800_000
    assert after.work_this_period == 100_000
    assert after.gross_this_period == 250_000


def test_installing_stored_material_does_not_by_itself_raise_work():
    taken_away = invoice(2, i1=Entry(stored_installed=5_00))
    (_, sheet) = bill(one_line(invoice(1, i1=Entry(new_stored=20_00)), taken_away))
    assert sheet.lines[0].work_completed_this_period == 0
    assert sheet.lines[0].materials_presently_stored == 15_00
    assert sheet.gross_this_period == -5_00


def test_retainage_is_set_in_percent_and_released_in_part():
    """docs/domain.md 27: 2,500.00 and 1,250.00 are held; 2,500.00 and 625.00 are released."""
    five = Decimal(5)
    contract = ContractInput(
        lines=(Line("1", "Work", 10_000_000), Line("2", "Work", 10_000_000)),
        invoices=(
            invoice(
                1,
                i1=Entry(work_this_period=2_500_000, work_retainage_percent=five),
                i2=Entry(work_this_period=1_250_000, work_retainage_percent=five),
            ),
            invoice(
                2,
                i1=Entry(work_this_period=2_500_000, work_retainage_percent=five),
                i2=Entry(work_this_period=1_250_000, work_retainage_percent=five),
            ),
            invoice(
                3,
                i1=Entry(work_retainage_released=250_000),
                i2=Entry(work_retainage_released=62_500),
            ),
        ),
    )
    sheets = bill(contract)
    assert [[line.work_retainage_held for line in sheet.lines] for sheet in sheets] == [
        [125_000, 62_500],
        [250_000, 125_000],
        [0, 62_500],
    ]
    assert sheets[2].gross_this_period == 0
    assert sheets[2].summary.current_payment_due == 312_500


def test_the_release_of_all_retainage_pays_exactly_what_was_held():
    """docs/domain.md 27: 10 % of two lines is 50.00 and 209.63; the last one releases 259.63."""
    contract = ContractInput(
        lines=(Line("1", "Work", 500_00), Line("2", "Work", 2_096_25)),
        invoices=(
            invoice(1, i1=Entry(work_this_period=500_00), i2=Entry(work_this_period=2_096_25)),
            invoice(
                2,
                i1=Entry(work_retainage_released=50_00),
                i2=Entry(work_retainage_released=209_63),
            ),
        ),
        work_retainage_percent=TEN,
    )
    first, last = bill(contract)
    assert [line.work_retainage_held for line in first.lines] == [50_00, 209_63]
    assert first.summary.total_retainage == 259_63
    assert last.summary.current_payment_due == 259_63
    assert last.summary.balance_to_finish_including_retainage == 0


def test_a_sliding_scale_is_entered_as_amounts_and_released_in_two_halves():
    """docs/domain.md 27: 10 % of 400,000.00 until 20,000.00 is held; then 10,000.00 back, twice."""
    rules = [Rule(TEN, Until.PERCENT_OF_ORIGINAL, limit_percent=Decimal(5))]
    values = (30_000_000, 10_000_000)
    invoices, held = [], [0, 0]
    for position in (1, 2, 3, 4):
        done = [value * position // 4 for value in values]
        kept = retainage_by_rules(rules, sum(done), original=40_000_000, revised=40_000_000)
        target = spread(kept, done)
        one, two = (
            Entry(work_this_period=value // 4, work_retainage=now - before)
            for value, now, before in zip(values, target, held, strict=True)
        )
        invoices.append(invoice(position, i1=one, i2=two))
        held = target
    half = Entry(work_retainage_released=1_000_000)
    contract = ContractInput(
        lines=(Line("1", "Frame", values[0]), Line("2", "Roof", values[1])),
        invoices=(*invoices, invoice(5, i1=half), invoice(6, i1=Entry(), i2=Entry())),
        work_retainage_percent=TEN,
    )
    sheets = bill(contract)
    assert [sheet.summary.total_retainage for sheet in sheets] == [
        1_000_000,
        2_000_000,
        2_000_000,
        2_000_000,
        1_000_000,
        1_000_000,
    ]
    assert sheets[4].summary.current_payment_due == 1_000_000


def test_an_amount_of_retainage_wins_over_a_percent_and_a_percent_over_the_contract():
    both = Entry(
        work_this_period=100_00,
        new_stored=100_00,
        work_retainage=1_00,
        work_retainage_percent=Decimal(50),
        stored_retainage=2_00,
        stored_retainage_percent=Decimal(50),
    )
    percent = replace(both, work_retainage=None, stored_retainage=None)
    neither = replace(percent, work_retainage_percent=None, stored_retainage_percent=None)
    rates = {"work_retainage_percent": TEN, "stored_retainage_percent": Decimal(20)}
    for entry, held in [(both, (100, 200)), (percent, (5000, 5000)), (neither, (1000, 2000))]:
        (line,) = bill(one_line(invoice(1, i1=entry), **rates))[0].lines
        assert (line.work_retainage_held, line.stored_retainage_held) == held


@pytest.mark.parametrize(
    "nothing",
    [
        {"work_retainage": 0, "stored_retainage": 0},
        {"work_retainage_percent": Decimal(0), "stored_retainage_percent": Decimal(0)},
    ],
)
def test_an_amount_or_percent_of_nothing_also_wins_over_the_contract(nothing):
    entry = Entry(work_this_period=100_00, new_stored=5_00, **nothing)
    rates = {"work_retainage_percent": TEN, "stored_retainage_percent": TEN}
    (sheet,) = bill(one_line(invoice(1, i1=entry), **rates))
    assert sheet.summary.total_retainage == 0


def test_retainage_on_stored_material_is_what_is_held_in_all_less_the_release():
    first = Entry(new_stored=100_00)
    listed = Entry(new_stored=50_00, stored_retainage_released=3_00)
    amount = replace(listed, stored_retainage=20_00)
    for entry, held in [(listed, 12_00), (amount, 17_00)]:
        contract = one_line(
            invoice(1, i1=first), invoice(2, i1=entry), stored_retainage_percent=TEN
        )
        (line,) = bill(contract)[1].lines
        assert line.stored_retainage_held == held
        assert line.stored_retainage_released == 3_00


def test_a_line_that_is_not_listed_keeps_what_it_had():
    first = Entry(work_this_period=100_00, new_stored=50_00, stored_retainage=7_77)
    contract = one_line(
        invoice(1, i1=first),
        invoice(2),
        work_retainage_percent=TEN,
        stored_retainage_percent=TEN,
    )
    before, after = bill(contract)
    (line,) = after.lines
    assert line.work_completed_from_previous_application == 100_00
    assert line.work_completed_this_period == 0
    assert line.materials_previously_stored == line.materials_presently_stored == 50_00
    assert line.work_retainage_this_period == 0
    assert line.work_retainage_held == 10_00
    assert line.stored_retainage_held == 7_77
    assert after.summary.current_payment_due == 0
    assert after.summary.total_retainage == before.summary.total_retainage


def test_a_change_order_appears_from_the_period_that_ends_on_its_approval():
    contract = replace(
        one_line(invoice(1, MAY), invoice(2, JUNE), invoice(3, JULY)),
        change_orders=(change_order(approved=JUNE, amounts=(500_00, -200_00)),),
    )
    sheets = bill(contract)
    assert [shown_change_orders(sheet) for sheet in sheets] == [[], ["CO-1"], ["CO-1"]]
    assert [sheet.summary.contract_sum_to_date for sheet in sheets] == [1000_00, 1300_00, 1300_00]
    assert [sheet.summary.change_orders for sheet in sheets] == [
        ChangeOrderBox(0, 0, 0, 0),
        ChangeOrderBox(0, 500_00, 0, -200_00),
        ChangeOrderBox(500_00, 0, -200_00, 0),
    ]


def test_a_change_order_that_has_appeared_stays():
    early_amount = InvoiceInput(1, MAY, {("CO-1", "1"): Entry(work_this_period=1)})
    contract = replace(
        one_line(early_amount, invoice(2, MAY), invoice(3, None)),
        change_orders=(change_order(approved=JULY), change_order("CO-2", approved=JULY)),
    )
    sheets = bill(contract)
    assert [shown_change_orders(sheet) for sheet in sheets] == [["CO-1"]] * 3


def test_a_change_order_stays_on_an_invoice_with_an_earlier_period():
    contract = replace(one_line(invoice(1, JUNE), invoice(2, MAY)), change_orders=(change_order(),))
    assert [shown_change_orders(sheet) for sheet in bill(contract)] == [["CO-1"], ["CO-1"]]


def test_a_change_order_approved_on_an_unknown_day_appears_everywhere():
    contract = replace(
        one_line(invoice(1, None), invoice(2, MAY)), change_orders=(change_order(approved=None),)
    )
    assert [shown_change_orders(sheet) for sheet in bill(contract)] == [["CO-1"], ["CO-1"]]


def test_an_entry_without_an_amount_does_not_bring_a_change_order_in():
    percent_only = Entry(work_retainage_percent=TEN)
    listed = InvoiceInput(1, MAY, {("CO-1", "1"): percent_only})
    contract = replace(one_line(listed), change_orders=(change_order(approved=JUNE),))
    assert shown_change_orders(bill(contract)[0]) == []


@pytest.mark.parametrize(
    "amount",
    [
        Entry(work_this_period=1),
        Entry(new_stored=1),
        Entry(stored_installed=1),
        Entry(work_retainage=1),
        Entry(work_retainage_released=1),
        Entry(stored_retainage=1),
        Entry(stored_retainage_released=1),
    ],
)
def test_any_amount_brings_a_change_order_in_even_without_a_period(amount):
    listed = InvoiceInput(1, None, {("CO-1", "1"): amount})
    contract = replace(one_line(listed), change_orders=(change_order(approved=JUNE),))
    assert shown_change_orders(bill(contract)[0]) == ["CO-1"]


def test_base_lines_come_first_and_then_change_orders_as_the_contract_has_them():
    contract = ContractInput(
        lines=(Line("2", "Second", 1), Line("10", "Tenth", 2, budget_code="03-300")),
        change_orders=(change_order("B"), change_order("A", amounts=(1, 2))),
        invoices=(invoice(1, JUNE),),
    )
    (sheet,) = bill(contract)
    assert [(line.change_order, line.item) for line in sheet.lines] == [
        ("", "2"),
        ("", "10"),
        ("B", "1"),
        ("A", "1"),
        ("A", "2"),
    ]
    assert sheet.lines[1].budget_code == "03-300"


def test_invoices_are_worked_out_by_position_whatever_their_order():
    one, two = invoice(1, i1=Entry(new_stored=10)), invoice(2, i1=Entry(stored_installed=4))
    sheets = bill(one_line(two, one))
    assert [sheet.position for sheet in sheets] == [1, 2]
    assert sheets[1].lines[0].materials_presently_stored == 6


def test_a_contract_without_invoices_or_lines_bills_nothing():
    assert bill(one_line()) == ()
    (sheet,) = bill(ContractInput((), invoices=(invoice(1),)))
    assert sheet.lines == ()
    assert str(sheet.summary.percent_complete) == "0.00"


def test_an_entry_on_an_unknown_line_is_refused():
    listed = InvoiceInput(4, MAY, {("CO-9", "1"): Entry()})
    with pytest.raises(UnknownLine) as refusal:
        bill(one_line(listed))
    assert str(refusal.value) == (
        "Invoice 4 lists item 1 of change order CO-9, which is neither on the schedule of values "
        "nor on an approved change order."
    )


def test_two_lines_of_one_name_are_refused():
    contract = ContractInput((Line("1", "A", 1), Line("1", "B", 1)))
    with pytest.raises(DuplicateLine, match="The contract has item 1 more than once"):
        bill(contract)


def test_two_invoices_in_one_position_are_refused():
    with pytest.raises(DuplicatePosition, match="The contract has two invoices in position 3"):
        bill(one_line(invoice(3), invoice(3)))
