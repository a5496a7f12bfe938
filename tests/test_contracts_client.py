import re
from datetime import date

import pytest

from models import Access, ChangeOrderStatus, Contract, ContractType, InvoiceStatus, db
from services import sheets
from tests.conftest import join
from tests.factories import (
    make_change_order,
    make_company,
    make_contract,
    make_invoice,
    make_invoice_line,
    make_line,
    make_period,
    make_project,
)
from tests.statements import counted_statements


@pytest.fixture
def contract(app, bob):
    """Two invoices: 1,000 of work, then 500 more and 200 stored; 10 % retained."""
    with app.app_context():
        project = make_project(name="Harbor Point")
        company = make_company(project, name="Acme & Sons", address="1 Mill Road")
        contract = make_contract(
            project,
            company=company,
            number="SC-7",
            title="Concrete <work>",
            executed=True,
            contract_date=date(2026, 1, 12),
        )
        first = make_line(contract, item="010", scheduled_value=4_000_00, budget_code="03-100")
        make_line(contract, item="020", description="Slab", scheduled_value=1_000_00)
        for status, amount in (
            (ChangeOrderStatus.APPROVED, 500_00),
            (ChangeOrderStatus.APPROVED, -100_00),
            (ChangeOrderStatus.PENDING, 70_00),
            (ChangeOrderStatus.DRAFT, 30_00),
            (ChangeOrderStatus.REJECTED, 11_00),
        ):
            order = make_change_order(contract, status=status, approved_date=date(2026, 7, 1))
            make_line(contract, change_order_id=order.id, scheduled_value=amount)
        june, july = make_period(project, 6), make_period(project, 7)
        one = make_invoice(contract, period=june, position=1, number="INV-A")
        make_invoice_line(one, first, work_this_period=1_000_00)
        two = make_invoice(contract, period=july, position=2, status=InvoiceStatus.UNDER_REVIEW)
        make_invoice_line(two, first, work_this_period=500_00, new_stored=200_00)
        sheets.recalculate([contract.id])
        join(bob, project, Access.READ_ONLY)
        db.session.commit()
        return f"/projects/{project.id}/contracts/{contract.id}"


def text_of(answer):
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_the_page_shows_the_facts(client, contract):
    page = text_of(client.get(contract))
    assert "SC-7 Concrete &lt;work&gt;" in page
    assert "Acme &amp; Sons 1 Mill Road" in page
    assert "Executed Yes" in page
    assert "Contract date Jan 12, 2026" in page
    assert "10.00% of work, 10.00% of stored materials" in page


def test_the_sums_split_change_orders_by_status(client, contract):
    page = text_of(client.get(contract))
    for line in (
        "Original contract sum 5,000.00",
        "Approved change orders 400.00",
        "Revised contract sum 5,400.00",
        "Pending change orders 70.00",
        "Draft change orders 30.00",
        "Rejected change orders 11.00",
    ):
        assert line in page


def test_lines_show_the_progress_of_the_latest_invoice(client, contract):
    page = text_of(client.get(contract))
    assert "03-100 4,000.00 1,500.00 200.00 1,700.00 42.50% 2,300.00 170.00" in page
    assert "Slab 1,000.00 0.00 0.00 0.00 0.00% 1,000.00 0.00" in page
    assert "Original contract 5,000.00 1,500.00 200.00 1,700.00 34.00% 3,300.00 170.00" in page


def test_a_deduction_stands_in_parentheses(client, contract):
    assert "(100.00)" in text_of(client.get(contract))


def test_the_invoices_show_their_totals(client, contract):
    page = text_of(client.get(contract))
    first = "1 INV-A Jun 1 – 28, 2026 Approved 1,000.00 100.00 900.00 1,000.00 900.00 4,100.00"
    assert f"{first} 20.00%" in page
    second = "2 2 Jul 1 – 28, 2026 Under Review 700.00 170.00 630.00 1,700.00 1,530.00 3,870.00"
    assert f"{second} 31.48%" in page
    assert "To date 1,700.00 170.00 1,530.00 1,700.00 1,530.00 3,870.00 31.48%" in page


def test_the_pictures_say_their_figures(client, contract):
    answer = client.get(contract)
    assert 'role="img" aria-labelledby="bar-title bar-desc"' in answer.text
    assert "Work completed 1,500.00, Materials stored 200.00, Balance to finish 3,700.00" in (
        text_of(answer)
    )
    assert answer.text.count('class="fill-before"') - 1 == 2


def test_pages_carry_no_inline_style_or_script(client, contract):
    page = client.get(contract).text
    assert " style=" not in page
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)


def test_a_new_contract_says_that_nothing_is_billed(app, client):
    with app.app_context():
        contract = make_contract(make_project(), type=ContractType.PURCHASE_ORDER)
        db.session.commit()
        url = f"/projects/{contract.project_id}/contracts/{contract.id}"
    page = text_of(client.get(url))
    assert "Nothing is billed yet." in page
    assert "Purchase order" in page


def test_a_stranger_finds_nothing(stranger, contract):
    assert stranger.get(contract).status_code == 404


def test_a_reader_sees_the_page(member, contract):
    assert "SC-7" in text_of(member.get(contract))


def test_a_contract_of_another_project_is_not_there(app, client, contract):
    with app.app_context():
        other = make_project()
        db.session.commit()
        url = re.sub(r"projects/\d+", f"projects/{other.id}", contract)
    assert client.get(url).status_code == 404


def test_more_lines_and_invoices_take_no_more_statements(app, client, contract):
    with counted_statements() as few:
        client.get(contract)
    with app.app_context():
        row = db.session.get(Contract, int(contract.rpartition("/")[2]))
        lines = [make_line(row) for _ in range(20)]
        order = make_change_order(row)
        lines.append(make_line(row, change_order_id=order.id))
        for position in range(3, 12):
            invoice = make_invoice(row, position=position)
            for line in lines:
                make_invoice_line(invoice, line, work_this_period=1_00)
        sheets.recalculate([row.id])
        db.session.commit()
    with counted_statements() as many:
        assert client.get(contract).status_code == 200
    assert len(many) == len(few)
