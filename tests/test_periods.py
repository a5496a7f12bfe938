from datetime import date

import pytest
import sqlalchemy as sa

from models import BillingPeriod, ChangeOrderStatus, Invoice, PeriodEvent, PeriodStatus, db
from services import periods, sheets
from services.period_dates import PeriodDates, PeriodRefused, after
from tests.conftest import make_user
from tests.factories import (
    make_change_order,
    make_contract,
    make_invoice,
    make_invoice_line,
    make_line,
    make_period,
    make_project,
)

AUGUST = PeriodDates(date(2026, 8, 1), date(2026, 8, 31), date(2026, 8, 25))


@pytest.fixture
def project(context):
    project = make_project()
    db.session.commit()
    return project


def events(period_id):
    query = sa.select(PeriodEvent).where(PeriodEvent.period_id == period_id)
    return [(e.action, e.reason) for e in db.session.scalars(query.order_by(PeriodEvent.id))]


def test_a_new_period_is_open_and_closes_the_one_before(project):
    july = make_period(project, 7, is_open=True)
    august = periods.create(project.id, AUGUST, user_id=None)
    assert august.is_open
    assert not july.is_open
    assert events(july.id) == [("closed", "another period was opened")]
    assert events(august.id) == [("created", "")]


def test_a_new_period_leaves_other_projects_alone(project):
    elsewhere = make_period(make_project(), 7, is_open=True)
    periods.create(project.id, AUGUST, user_id=None)
    assert elsewhere.is_open


def test_the_same_range_twice_is_refused_and_nothing_is_closed(project):
    august = periods.create(project.id, AUGUST, user_id=None)
    with pytest.raises(PeriodRefused, match="There is a period Aug 1 – 31, 2026 already"):
        periods.create(project.id, AUGUST, user_id=None)
    assert august.is_open
    assert db.session.scalar(sa.select(sa.func.count()).select_from(BillingPeriod)) == 1


def test_overlapping_ranges_are_allowed(project):
    periods.create(project.id, AUGUST, user_id=None)
    periods.create(project.id, PeriodDates(date(2026, 8, 15), date(2026, 9, 14)), user_id=None)
    assert len(periods.listing(project.id)) == 2


@pytest.mark.parametrize(
    ("start", "end", "due", "sentence"),
    [
        ("2026-08-31", "2026-08-01", "", "The start is after the end"),
        ("", "2026-08-01", "", "The start is missing"),
        ("2026-08-01", "31.8.2026", "", "The end must be a date like 2026-08-31, not “31.8.2026”"),
        ("2026-08-01", "2026-08-31", "soon", "The due date must be a date"),
        ("0202-08-01", "2026-08-31", "", "The start is in the year 202."),
        ("2026-02-30", "2026-08-31", "", "The start must be a date"),
    ],
)
def test_dates_that_cannot_be_are_named(start, end, due, sentence):
    with pytest.raises(PeriodRefused, match=sentence):
        PeriodDates.parse(start, end, due)


def test_a_due_date_may_be_left_out():
    assert PeriodDates.parse("2026-08-01", "2026-08-31", " ").due is None


@pytest.mark.parametrize(
    ("last", "start", "end", "due"),
    [
        (("2026-08-01", "2026-08-31"), "2026-09-01", "2026-09-30", "2026-09-25"),
        (("2026-12-01", "2026-12-31"), "2027-01-01", "2027-01-31", "2027-01-25"),
        (("2027-01-01", "2027-01-31"), "2027-02-01", "2027-02-28", "2027-02-25"),
        (("2026-07-15", "2026-08-14"), "2026-08-15", "2026-09-14", "2026-09-25"),
    ],
)
def test_the_next_month_is_proposed(last, start, end, due):
    proposed = after(PeriodDates.parse(*last, ""), date(2026, 1, 1))
    assert proposed == PeriodDates.parse(start, end, due)


def test_a_week_follows_a_week():
    week = PeriodDates(date(2026, 8, 2), date(2026, 8, 8), date(2026, 8, 10))
    expected = PeriodDates(date(2026, 8, 9), date(2026, 8, 15), date(2026, 8, 17))
    assert after(week, date(2026, 1, 1)) == expected


def test_the_first_period_proposed_is_this_month():
    proposed = after(None, date(2028, 2, 10))
    assert proposed == PeriodDates(date(2028, 2, 1), date(2028, 2, 29), date(2028, 2, 25))


def test_a_changed_period_keeps_what_it_was_in_its_history(project):
    july = make_period(project, 7, is_open=True)
    periods.update(july, AUGUST, user_id=None)
    assert (july.start, july.end, july.due) == (AUGUST.start, AUGUST.end, AUGUST.due)
    assert events(july.id) == [
        ("changed", "from Jul 1 – 28, 2026, due Jul 25 to Aug 1 – 31, 2026, due Aug 25")
    ]


def test_saving_without_a_change_writes_no_history(project):
    july = make_period(project, 7)
    periods.update(july, PeriodDates(july.start, july.end, july.due), user_id=None)
    assert events(july.id) == []


def test_a_period_cannot_be_changed_into_another(project):
    periods.create(project.id, AUGUST, user_id=None)
    july = make_period(project, 7)
    db.session.commit()
    with pytest.raises(PeriodRefused, match="There is a period Aug 1 – 31, 2026 already"):
        periods.update(july, AUGUST, user_id=None)
    assert july.start == date(2026, 7, 1)


def test_a_later_end_lets_a_change_order_onto_the_invoice(project):
    contract = make_contract(project)
    july = make_period(project, 7)
    line = make_line(contract, scheduled_value=100_00)
    order = make_change_order(contract, approved_date=date(2026, 8, 10))
    make_line(contract, change_order_id=order.id, scheduled_value=50_00)
    invoice = make_invoice(contract, period=july)
    make_invoice_line(invoice, line, work_this_period=10_00)
    sheets.recalculate([contract.id])
    assert invoice.contract_sum_to_date == 100_00
    assert order.status == ChangeOrderStatus.APPROVED

    touched = periods.update(july, AUGUST, user_id=None)

    assert touched == [invoice.id]
    assert invoice.contract_sum_to_date == 150_00


def test_opening_again_needs_a_reason(project):
    july = make_period(project, 7)
    with pytest.raises(PeriodRefused, match="Say why"):
        periods.open_again(july, "  ", user_id=None)
    assert not july.is_open


def test_opening_again_closes_the_open_one_and_keeps_the_reason(app, project):
    bob = make_user(app, "bob@example.org", "Bob Baker")
    july, august = make_period(project, 7), make_period(project, 8, is_open=True)
    assert periods.open_again(july, " A forgotten \n invoice ", user_id=bob)
    assert july.is_open
    assert not august.is_open
    assert events(july.id) == [("reopened", "A forgotten invoice")]
    event, name = periods.listing(project.id)[1].history[0]
    assert (event.reason, name) == ("A forgotten invoice", "Bob Baker")


def test_of_two_who_close_one_wins(project):
    july = make_period(project, 7, is_open=True)
    assert periods.close(july, user_id=None)
    assert not periods.close(july, user_id=None)
    assert events(july.id) == [("closed", "")]


def test_opening_what_is_open_changes_nothing(project):
    july = make_period(project, 7, is_open=True)
    assert not periods.open_again(july, "Again", user_id=None)
    assert july.is_open
    assert events(july.id) == []


def test_the_database_refuses_a_second_open_period(project):
    make_period(project, 7, is_open=True)
    with pytest.raises(sa.exc.IntegrityError):
        make_period(project, 8, is_open=True)


def test_the_database_refuses_a_start_after_the_end(project):
    with pytest.raises(sa.exc.IntegrityError, match="start_is_not_after_end"):
        make_period(project, 7, start=date(2026, 7, 31), end=date(2026, 7, 1))


def test_a_period_without_invoices_can_be_deleted_with_its_history(project):
    august = periods.create(project.id, AUGUST, user_id=None)
    periods.delete(august)
    assert periods.listing(project.id) == []
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PeriodEvent)) == 0


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (1, "invoice INV-1 of SC-A belongs to it."),
        (2, "invoices INV-1 of SC-A and INV-2 of SC-A belong to it."),
        (5, "invoices INV-1 of SC-A, INV-2 of SC-A, INV-3 of SC-A and 2 more belong to it."),
    ],
)
def test_a_period_with_invoices_is_kept_and_they_are_named(project, count, sentence):
    july = make_period(project, 7)
    contract = make_contract(project, number="SC-A")
    for position in range(1, count + 1):
        make_invoice(contract, period=july, position=position, number=f"INV-{position}")
    db.session.commit()
    with pytest.raises(PeriodRefused) as refused:
        periods.delete(july)
    assert str(refused.value) == f"Jul 1 – 28, 2026 cannot be deleted: {sentence}"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Invoice)) == count
    assert july.status == PeriodStatus.CLOSED


def test_the_list_is_newest_first_and_counts_invoices(project):
    july, august = make_period(project, 7), make_period(project, 8)
    make_invoice(make_contract(project), period=july)
    make_invoice(make_contract(project), period=july)
    make_invoice(make_contract(make_project()), period=None)
    rows = periods.listing(project.id)
    assert [(row.period.id, row.invoices) for row in rows] == [(august.id, 0), (july.id, 2)]
