"""Creating the next invoice of a contract and deleting the latest."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from binder.recipe import Recipe
from models import (
    Access,
    Backup,
    Contract,
    ContractEvent,
    Invoice,
    InvoiceContact,
    InvoiceLine,
    Payment,
    PaymentMethod,
    Project,
    db,
)
from services import sheets
from services.backups.freezing import freeze
from services.invoice_numbers import following
from tests.conftest import join
from tests.factories import (
    make_attachment,
    make_contract,
    make_invoice,
    make_invoice_line,
    make_line,
    make_period,
    make_project,
)


@pytest.mark.parametrize(
    ("last", "proposed"),
    [
        ("SC-004-07", "SC-004-08"),
        ("APP 9", "APP 10"),
        ("SC-004-99", "SC-004-100"),
        ("7 (rev)", "8 (rev)"),
        ("Final", ""),
        ("", ""),
        ("x" * 58 + "99", ""),
        ("٣", ""),
    ],
)
def test_the_next_number_goes_on_from_the_last(last, proposed):
    assert following(last) == proposed


@pytest.fixture
def rows(app):
    """A contract with one invoice in June, and July open."""
    with app.app_context():
        project = make_project()
        contract = make_contract(project, number="SC-004")
        line = make_line(contract)
        invoice = make_invoice(contract, period=make_period(project, 6), number="APP 9")
        make_invoice_line(invoice, line, work_this_period=1_000_00, new_stored=500_00)
        due = date.today() + timedelta(days=30)  # noqa: DTZ011 - a day to come
        make_period(project, 7, is_open=True, due=due)
        sheets.recalculate([contract.id])
        db.session.commit()
        return {"project": project.id, "contract": contract.id, "invoice": invoice.id, "due": due}


def contract_url(rows):
    return f"/projects/{rows['project']}/contracts/{rows['contract']}"


def invoice_url(rows):
    return f"/projects/{rows['project']}/invoices/{rows['invoice']}"


def create(browser, rows, number="APP 10", **more):
    return browser.post(f"{contract_url(rows)}/invoices", data={"number": number} | more)


def test_a_new_invoice_is_a_draft_of_the_open_period_with_what_the_last_one_left(app, client, rows):
    page = client.get(f"{contract_url(rows)}/invoices/new")
    assert 'value="APP 10"' in page.text
    answer = create(client, rows)

    assert answer.status_code == 303
    with app.app_context():
        invoice = db.session.scalar(sa.select(Invoice).where(Invoice.position == 2))
        assert answer.location == f"/projects/{rows['project']}/invoices/{invoice.id}/edit"
        assert (invoice.number, invoice.status, invoice.billing_date) == (
            "APP 10", "draft", rows["due"]
        )  # fmt: skip
        assert invoice.period.is_open
        assert (invoice.completed_and_stored, invoice.payment_due) == (1_500_00, 0)
        line = sheets.of_contract(rows["contract"])[2].lines[0]
        assert (line.materials_previously_stored, line.new_materials_stored) == (500_00, 0)
        assert line.total_retainage == 150_00


def test_a_form_that_is_sent_twice_makes_one_invoice(app, client, rows):
    assert 'name="position" value="2"' in client.get(f"{contract_url(rows)}/invoices/new").text
    assert create(client, rows, position="2").status_code == 303
    again = create(client, rows, position="2")
    assert again.status_code == 422
    assert "Invoice 2 of this contract was created meanwhile." in again.text
    assert create(client, rows, position="9" * 30).status_code == 422
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Invoice.id))) == 2


def test_without_an_open_period_there_is_no_invoice_to_make(app, client, rows):
    with app.app_context():
        db.session.execute(sa.text("UPDATE billing_period SET status = 'closed'"))
        db.session.commit()
    assert "No billing period is open." in client.get(f"{contract_url(rows)}/invoices/new").text
    answer = create(client, rows)
    assert answer.status_code == 422
    assert "No billing period is open." in answer.text


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"invoices_enabled": False}, "Invoices are switched off for this contract."),
        ({"status": "void"}, "This contract is Void"),
    ],
)
def test_a_contract_that_is_not_billed_gets_no_invoice(app, client, rows, values, sentence):
    with app.app_context():
        db.session.execute(sa.update(Contract).values(**values))
        db.session.commit()
    answer = create(client, rows)
    assert answer.status_code == 422
    assert sentence in answer.text


@pytest.mark.parametrize("number", ["x" * 61, "a\x00b", "a\nb"])
def test_a_number_that_is_no_number_is_refused(client, rows, number):
    assert create(client, rows, number).status_code == 422


@pytest.mark.parametrize("access", [Access.READ_ONLY, Access.STANDARD])
def test_members_create_no_invoices(app, member, bob, rows, access):
    with app.app_context():
        join(bob, db.session.get_one(Project, rows["project"]), access)
        db.session.commit()
    assert create(member, rows).status_code == 403
    assert "/invoices/new" not in member.get(contract_url(rows)).text
    assert member.get(f"{invoice_url(rows)}/delete").status_code == 403


def test_an_invoice_contact_creates_one_until_the_due_date(app, member, bob, client, rows):
    with app.app_context():
        join(bob, db.session.get_one(Project, rows["project"]), Access.STANDARD)
        db.session.add(InvoiceContact(contract_id=rows["contract"], email="bob@example.org"))
        db.session.execute(sa.text("UPDATE billing_period SET due = '2026-01-31'"))
        db.session.commit()
    answer = create(member, rows)
    assert answer.status_code == 422
    assert "were due on Jan 31, 2026. An administrator can still create it." in answer.text

    with app.app_context():
        db.session.execute(sa.text("UPDATE billing_period SET due = NULL"))
        db.session.commit()
    assert "/invoices/new" in member.get(contract_url(rows)).text
    assert create(member, rows).status_code == 303


def test_a_contract_that_is_not_billed_yet_offers_its_invoice_in_the_list(client, rows):
    page = client.get(f"/projects/{rows['project']}/invoicing")
    assert f"{contract_url(rows)}/invoices/new" in page.text


# Deleting


def test_the_latest_invoice_goes_with_all_that_is_its_own(app, client, rows):
    with app.app_context():
        make_attachment(db.session.get(Invoice, rows["invoice"]), b"%PDF-1.7 no")
        db.session.commit()
    assert "Delete invoice APP 9?" in client.get(f"{invoice_url(rows)}/delete").text
    answer = client.post(f"{invoice_url(rows)}/delete")

    assert (answer.status_code, answer.location) == (303, contract_url(rows))
    assert client.get(invoice_url(rows)).status_code == 404
    with app.app_context():
        assert db.session.scalars(sa.select(InvoiceLine)).all() == []
        event = db.session.scalars(sa.select(ContractEvent)).one()
        assert (event.subject, event.field) == ("Invoice APP 9", "deleted")
        assert event.old == "position 1, Approved, payment due 1,350.00"


def test_an_earlier_invoice_stays(app, client, rows):
    create(client, rows)
    answer = client.post(f"{invoice_url(rows)}/delete")
    assert answer.status_code == 422
    assert "Only the latest invoice of a contract can be deleted." in answer.text


def hold_by_payment(invoice):
    db.session.add(
        Payment(
            contract_id=invoice.contract_id, invoice_id=invoice.id, number="1",
            method=PaymentMethod.CHECK, amount=1, date=date(2026, 7, 1),
        )
    )  # fmt: skip


def hold_by_backup(invoice):
    project = invoice.contract.project
    request = freeze(project, [invoice.id], None, Recipe()).to_json()
    db.session.add(Backup(project_id=project.id, number=1, request=request))


@pytest.mark.parametrize(
    ("hold", "sentence"),
    [
        (hold_by_payment, "1 payment is linked to this invoice."),
        (hold_by_backup, "Backup 1 is being compiled with this invoice."),
    ],
)
def test_what_an_invoice_is_needed_for_keeps_it(app, client, rows, hold, sentence):
    with app.app_context():
        hold(db.session.get(Invoice, rows["invoice"]))
        db.session.commit()
    answer = client.post(f"{invoice_url(rows)}/delete")
    assert answer.status_code == 422
    assert sentence in answer.text
    assert client.get(invoice_url(rows)).status_code == 200
