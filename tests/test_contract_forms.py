"""Creating, changing, locking and deleting contracts; the list of them."""

import re

import pytest
import sqlalchemy as sa

from billing import Until
from models import (
    Contract,
    ContractEvent,
    Invoice,
    InvoiceContact,
    InvoiceLine,
    Project,
    RetainageRule,
    db,
)
from services import contract_list, sheets
from tests.factories import (
    make_change_order,
    make_company,
    make_contract,
    make_invoice,
    make_invoice_line,
    make_line,
    make_payment,
    make_period,
    make_project,
)
from tests.statements import counted_statements

FORM = {
    "number": "SC-24-001", "title": "Concrete", "type": "subcontract", "status": "draft",
    "company": "Acme", "work_retainage_rate": "10", "stored_retainage_rate": "7.5 %",
}  # fmt: skip


@pytest.fixture
def project_id(app):
    with app.app_context():
        project = make_project(number="24")
        db.session.commit()
        return project.id


def one(app, model):
    with app.app_context():
        return db.session.scalars(sa.select(model)).one()


def test_a_contract_is_created_with_rules_and_contacts(app, client, project_id):
    url = f"/projects/{project_id}/contracts"
    assert 'value="SC-24-001"' in client.get(f"{url}/new").text
    assert 'value="PO-24-001"' in client.get(f"{url}/new?type=purchase_order").text
    data = FORM | {
        "executed": "yes", "start_date": "2026-01-05", "is_private": "yes",
        "rule_rate-2": "10", "rule_until-2": "percent_of_original", "rule_limit-2": "5",
        "rule_rate-4": "2", "rule_until-4": "amount", "rule_limit-4": "$9,000",
        "contact_name-1": "Ann", "contact_email-1": "ANN@acme.example",
    }  # fmt: skip
    answer = client.post(url, data=data)
    assert answer.status_code == 303
    contract = one(app, Contract)
    assert (contract.work_retainage_rate, contract.stored_retainage_rate) == (1000, 750)
    assert (contract.executed, contract.is_private, contract.invoices_enabled) == (
        True, True, False,
    )  # fmt: skip
    assert one(app, InvoiceContact).email == "ann@acme.example"
    with app.app_context():
        rules = db.session.scalars(RetainageRule.of_contract(contract.id)).all()
        found = [(r.position, r.rate, r.limit_kind, r.limit_rate, r.limit_amount) for r in rules]
    assert found == [
        (1, 1000, Until.PERCENT_OF_ORIGINAL, 500, None),
        (2, 200, Until.AMOUNT, None, 9_000_00),
    ]
    assert answer.location.endswith("/schedule")
    assert 'value="SC-24-002"' in client.get(f"{url}/new").text
    assert (
        "10.00% until 5.00% of the original contract sum is held"
        in client.get(f"{url}/{contract.id}").text
    )


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"number": ""}, "This is needed."),
        (
            {"number": "a\u202eb"},
            "has characters that nobody can see, or that turn it",
        ),
        ({"status": "closed"}, "Closed is no status of a subcontract."),
        ({"status": "lost"}, "Choose a status from the list."),
        ({"type": "lease"}, "is not subcontract or purchase_order."),
        ({"work_retainage_rate": "101"}, "is not a percent from 0 to 100."),
        ({"start_date": "2026-13-01"}, "is not a"),
        ({"company": ""}, "This is needed."),
        ({"rule_rate-1": "10"}, "This is needed."),
        ({"rule_rate-1": "0", "rule_until-1": "amount", "rule_limit-1": "5"}, "never ends"),
        ({"contact_email-1": "nobody"}, "is not an e-mail address."),
        ({"contact_email-1": "a,b@c.d"}, "is not an e-mail address."),
        ({"contact_name-1": "Ann"}, "The address is needed."),
        ({"contact_email-1": "a@b.co", "contact_email-2": "A@b.co"}, "is listed twice."),
    ],
)
def test_a_contract_that_is_not_right_is_refused(app, client, project_id, values, sentence):
    answer = client.post(f"/projects/{project_id}/contracts", data=FORM | values)
    assert answer.status_code == 422
    assert sentence in answer.text
    with app.app_context():
        assert db.session.scalar(sa.select(Contract.id)) is None


@pytest.fixture
def made(app, project_id):
    """A contract with a billed line; its id and the address of its page."""
    with app.app_context():
        project = db.session.get_one(Project, project_id)
        contract = make_contract(
            project, company=make_company(project, name="Acme"), number="SC-1", status="draft"
        )
        line = make_line(contract, item="1")
        invoice = make_invoice(contract, period=make_period(project))
        make_invoice_line(invoice, line, work_this_period=1_000_00)
        sheets.recalculate([contract.id])
        db.session.commit()
        return contract.id, f"/projects/{project_id}/contracts/{contract.id}"


def form_of(client, url):
    """The fields as the page of the form has them."""
    page = client.get(f"{url}/edit").text
    found = {}
    for tag in re.findall(r"<input [^>]*>", page):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "disabled" in tag or ("checkbox" in tag and " checked" not in tag):
            continue
        if "name" in attributes:
            found[attributes["name"]] = attributes.get("value", "")
    for name, body in re.findall(r'<select [^>]*name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body)
        if chosen:
            found[name] = chosen[1]
    texts = re.findall(r'<textarea [^>]*name="(\w+)"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    return found | dict(texts)


def test_changes_are_saved_with_their_history(app, client, made):
    _, url = made
    data = form_of(client, url) | {"title": "Steel", "company": "Beam & Co", "executed": "yes"}
    assert client.post(url, data=data).status_code == 303
    page = client.get(url).text
    assert "Beam &amp; Co" in page
    with app.app_context():
        told = {(e.field, e.old, e.new) for e in db.session.scalars(sa.select(ContractEvent))}
    assert told == {
        ("title", "Concrete", "Steel"), ("company", "Acme", "Beam & Co"), ("executed", "no", "yes"),
    }  # fmt: skip


def test_another_rate_leaves_what_is_billed_as_it_was(app, client, made):
    _, url = made
    data = form_of(client, url) | {"work_retainage_rate": "5"}
    assert client.post(url, data=data).status_code == 303
    assert one(app, Invoice).total_retainage == 100_00
    assert one(app, InvoiceLine).work_retainage_rate == 1000
    assert one(app, Contract).work_retainage_rate == 500


def test_a_stale_save_shows_what_somebody_else_saved(app, client, made):
    _, url = made
    mine = form_of(client, url)
    client.post(url, data=mine | {"title": "Theirs"})
    answer = client.post(url, data=mine | {"title": "Mine"})
    assert answer.status_code == 422
    assert "Saved meanwhile: <strong>Theirs</strong>" in answer.text
    assert 'value="Mine"' in answer.text
    assert one(app, Contract).title == "Theirs"


def test_a_mistake_in_a_stale_form_does_not_make_it_a_newer_one(app, client, made):
    _, url = made
    mine = form_of(client, url)
    client.post(url, data=mine | {"title": "Theirs"})
    answer = client.post(url, data=mine | {"work_retainage_rate": "much"})
    assert answer.status_code == 422
    kept = re.search(r'name="version" value="([^"]*)"', answer.text)[1]
    assert client.post(url, data=mine | {"version": kept}).status_code == 422
    assert one(app, Contract).title == "Theirs"


@pytest.mark.parametrize(
    "values",
    [{"company": "Other"}, {"type": "purchase_order"}, {"work_retainage_rate": "5"},
     {"accounting_method": "unit"}],
)  # fmt: skip
def test_a_standing_contract_locks_its_terms_until_the_status_changes(app, client, made, values):
    _, url = made
    version = form_of(client, url)["version"]
    status = client.post(f"{url}/status", data={"status": "approved", "version": version})
    assert status.status_code == 303
    held = form_of(client, url)
    assert "company" not in held
    answer = client.post(url, data=held | values)
    assert answer.status_code == 422
    assert "This is locked while the contract stands." in answer.text
    assert client.post(url, data=held | {"title": "New title"}).status_code == 303
    assert one(app, Contract).title == "New title"
    data = {"status": "draft", "version": form_of(client, url)["version"]}
    assert client.post(f"{url}/status", data=data).status_code == 303
    assert one(app, Contract).status == "draft"


def test_a_status_of_another_type_or_an_old_page_changes_nothing(app, client, made):
    _, url = made
    for data, sentence in (
        ({"status": "closed", "version": "1"}, "is no status of a subcontract"),
        ({"status": "approved", "version": "9"}, "the contract was changed"),
    ):
        answer = client.post(f"{url}/status", data=data)
        assert answer.status_code == 422
        assert sentence in answer.text


def test_a_contract_with_invoices_or_payments_is_never_deleted(app, client, made, project_id):
    _, url = made
    answer = client.post(f"{url}/delete")
    assert answer.status_code == 422
    assert "A contract that has invoices is never deleted." in answer.text
    with app.app_context():
        project = db.session.get_one(Project, project_id)
        paid, free = (make_contract(project, status="draft") for _ in range(2))
        standing = make_contract(project)
        make_payment(paid)
        make_line(free)
        db.session.commit()
        ids = [paid.id, standing.id, free.id]
    base = f"/projects/{project_id}/contracts"
    answers = [client.post(f"{base}/{number}/delete").status_code for number in ids]
    assert answers == [422, 422, 303]


def test_the_list_has_its_sums_in_few_statements(app, client, project_id):
    with app.app_context():
        project = db.session.get_one(Project, project_id)
        for number in range(1, 6):
            contract = make_contract(project, number=f"SC-{number}")
            make_line(contract, scheduled_value=1_000_00)
            for status, value in (("approved", 200_00), ("pending", 30_00), ("rejected", 9_00)):
                order = make_change_order(contract, status=status)
                make_line(contract, change_order_id=order.id, scheduled_value=value)
            make_invoice(contract, payment_due=500_00)
            make_payment(contract, amount=300_00)
        db.session.commit()
        with counted_statements() as statements:
            found = contract_list.of_project(project_id, None)
    assert sum("SELECT" in statement for statement in statements) == 4
    totals = found.totals
    assert (totals.original, totals.approved, totals.revised) == (5_000_00, 1_000_00, 6_000_00)
    assert (totals.pending, totals.invoiced, totals.paid) == (150_00, 2_500_00, 1_500_00)
    assert (str(totals.paid_percent), totals.remaining) == ("25.00", 4_500_00)
    page = client.get(f"/projects/{project_id}/contracts").text
    assert "SC-5" in page
    assert "4,500.00" in page
