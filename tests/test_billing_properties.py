"""What must hold of every contract, whatever is billed on it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from billing import ChangeOrder, ContractInput, Entry, InvoiceInput, Line, bill

#: On a busy machine one example may take long without anything being wrong.
patient = settings(deadline=None)
amounts = st.integers(-(10**9), 10**9)
percents = st.decimals(0, 100, places=4)
days = st.integers(0, 200).map(lambda days: date(2026, 1, 1) + timedelta(days))
entries = st.builds(
    Entry,
    work_this_period=amounts,
    new_stored=amounts,
    stored_installed=amounts,
    work_retainage=st.none() | amounts,
    work_retainage_percent=st.none() | percents,
    work_retainage_released=amounts,
    stored_retainage=st.none() | amounts,
    stored_retainage_percent=st.none() | percents,
    stored_retainage_released=amounts,
)


@st.composite
def contracts(draw):
    def lines(change_order=""):
        values = draw(st.lists(amounts, max_size=3))
        return tuple(Line(str(i), "Work", value, change_order) for i, value in enumerate(values))

    base = lines()
    orders = tuple(
        ChangeOrder(number, "Extra", draw(st.none() | days), lines(number))
        for number in ("CO-1", "CO-2")[: draw(st.integers(0, 2))]
    )
    keys = [line.key for line in ContractInput(base, orders).all_lines]
    listed = st.dictionaries(st.sampled_from(keys), entries) if keys else st.just({})
    invoices = tuple(
        InvoiceInput(position, draw(st.none() | days), draw(listed))
        for position in range(1, draw(st.integers(0, 5)) + 1)
    )
    return ContractInput(base, orders, invoices, draw(percents), draw(percents))


@patient
@given(contracts())
def test_work_and_material_add_up_to_what_is_completed(contract):
    for sheet in bill(contract):
        work = sum(
            line.work_completed_from_previous_application + line.work_completed_this_period
            for line in sheet.lines
        )
        stored = sum(line.materials_presently_stored for line in sheet.lines)
        completed = sum(line.total_completed_and_stored_to_date for line in sheet.lines)
        assert work + stored == completed == sheet.summary.total_completed_and_stored_to_date


@patient
@given(contracts())
def test_every_summary_follows_from_its_lines(contract):
    for sheet in bill(contract):
        summary = sheet.summary
        retained = sum(line.total_retainage for line in sheet.lines)
        left = sum(line.balance_to_finish for line in sheet.lines)
        assert summary.total_retainage == retained
        assert summary.total_retainage == (
            summary.completed_work_retainage_amount + summary.stored_materials_retainage_amount
        )
        assert summary.contract_sum_to_date == (
            summary.original_contract_sum + summary.net_change_by_change_orders
        )
        assert summary.total_earned_less_retainage == (
            summary.total_completed_and_stored_to_date - summary.total_retainage
        )
        assert summary.balance_to_finish_including_retainage == left + retained


@patient
@given(contracts())
def test_payments_due_add_up_to_what_the_last_invoice_has_earned(contract):
    sheets = bill(contract)
    earned = sheets[-1].summary.total_earned_less_retainage if sheets else 0
    assert sum(sheet.summary.current_payment_due for sheet in sheets) == earned


@patient
@given(contracts())
def test_gross_amounts_add_up_to_what_the_last_invoice_has_completed(contract):
    sheets = bill(contract)
    completed = sheets[-1].summary.total_completed_and_stored_to_date if sheets else 0
    assert sum(sheet.gross_this_period for sheet in sheets) == completed


@patient
@given(contracts())
def test_work_retainage_held_is_what_was_withheld_less_what_was_released(contract):
    withheld = {}
    for sheet in bill(contract):
        for line in sheet.lines:
            key = line.change_order, line.item
            change = line.work_retainage_this_period - line.work_retainage_released
            withheld[key] = withheld.get(key, 0) + change
            assert line.work_retainage_held == withheld[key]


@patient
@given(contracts())
def test_what_an_invoice_does_not_list_holds_what_it_held(contract):
    before = {}
    sheets = bill(contract)
    for sheet, invoice in zip(sheets, contract.invoices, strict=True):
        for line in sheet.lines:
            key = line.change_order, line.item
            if key not in invoice.entries:
                assert line.total_retainage == before.get(key, 0)
            before[key] = line.total_retainage


@patient
@given(contracts())
def test_the_change_order_box_adds_up_to_the_net_change(contract):
    for sheet in bill(contract):
        box = sheet.summary.change_orders
        assert box.positive_previous >= 0 >= box.negative_previous
        assert box.positive_new >= 0 >= box.negative_new
        assert sheet.summary.net_change_by_change_orders == (
            box.positive_previous + box.positive_new + box.negative_previous + box.negative_new
        )


@patient
@given(contracts())
def test_a_change_order_never_leaves_the_contract_again(contract):
    shown: set[str] = set()
    for sheet in bill(contract):
        now = {line.change_order for line in sheet.lines}
        assert shown <= now
        shown = now


@patient
@given(contracts(), st.randoms(use_true_random=False))
def test_nothing_depends_on_the_order_in_which_anything_is_given(contract, random):
    def shuffled(items):
        return tuple(random.sample(list(items), len(items)))

    other = replace(
        contract,
        lines=shuffled(contract.lines),
        change_orders=shuffled(
            [replace(order, lines=shuffled(order.lines)) for order in contract.change_orders]
        ),
        invoices=shuffled(
            [
                replace(invoice, entries=dict(shuffled(invoice.entries.items())))
                for invoice in contract.invoices
            ]
        ),
    )
    for given_sheet, other_sheet in zip(bill(contract), bill(other), strict=True):
        assert given_sheet.position == other_sheet.position
        assert given_sheet.summary == other_sheet.summary
        assert set(given_sheet.lines) == set(other_sheet.lines)


@patient
@given(contracts())
def test_a_rate_of_nothing_withholds_nothing(contract):
    plain = {
        invoice.position: {
            key: Entry(entry.work_this_period, entry.new_stored, entry.stored_installed)
            for key, entry in invoice.entries.items()
        }
        for invoice in contract.invoices
    }
    free = replace(
        contract,
        work_retainage_percent=Decimal(0),
        stored_retainage_percent=Decimal(0),
        invoices=tuple(replace(i, entries=plain[i.position]) for i in contract.invoices),
    )
    assert all(sheet.summary.total_retainage == 0 for sheet in bill(free))
