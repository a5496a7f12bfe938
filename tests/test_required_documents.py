"""What invoices must bring: the rules, what becomes of them, and where that is told."""

from datetime import UTC, date, datetime

import pypdf
import pytest

from binder.recipe import Recipe
from models import (
    Access,
    BackupStatus,
    Project,
    RequiredDocument,
    Requirement,
    Strictness,
    User,
    db,
)
from services import backups, checklists, preflight, required_documents
from services.backups.frozen import FrozenInvoice
from services.required_documents import RuleRefused
from tests.backup_rows import NOW, add_invoice, make_pdf, make_tower
from tests.conftest import join
from tests.factories import (
    make_attachment,
    make_contract,
    make_invoice,
    make_period,
    make_project,
)
from tests.statements import counted_statements

TODAY = date(2026, 8, 15)


class Billed:
    """Two invoices on a contract, for June and July; both asked for money."""

    def __init__(self):
        self.project = make_project()
        self.contract = make_contract(self.project, number="SC-1")
        periods = [make_period(self.project, month) for month in (6, 7)]
        self.one, self.two = (
            make_invoice(self.contract, period=period, position=at, payment_due=1_000_00)
            for at, period in enumerate(periods, 1)
        )
        db.session.commit()

    def require(self, document_type, requirement="invoice", strictness="warn", **values):
        row = RequiredDocument(
            project_id=self.project.id, document_type=document_type,
            requirement=Requirement(requirement), strictness=Strictness(strictness), **values,
        )  # fmt: skip
        db.session.add(row)
        db.session.commit()

    def told(self, today=TODAY):
        """By invoice position: what is said of each document."""
        ids = {self.one.id: 1, self.two.id: 2}
        found = checklists.of_invoices(self.project.id, ids, today)
        return {ids[key]: [(i.document_type, i.words) for i in found[key]] for key in found}

    def codes(self, today=TODAY):
        found = preflight.check(self.project.id, [self.one.id, self.two.id], today=today)
        return [
            (f.severity.value, f.code, f.invoice)
            for f in found.findings
            if f.code.startswith(("required_document", "document_type"))
        ]


@pytest.fixture
def billed(context):
    return Billed()


def attach(invoice, document_type, *, is_type_confirmed=True, **values):
    row = make_attachment(
        invoice, b"x", document_type=document_type, is_type_confirmed=is_type_confirmed, **values
    )
    db.session.commit()
    return row


def test_without_a_rule_nothing_is_asked_for(billed):
    assert billed.told() == {}
    assert billed.codes() == []


def test_each_invoice_brings_its_own(billed):
    billed.require("conditional_waiver")
    attach(billed.one, "conditional_waiver")
    assert billed.told() == {
        1: [("conditional_waiver", "present")],
        2: [("conditional_waiver", "missing")],
    }
    assert billed.codes() == [("warning", "required_document_missing", "2")]


def test_a_final_waiver_is_a_waiver(billed):
    billed.require("conditional_waiver")
    attach(billed.two, "conditional_final_waiver")
    assert billed.told()[2] == [("conditional_waiver", "present")]


def test_a_file_that_is_left_out_is_not_there(billed):
    billed.require("photo")
    attach(billed.one, "photo", is_left_out=True)
    assert billed.told()[1] == [("photo", "missing")]


def test_a_guess_counts_and_is_told(billed):
    billed.require("photo", from_position=2)
    attach(billed.two, "photo", is_type_confirmed=False)
    assert billed.codes() == [("note", "document_type_guessed", "2")]


def test_a_rule_may_block(billed):
    billed.require("sworn_statement", strictness="block")
    assert billed.codes() == [
        ("blocking", "required_document_missing", "1"),
        ("blocking", "required_document_missing", "2"),
    ]
    with pytest.raises(backups.Blocked):
        backups.request(billed.project.id, [billed.two.id], None, NOW)


def test_a_waiver_follows_the_payment_before(billed):
    billed.require("unconditional_waiver", "previous_payment")
    assert billed.told() == {1: [], 2: [("unconditional_waiver", "missing")]}
    billed.one.payment_due = 0
    db.session.commit()
    assert billed.told()[2] == []


def test_a_rule_begins_at_an_invoice_or_an_amount(billed):
    billed.require("photo", from_position=2)
    billed.require("sworn_statement", from_amount=1_000_00)
    billed.require("certified_payroll", from_amount=1_000_01)
    assert billed.told() == {
        1: [("sworn_statement", "missing")],
        2: [("sworn_statement", "missing"), ("photo", "missing")],
    }


def test_one_certificate_serves_the_contract_until_it_expires(billed):
    billed.require("insurance_certificate", "contract")
    attach(billed.one, "insurance_certificate", expires=date(2026, 7, 27))
    assert billed.told() == {
        1: [("insurance_certificate", "present")],
        2: [("insurance_certificate", "expired Jul 27, 2026")],
    }
    assert billed.codes() == [("warning", "required_document_expired", "2")]
    attach(billed.two, "insurance_certificate", expires=date(2026, 8, 15))
    assert billed.told()[2] == [("insurance_certificate", "present")]


def test_only_the_latest_invoice_is_measured_by_today(billed):
    billed.require("insurance_certificate", "contract")
    attach(billed.one, "insurance_certificate", expires=date(2026, 8, 14))
    assert billed.told() == {
        1: [("insurance_certificate", "present")],
        2: [("insurance_certificate", "expired Aug 14, 2026")],
    }
    assert billed.told(today=None)[2] == [("insurance_certificate", "present")]


def test_a_contract_has_rules_of_its_own(billed):
    billed.require("photo")
    billed.require("sworn_statement")
    billed.require("photo", strictness="not_required", contract_id=billed.contract.id)
    billed.require("sworn_statement", from_position=2, contract_id=billed.contract.id)
    assert billed.told() == {1: [], 2: [("sworn_statement", "missing")]}


def test_an_invoice_may_do_without_for_a_reason(billed, alice):
    billed.require("photo", strictness="block", from_position=2)
    user = db.session.get(User, alice)
    with pytest.raises(RuleRefused, match="Say why"):
        required_documents.exempt(billed.two, "photo", " \u202e ", user)
    required_documents.exempt(billed.two, "photo", "Work is under ground.", user)
    assert billed.told()[2] == [("photo", "not required")]
    assert billed.codes() == []
    required_documents.require_again(billed.two, "photo")
    assert billed.told()[2] == [("photo", "missing")]


def test_the_number_of_statements_does_not_grow(billed):
    billed.require("photo")
    few, many = [billed.two.id], [billed.one.id, billed.two.id]
    for number in range(8):
        contract = make_contract(billed.project, number=f"X-{number}")
        many.append(make_invoice(contract).id)
    db.session.commit()
    project_id = billed.project.id

    def statements(chosen):
        with counted_statements() as counted:
            checklists.of_invoices(project_id, chosen, TODAY)
        return len(counted)

    assert statements(many) == statements(few) <= 6


FORM = {
    "document_type": "photo", "requirement": "invoice", "strictness": "warn", "contract": "",
    "from_position": "1", "from_amount": "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"document_type": "none"}, "Choose a document type"),
        ({"requirement": "x"}, "Choose what the document accompanies"),
        ({"contract": "99"}, "contract does not exist"),
        ({"contract": "9" * 30}, "contract does not exist"),
        ({"strictness": "not_required"}, "is for one contract"),
        ({"from_position": "0"}, "whole number"),
        ({"from_position": "1" * 30}, "whole number"),
        ({"from_amount": "lots"}, "lots"),
        ({"from_amount": "-1"}, "not negative"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(billed, changes, sentence):
    with pytest.raises(RuleRefused, match=sentence):
        required_documents.save(billed.project.id, FORM | changes)


def test_a_rule_takes_the_place_of_the_one_before(billed):
    project_id = billed.project.id
    required_documents.save(project_id, FORM)
    required_documents.save(project_id, FORM | {"strictness": "block", "from_amount": "5,000"})
    [rule] = required_documents.of_project(project_id)
    assert (rule.strictness, rule.from_amount) == ("block", 5_000_00)


def test_index_and_receipt_tell_what_became_of_each(context, tmp_path, alice):
    project = make_tower()
    invoice = add_invoice(project, "SC-1")
    make_attachment(
        invoice, make_pdf(tmp_path, "w"), name="w.pdf", document_type="conditional_waiver"
    )
    for code, requirement in (
        ("conditional_waiver", "invoice"),
        ("insurance_certificate", "contract"),
        ("photo", "invoice"),
    ):
        db.session.add(
            RequiredDocument(
                project_id=project.id, document_type=code, requirement=requirement,
                strictness="warn",
            )
        )  # fmt: skip
    db.session.commit()
    user = db.session.get(User, alice)
    required_documents.exempt(invoice, "photo", "No work on site.", user)

    done = backups.compile(backups.request(project.id, [invoice.id], None, NOW).id)

    assert done.status == BackupStatus.DONE, done.error
    told = done.manifest["invoices"][0]["required"]
    assert told == [
        "Conditional waiver present",
        "Insurance certificate missing",
        "Photos not required",
    ]
    [left_out] = done.manifest["left_out"]
    assert left_out["name"] == "Photos"
    assert left_out["reason"] == "Not required for this invoice: No work on site. (Alice Adams)"
    reader = pypdf.PdfReader(backups.pdf_of(done))
    pages = [" ".join(page.extract_text().split()) for page in reader.pages]
    assert any("Required: " + " · ".join(told) in page for page in pages[:3])
    assert "No work on site." in pages[-1]


def test_an_older_request_had_no_required_documents(context):
    request = {
        "id": 1, "contract": "SC-1", "contract_title": "", "company": "", "position": 1,
        "number": "", "period": "", "status": "", "signed": "", "gross_this_period": 0,
        "total_retainage": 0, "payment_due": 0, "content_key": "", "signed_copy": None,
        "attachments": [], "left_out": [],
    }  # fmt: skip
    assert FrozenInvoice.from_json(request).required == ()
    assert Recipe.from_json({}).type_order == ()


@pytest.fixture
def page(app, client):
    with app.app_context():
        billed = Billed()
        billed.require("photo")
        return f"/projects/{billed.project.id}", f"/invoices/{billed.two.id}"


def test_rules_are_made_and_removed_on_a_page(app, client, page):
    project, _ = page
    answer = client.post(f"{project}/documents", data=FORM | {"document_type": "sworn_statement"})
    assert answer.status_code == 303
    shown = client.get(f"{project}/documents").text
    assert "Sworn statement" in shown
    refused = client.post(f"{project}/documents", data=FORM | {"from_amount": "lots"})
    assert refused.status_code == 422
    assert 'value="lots"' in refused.text
    with app.app_context():
        rule = db.session.query(RequiredDocument).filter_by(document_type="photo").one().id
    assert client.post(f"{project}/documents/{rule}/remove").status_code == 303
    assert client.post(f"{project}/documents/{rule}/remove").status_code == 404


def test_own_types_are_made_renamed_and_removed_on_a_page(app, client, page):
    project, _ = page
    assert client.post(f"{project}/documents/types", data={"name": "Bond"}).status_code == 303
    again = client.post(f"{project}/documents/types", data={"name": "bond"})
    assert (again.status_code, "There is a document type “bond”" in again.text) == (422, True)
    assert client.post(f"{project}/documents/types/1", data={"name": "Bonds"}).status_code == 303
    assert 'value="Bonds"' in client.get(f"{project}/documents").text
    assert client.post(f"{project}/documents/types/1/remove").status_code == 303
    assert client.post(f"{project}/documents/types/1/remove").status_code == 404
    assert client.post(f"{project}/documents/guess").status_code == 303


def test_the_invoice_shows_a_checklist_and_takes_a_reason(app, client, page):
    project, invoice = page
    shown = client.get(project + invoice).text
    assert 'id="required-documents"' in shown
    answer = client.post(
        f"{project}{invoice}/documents/not-required", data={"document_type": "photo", "reason": ""}
    )
    assert (answer.status_code, "Say why it is not required" in answer.text) == (422, True)
    answer = client.post(
        f"{project}{invoice}/documents/not-required",
        data={"document_type": "photo", "reason": "No site work"},
    )
    assert answer.location == f"{project}{invoice}#required-documents"
    assert "No site work · Alice Adams" in client.get(project + invoice).text
    again = client.post(f"{project}{invoice}/documents/required", data={"document_type": "photo"})
    assert again.status_code == 303
    assert "No site work" not in client.get(project + invoice).text


def test_who_may_not_decide_sees_the_checklist_alone(app, member, bob, page):
    project, invoice = page
    with app.app_context():
        join(bob, db.session.get(Project, int(project.split("/")[2])), Access.STANDARD)
        db.session.commit()
    shown = member.get(project + invoice).text
    assert 'id="required-documents"' in shown
    assert "not-required" not in shown


def test_a_day_is_that_of_the_project(context):
    project = make_project(timezone="America/Chicago")
    assert project.day_of(datetime(2026, 9, 1, 3, tzinfo=UTC)) == date(2026, 8, 31)
