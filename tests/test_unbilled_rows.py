"""Contracts without an invoice in the open period, and what the project billed by period."""

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect
from werkzeug.datastructures import MultiDict

from models import (
    Access,
    BillingPeriod,
    ChangeOrderStatus,
    Contract,
    ContractType,
    PeriodStatus,
    db,
)
from services import invoice_list, selection
from services.billing_by_period import chart
from services.invoice_filters import Filters
from services.invoice_order import Order
from tests.conftest import PASSWORD, join
from tests.factories import (
    make_change_order,
    make_company,
    make_contact,
    make_contract,
    make_invoice,
    make_line,
    make_period,
    make_project,
)
from tests.invoicing_rows import make_many_invoices
from tests.statements import counted_statements


def listed(project, viewer=None, **values):
    query = MultiDict(values)
    filters, order = Filters.from_values(query), Order.from_values(query)
    return invoice_list.show(project.id, filters, order, viewer)


#: The counters of the project below.
EVERY = {"no_invoice_contacts": 0, "not_invited": 2}


def numbers(found):
    return [row.contract.number for row in found.unbilled]


@pytest.fixture
def project(context):
    """August is open: SC-1 is billed in it, SC-2 was in July, SC-10 never; the last is a draft."""
    project = make_project()
    july, august = make_period(project, 7), make_period(project, 8, is_open=True)
    acme = make_company(project, name="Acme")
    one = make_contract(project, number="SC-1", title="Concrete")
    two = make_contract(project, number="SC-2", title="Steel", company=acme)
    ten = make_contract(project, number="SC-10", title="Glass", company=acme)
    make_contract(project, number="SC-11", status="draft")
    for contract in (two, ten):
        make_contact(contract)
    make_invoice(one, period=july)
    make_invoice(one, period=august, position=2)
    make_invoice(
        two,
        period=july,
        number="R-1",
        gross_this_period=100_00,
        payment_due=90_00,
        contract_sum_to_date=400_00,
        completed_and_stored=100_00,
        balance_to_finish=310_00,
    )
    make_line(ten, scheduled_value=500_00)
    order = make_change_order(ten)
    make_line(ten, change_order_id=order.id, scheduled_value=50_00)
    pending = make_change_order(ten, status=ChangeOrderStatus.PENDING)
    make_line(ten, change_order_id=pending.id, scheduled_value=7_00)
    db.session.commit()
    return project


def test_what_may_be_billed_and_is_not_stands_in_natural_order(project):
    assert numbers(listed(project)) == ["SC-2", "SC-10"]


def test_a_row_tells_the_contract_sum_and_what_is_left_of_it(project):
    two, ten = listed(project).unbilled
    assert (two.contract_sum, two.balance, str(two.percent_complete)) == (400_00, 310_00, "25.00")
    assert (ten.contract_sum, ten.balance, str(ten.percent_complete)) == (550_00, 550_00, "0.00")
    assert two.latest.label == "R-1"
    assert ten.latest is None


def test_nothing_waits_while_no_period_is_open(project):
    db.session.execute(sa.update(BillingPeriod).values(status=PeriodStatus.CLOSED))
    found = listed(project)
    assert not found.unbilled
    assert not any(found.unbilled_counters.values())


@pytest.mark.parametrize(
    ("kind", "status", "executed", "may_be"),
    [
        (ContractType.SUBCONTRACT, "approved", False, True),
        (ContractType.SUBCONTRACT, "complete", False, True),
        (ContractType.SUBCONTRACT, "out_for_signature", False, False),
        (ContractType.SUBCONTRACT, "out_for_signature", True, True),
        (ContractType.SUBCONTRACT, "terminated", True, False),
        (ContractType.SUBCONTRACT, "void", True, False),
        (ContractType.PURCHASE_ORDER, "submitted", False, False),
        (ContractType.PURCHASE_ORDER, "partially_received", False, True),
        (ContractType.PURCHASE_ORDER, "received", False, True),
        (ContractType.PURCHASE_ORDER, "closed", True, False),
    ],
)
def test_only_contracts_in_force_may_be_billed(context, kind, status, executed, may_be):
    project = make_project()
    make_period(project, 8, is_open=True)
    make_contract(project, type=kind, status=status, executed=executed)
    assert bool(listed(project).unbilled) == may_be


@pytest.mark.parametrize(("balance", "waits"), [(0, False), (10_00, True)])
def test_a_contract_is_billed_out_once_its_retainage_is_released(project, balance, waits):
    contract = db.session.scalars(sa.select(Contract).where(Contract.number == "SC-10")).one()
    july = db.session.scalars(sa.select(BillingPeriod).order_by(BillingPeriod.start)).first()
    amounts = {"contract_sum_to_date": 100_00, "completed_and_stored": 100_00}
    make_invoice(contract, period=july, balance_to_finish=balance, **amounts)
    assert ("SC-10" in numbers(listed(project))) == waits


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"q": "glass"}, ["SC-10"]),
        ({"q": "acme"}, ["SC-2", "SC-10"]),
        ({"status": "not_invited"}, ["SC-2", "SC-10"]),
        ({"status": "approved"}, []),
        ({"status": ["approved", "not_invited"]}, ["SC-2", "SC-10"]),
        ({"type": "purchase_order"}, []),
        ({"unbilled": "0"}, []),
        ({"unbilled": "0", "status": "not_invited"}, ["SC-2", "SC-10"]),
    ],
)
def test_search_and_filters_count_for_them_too(project, values, expected):
    assert numbers(listed(project, **values)) == expected


def test_the_filter_for_the_open_period_lets_them_pass_and_others_do_not(project):
    july, august = listed(project).options["period"][::-1]
    assert numbers(listed(project, period=august.value)) == ["SC-2", "SC-10"]
    assert numbers(listed(project, period=july.value)) == []


def test_the_counter_ignores_the_filter_for_status_and_the_toggle(project):
    assert listed(project, status="approved").unbilled_counters == EVERY
    assert listed(project, unbilled="0").unbilled_counters == EVERY
    assert listed(project, q="glass").unbilled_counters["not_invited"] == 1


def test_a_contract_without_invoice_contacts_says_so_and_counts_apart(project):
    nobody = make_contract(project, number="SC-12")
    make_contract(project, number="SC-13", invoices_enabled=False)
    db.session.commit()
    found = listed(project)
    assert [(row.contract.number, row.status) for row in found.unbilled] == [
        ("SC-2", "not_invited"),
        ("SC-10", "not_invited"),
        (nobody.number, "no_invoice_contacts"),
    ]
    assert found.unbilled_counters == {"no_invoice_contacts": 1, "not_invited": 2}
    assert found.options["status"][-1].label == "No Invoice Contacts"
    assert numbers(listed(project, status="no_invoice_contacts")) == ["SC-12"]


def test_their_status_can_be_filtered_for_and_selects_nothing(project):
    options = listed(project).options["status"]
    assert (options[-1].value, options[-1].label) == ("not_invited", "Not Invited")
    form = MultiDict({"all": "1", "status": "not_invited"})
    assert listed(project, status="not_invited").totals.count == 0
    assert selection.invoice_ids(project.id, form, None) == []


def test_a_private_contract_waits_for_those_only_who_see_it(app, project, bob):
    from models import User

    db.session.execute(sa.update(Contract).where(Contract.number == "SC-2").values(is_private=True))
    join(bob, project, Access.READ_ONLY)
    db.session.commit()
    assert numbers(listed(project, db.session.get_one(User, bob))) == ["SC-10"]


def test_the_number_of_statements_does_not_grow_with_the_contracts(context):
    counts = set()
    for contracts in (2, 60):
        project_id = make_many_invoices(contracts, 3)
        september = sa.select(BillingPeriod).where(BillingPeriod.project_id == project_id)
        db.session.scalars(september.order_by(BillingPeriod.start.desc())).first().status = "open"
        company = db.session.scalars(sa.select(Contract)).first().company
        for _ in range(contracts):
            db.session.add(
                Contract(
                    project_id=project_id,
                    company_id=company.id,
                    number=f"X-{_}",
                    title="Never billed",
                )
            )
        db.session.commit()
        with counted_statements() as statements:
            found = invoice_list.show(project_id, Filters(), Order(), None)
        assert len(found.unbilled) == 2 * contracts
        counts.add(len([statement for statement in statements if "SELECT" in statement]))
    assert counts == {6}


def test_billing_by_period_adds_up_and_what_has_no_period_comes_last(project):
    ten = db.session.scalars(sa.select(Contract).where(Contract.number == "SC-10")).one()
    make_invoice(ten, gross_this_period=30_00, payment_due=40_00)
    july, august, none = listed(project).by_period
    assert (july.name, july.label, july.invoices) == ("Jul 1 – 28, 2026", "7/28", 2)
    assert (july.gross, july.retained, july.to_date) == (100_00, 10_00, 100_00)
    assert (august.gross, august.retained, august.to_date) == (0, 0, 100_00)
    assert (none.name, none.retained, none.to_date) == ("No billing period", -10_00, 130_00)


def test_billing_by_period_does_not_follow_the_filters(project):
    assert len(listed(project, q="nothing like it").by_period) == 2


def test_a_column_stands_on_what_was_billed_before_and_shows_what_is_kept_back(context):
    project = make_project()
    contract = make_contract(project)
    for position, (gross, net) in enumerate([(100_00, 90_00), (100_00, 50_00)], 1):
        period = make_period(project, 6 + position)
        make_invoice(
            contract, period=period, position=position, gross_this_period=gross, payment_due=net
        )
    first, second = chart(listed(project).by_period).columns
    assert (first.before_height, first.this_height, first.retained_height) == (0, 75, 7)
    assert (second.before_height, second.this_y, second.this_height) == (75, 0, 75)
    assert second.retained_height == 37
    assert second.title == (
        "Aug 1 – 28, 2026: 1 invoice, 100.00 billed, 50.00 retained, 200.00 to date"
    )


def test_the_page_shows_them_after_the_invoices_and_the_picture_has_its_figures(client, app):
    with app.app_context():
        project = make_project()
        july = make_period(project, 7)
        make_period(project, 8, is_open=True)
        contract = make_contract(project, number="SC-1", title="Concrete")
        make_invoice(contract, period=july, gross_this_period=1_234_00, payment_due=1_000_00)
        db.session.commit()
        url = f"/projects/{project.id}/invoicing"
    page = client.get(url).text
    assert page.index('name="invoice"') < page.index("Not billed in Aug 1 – 28, 2026")
    assert '<title id="periods-title">Billing by period</title>' in page
    assert 'data-label="This period">1,234.00</td>' in page
    assert 'data-label="Retained">234.00</td>' in page
    hidden = client.get(f"{url}?unbilled=0").text
    assert "Not billed in" not in hidden
    assert "Show 1 contract not yet billed" in hidden
    assert 'id="count-no_invoice_contacts"' in hidden
    only = client.get(f"{url}?status=no_invoice_contacts").text
    assert "Not billed in Aug" in only
    assert "No invoice matches" not in only
    assert 'name="invoice"' not in only


def test_a_project_with_contracts_alone_shows_who_has_not_billed(client, app):
    with app.app_context():
        project = make_project()
        make_period(project, 8, is_open=True)
        make_contract(project, number="SC-1")
        db.session.commit()
        page = client.get(f"/projects/{project.id}/invoicing").text
    assert "Not billed in Aug" in page
    assert "none yet" in page
    assert "No invoices in this project yet" not in page


def test_hiding_them_lasts_while_the_list_is_searched(server, tab, alice, app):
    with app.app_context():
        project = make_project()
        july = make_period(project, 7)
        make_period(project, 8, is_open=True)
        make_invoice(make_contract(project, number="SC-1"), period=july)
        make_contract(project, number="SC-2")
        db.session.commit()
        url = f"/projects/{project.id}/invoicing"
    tab.goto(f"{server}/sign-in")
    tab.get_by_label("E-mail").fill("alice@example.org")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    tab.goto(server + url)
    expect(tab.get_by_role("heading", name="Not billed in Aug 1 – 28, 2026")).to_be_visible()
    tab.get_by_role("link", name="Hide contracts not yet billed").click()
    expect(tab.get_by_role("link", name="Show 2 contracts not yet billed")).to_be_focused()
    tab.get_by_label("Search invoice number").fill("sc-2")
    expect(tab.get_by_role("link", name="Show 1 contract not yet billed")).to_be_visible()
    tab.get_by_role("link", name=re.compile("^No Invoice Contacts 1")).click()
    expect(tab.get_by_role("cell", name="none yet")).to_be_visible()
