"""Types of attachments on the page of an invoice."""

from io import BytesIO

import pytest

from models import Access, Attachment, Project, db
from services import attachments
from tests.conftest import join
from tests.factories import make_attachment, make_contract, make_invoice, make_project

HTMX = {"HX-Request": "true"}


@pytest.fixture
def url(app):
    with app.app_context():
        invoice = make_invoice(make_contract(make_project()))
        make_attachment(invoice, b"1", name="COI.pdf", document_type="insurance_certificate")
        make_attachment(invoice, b"2", name="Scan.pdf")
        db.session.commit()
        return f"/projects/{invoice.contract.project_id}/invoices/{invoice.id}"


def rows(app, url):
    with app.app_context():
        return attachments.of_invoice(int(url.rpartition("/")[2]))


def told(app, url):
    return [(row.document_type, row.is_type_confirmed) for row in rows(app, url)]


def test_a_guess_is_called_one_until_it_is_confirmed(app, client, url):
    row = rows(app, url)[0]
    page = client.get(url).text
    assert page.count('<span class="guessed">guessed</span>') == 1
    assert "1 type guessed from the name." in page
    answer = client.post(
        f"{url}/attachments/{row.id}/type",
        data={"document_type": "insurance_certificate", "expires": "2027-01-31"},
        headers=HTMX,
    )
    assert answer.status_code == 200
    assert 'class="guessed"' not in answer.text
    assert "Insurance certificate · expires Jan 31, 2027" in answer.text
    assert told(app, url)[0] == ("insurance_certificate", True)


def test_without_javascript_a_type_leads_back_to_the_invoice(app, client, url):
    row = rows(app, url)[1]
    answer = client.post(f"{url}/attachments/{row.id}/type", data={"document_type": "photo"})
    assert (answer.status_code, answer.location) == (303, f"{url}#attachments")
    assert told(app, url)[1] == ("photo", True)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_a_refused_type_keeps_what_was_entered(app, client, url, headers):
    row = rows(app, url)[1]
    answer = client.post(
        f"{url}/attachments/{row.id}/type",
        data={"document_type": "photo", "expires": "soon"},
        headers=headers,
    )
    assert answer.status_code == 422
    assert "Expires must be a date like 2026-08-31, not “soon”." in answer.text
    assert '<option value="photo" selected>' in answer.text
    assert 'value="soon"' in answer.text
    assert told(app, url)[1] == ("backup", False)


def test_all_guesses_are_confirmed_at_once(app, client, url):
    answer = client.post(f"{url}/attachments/confirm-types", headers=HTMX)
    assert "All types are confirmed." in answer.text
    assert told(app, url) == [("insurance_certificate", True), ("backup", True)]


def test_types_are_guessed_again(app, client, url):
    with app.app_context():
        db.session.get(Attachment, rows(app, url)[1].id).name = "Lien waiver.pdf"
        db.session.commit()
    answer = client.post(f"{url}/attachments/guess-types", headers=HTMX)
    assert "Conditional waiver" in answer.text
    assert told(app, url)[1] == ("conditional_waiver", False)


def test_an_upload_says_what_the_files_are(app, client, url):
    upload = {"files": (BytesIO(b"%PDF-1.7"), "x.pdf"), "document_type": "certified_payroll"}
    assert client.post(f"{url}/attachments", data=upload).status_code == 303
    assert told(app, url)[-1] == ("certified_payroll", True)
    upload = {"files": (BytesIO(b"%PDF-1.7"), "x.pdf"), "document_type": "no_such"}
    answer = client.post(f"{url}/attachments", data=upload)
    assert answer.status_code == 422
    assert "The document type does not exist any more." in answer.text


def test_who_may_only_read_sees_types_without_a_form(app, member, bob, url):
    with app.app_context():
        join(bob, db.session.get(Project, int(url.split("/")[2])), Access.READ_ONLY)
        db.session.commit()
    page = member.get(url).text
    assert '<p class="file-type">Insurance certificate' in page
    assert "attachments/guess-types" not in page
