"""Asking a subcontractor for what is missing, and what he sends."""

import re
from datetime import date, timedelta
from io import BytesIO

import pytest

from jobs import waiting_mail
from models import (
    Attachment,
    AuditEntry,
    DocumentRequest,
    InvoiceContact,
    RequiredDocument,
    StoredFile,
    SubmissionStatus,
    SubmittedFile,
    WaitingMail,
    db,
    utcnow,
)
from services import backups, missing_items, preflight, submissions
from tests.axe import assert_accessible
from tests.conftest import PASSWORD, wait_for
from tests.factories import make_contract, make_invoice, make_period, make_project
from tests.pdfs import write_encrypted, write_pdf


@pytest.fixture
def ids(app):
    """A contract with a contact; its invoice lacks two documents."""
    with app.app_context():
        project = make_project()
        contract = make_contract(project, number="SC-1", title="Concrete")
        invoice = make_invoice(contract, period=make_period(project), payment_due=1_000_00)
        db.session.add(InvoiceContact(contract_id=contract.id, name="Sam", email="sam@example.org"))
        for code in ("conditional_waiver", "photo"):
            db.session.add(
                RequiredDocument(
                    project_id=project.id, document_type=code, requirement="invoice",
                    strictness="block",
                )
            )  # fmt: skip
        db.session.commit()
        return {"project": project.id, "contract": contract.id, "invoice": invoice.id}


def entries(action):
    return db.session.query(AuditEntry).filter_by(action=action).all()


def page_of(ids):
    return f"/projects/{ids['project']}/contracts/{ids['contract']}/missing"


def asking(ids, *codes, **values):
    items = [f"{ids['invoice']}-{code}" for code in codes]
    return {"item": items, "verb": "send", "invoice": str(ids["invoice"])} | values


def open_page(app, client, ids, *codes):
    """Ask as the page does, then make the link as the mail's job does; returns the address."""
    assert client.post(page_of(ids), data=asking(ids, *codes)).status_code == 303
    with app.app_context():
        row = db.session.query(DocumentRequest).order_by(DocumentRequest.id.desc()).first()
        return f"/u/{missing_items.issue(row.id, utcnow())}"


def send(browser, url, content, name, item=0):
    return browser.post(url, data={"files": (BytesIO(content), name), "item": str(item)})


def test_what_is_missing_is_listed_and_the_mail_shown_before_it_leaves(app, client, ids):
    shown = client.get(page_of(ids)).text
    assert "Conditional waiver, invoice 1" in shown
    assert "Sam" in shown
    data = asking(ids, "photo", verb="preview", message="By Friday, please.")
    preview = client.post(page_of(ids), data=data).text
    assert "- Photos, invoice 1" in preview
    assert "- Conditional waiver" not in preview
    assert "By Friday, please." in preview
    with app.app_context():
        assert db.session.query(DocumentRequest).count() == 0


def test_asking_twice_within_a_day_must_be_meant(app, client, ids):
    assert client.post(page_of(ids), data=asking(ids, "photo")).status_code == 303
    again = client.post(page_of(ids), data=asking(ids, "photo"))
    assert (again.status_code, "Tick the box to ask again" in again.text) == (422, True)
    assert client.post(page_of(ids), data=asking(ids, "photo", again="1")).status_code == 303
    with app.app_context():
        assert db.session.query(DocumentRequest).count() == 2
    assert "Asked before" in client.get(page_of(ids)).text


@pytest.mark.parametrize(
    ("codes", "values", "sentence"),
    [
        ((), {}, "Choose at least one document"),
        (("insurance_certificate",), {}, "Choose at least one document"),
        (("photo",), {"message": "x" * 2001}, "at most 2,000 letters"),
        (("photo",), {"message": "\u202e"}, "all of which can be seen"),
    ],
)
def test_nothing_is_sent_without_a_cause(app, client, ids, codes, values, sentence):
    answer = client.post(page_of(ids), data=asking(ids, *codes, **values))
    assert (answer.status_code, sentence in answer.text) == (422, True)


def test_without_a_contact_nobody_is_asked(app, client, ids):
    with app.app_context():
        db.session.query(InvoiceContact).delete()
        db.session.commit()
    assert "Nobody to ask" in client.get(page_of(ids)).text
    answer = client.post(page_of(ids), data=asking(ids, "photo"))
    assert (answer.status_code, "Nobody to ask" in answer.text) == (422, True)


def test_a_stranger_sees_what_was_asked_for_and_nothing_else(app, client, ids):
    url = open_page(app, client, ids, "photo")
    page = app.test_client().get(url)
    assert "Photos, invoice 1" in page.text
    assert "Conditional waiver" not in page.text
    assert "/projects/" not in page.text.replace('href="/"', "")
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_the_database_holds_no_link(app, client, ids):
    token = open_page(app, client, ids, "photo").rpartition("/")[2]
    with app.app_context():
        row = db.session.query(DocumentRequest).one()
        assert row.token_hash == DocumentRequest.hash_of(token) != token


def test_a_link_that_is_over_revoked_or_wrong_opens_nothing(app, client, ids):
    url = open_page(app, client, ids, "photo")
    stranger = app.test_client()
    with app.app_context():
        row = db.session.query(DocumentRequest).one()
        token = url.rpartition("/")[2]
        assert missing_items.find(token, utcnow() + timedelta(days=13)) is not None
        assert missing_items.find(token, utcnow() + timedelta(days=15)) is None
        request_id = row.id
    assert client.post(f"{page_of(ids)}/{request_id}/revoke").status_code == 303
    assert stranger.get(url).status_code == 404
    assert send(stranger, url, b"%PDF-1.7", "x.pdf").status_code == 404
    assert stranger.get("/u/nothing").status_code == 404


def test_a_file_waits_then_becomes_an_attachment(app, client, ids, tmp_path):
    url = open_page(app, client, ids, "photo")
    content = write_pdf(tmp_path / "a.pdf", ["x"]).read_bytes()
    answer = send(app.test_client(), url, content, "a.pdf")
    assert (answer.status_code, "1 file received" in answer.text) == (200, True)
    with app.app_context():
        assert db.session.query(Attachment).count() == 0
    queue = f"/projects/{ids['project']}/uploads"
    shown = client.get(queue).text
    assert "a.pdf" in shown
    assert "Uploads (1)" in shown
    with client.get(f"{queue}/1") as file:
        assert file.data == content
    assert client.post(f"{queue}/1/accept", data={"expires": "2027-01-01"}).status_code == 303
    again = client.post(f"{queue}/1/accept")
    assert (again.status_code, "decided about this file before" in again.text) == (422, True)
    with app.app_context():
        row = db.session.query(Attachment).one()
        assert (row.name, row.document_type, row.is_type_confirmed) == ("a.pdf", "photo", True)
        assert row.expires.isoformat() == "2027-01-01"
        [uploaded] = entries("documents.uploaded")
        assert (uploaded.actor, uploaded.address) == ("Somebody not signed in", "127.0.0.1")
        assert uploaded.detail["file"] == "a.pdf"
        assert uploaded.detail["by_the_page_of"] == ["sam@example.org"]
        [accepted] = entries("documents.accepted")
        assert (accepted.email, accepted.detail["contract"]) == ("alice@example.org", "SC-1")
    assert "accepted" in app.test_client().get(url).text


def test_the_same_file_sent_twice_waits_once(app, client, ids, tmp_path):
    url = open_page(app, client, ids, "photo", "conditional_waiver")
    content = write_pdf(tmp_path / "a.pdf", ["x"]).read_bytes()
    for item in (0, 0, 1):
        assert send(app.test_client(), url, content, "a.pdf", item).status_code == 200
    with app.app_context():
        assert db.session.query(SubmittedFile).count() == 2


def test_its_mails_stand_in_the_audit_log(app, client, ids, smtp):
    assert client.post(page_of(ids), data=asking(ids, "photo")).status_code == 303
    with app.app_context():
        waiting_mail.send(db.session.query(WaitingMail.id).scalar())
        [sent] = entries("mail.sent")
        assert sent.detail["to"] == ["sam@example.org"]
        assert (sent.project_id, len(smtp.messages)) == (ids["project"], 1)


def test_a_refusal_needs_a_reason_that_the_company_reads(app, client, ids, tmp_path):
    url = open_page(app, client, ids, "photo")
    send(app.test_client(), url, write_pdf(tmp_path / "a.pdf", ["x"]).read_bytes(), "a.pdf")
    queue = f"/projects/{ids['project']}/uploads"
    assert client.post(f"{queue}/1/refuse", data={"reason": " "}).status_code == 422
    assert client.post(f"{queue}/1/refuse", data={"reason": "Too dark."}).status_code == 303
    assert "Too dark." in app.test_client().get(url).text
    with app.app_context():
        assert db.session.query(SubmittedFile).one().status == SubmissionStatus.REFUSED
        assert db.session.query(Attachment).count() == 0


def test_a_file_that_cannot_serve_is_refused_at_once(app, client, ids, tmp_path, monkeypatch):
    url = open_page(app, client, ids, "photo")
    stranger = app.test_client()
    locked = write_encrypted(tmp_path / "locked.pdf", user="secret").read_bytes()
    for content, name, sentence in (
        (locked, "locked.pdf", "locked.pdf” is locked with a password. Send a copy without"),
        (b"", "empty.pdf", "is empty"),
        (b"just text", "note.txt", "note.txt"),
    ):
        answer = send(stranger, url, content, name)
        assert (answer.status_code, sentence in answer.text) == (422, True)
    monkeypatch.setattr(submissions, "LARGEST", 3)
    assert "is larger than" in send(stranger, url, b"%PDF-1.7", "big.pdf").text
    for item in ("-1", "7", "x", "9" * 30):
        answer = stranger.post(url, data={"files": (BytesIO(b"x"), "a.pdf"), "item": item})
        assert answer.status_code == 422
    with app.app_context():
        assert db.session.query(SubmittedFile).count() == 0


def test_a_stranger_starts_no_libreoffice_and_leaves_nothing(app, client, ids, tmp_path):
    """What the page does not take anyway: a minute of converting each."""
    started, soffice = tmp_path / "started", tmp_path / "soffice"
    soffice.write_text(f"#!/bin/sh\ntouch {started}\n")
    soffice.chmod(0o700)
    app.config["SOFFICE"] = soffice
    url = open_page(app, client, ids, "photo")
    sheet = b"PK\3\4" + b"\0" * 26 + b"word/document.xml" + b"[Content_Types].xml" * 9
    for content in (sheet, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, b"{\\rtf1 hi}"):
        answer = send(app.test_client(), url, content, "note.docx")
        assert (answer.status_code, "not a PDF or a picture" in answer.text) == (422, True)
    assert not started.exists()
    with app.app_context():
        assert db.session.query(StoredFile).count() == 0


def test_a_link_takes_only_so_many(app, client, ids, tmp_path, monkeypatch):
    url = open_page(app, client, ids, "photo")
    content = write_pdf(tmp_path / "a.pdf", ["x"]).read_bytes()
    monkeypatch.setattr(submissions, "MOST_FILES", 1)
    other = write_pdf(tmp_path / "b.pdf", ["y"]).read_bytes()
    stranger = app.test_client()
    assert send(stranger, url, content, "a.pdf").status_code == 200
    assert "as many files as it may" in send(stranger, url, other, "b.pdf").text
    limit = submissions.Limit("upload by link", 2, timedelta(hours=1))
    monkeypatch.setattr(submissions, "BY_LINK", limit)
    assert send(stranger, url, content, "c.pdf").status_code == 429


def test_another_projects_upload_is_not_found(app, client, ids, tmp_path):
    url = open_page(app, client, ids, "photo")
    send(app.test_client(), url, write_pdf(tmp_path / "a.pdf", ["x"]).read_bytes(), "a.pdf")
    with app.app_context():
        other = make_project().id
        db.session.commit()
    assert client.post(f"/projects/{other}/uploads/1/accept").status_code == 404


def test_from_a_missing_document_to_a_backup_with_it(
    app, alice, ids, server, tab, worker, smtp, tmp_path
):
    path = write_pdf(tmp_path / "waiver.pdf", ["the waiver"])
    with app.app_context():
        db.session.query(RequiredDocument).filter_by(document_type="photo").delete()
        db.session.commit()
    tab.goto(server)
    tab.get_by_label("E-mail").fill("alice@example.org")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    tab.wait_for_url("**/projects**")
    tab.goto(f"{server}/projects/{ids['project']}/invoices/{ids['invoice']}")
    tab.get_by_role("link", name="Ask for what is missing").click()
    tab.wait_for_url("**/missing*")
    tab.get_by_role("button", name="Preview").click()
    tab.get_by_role("region", name="Preview of the e-mail").wait_for()
    assert_accessible(tab)
    tab.get_by_role("button", name="Send e-mail").click()
    tab.get_by_text("Asked before").wait_for()
    mail = wait_for(lambda: smtp.messages and smtp.messages[0], what="the mail")
    assert mail["To"] == "sam@example.org"
    link = re.search(r"http\S+/u/\S+", mail.get_body(("plain",)).get_content())[0]

    phone = tab.context.browser.new_context(viewport={"width": 390, "height": 844})
    stranger = phone.new_page()
    stranger.goto(link)
    assert_accessible(stranger)
    stranger.locator("[name=files]").set_input_files(path)
    stranger.get_by_role("button", name="Send").click()
    stranger.get_by_text("1 file received. Thank you.").wait_for()
    phone.close()

    tab.get_by_role("link", name="Invoicing").first.or_(
        tab.locator(".crumbs a").first
    ).first.click()
    tab.get_by_role("link", name="Uploads (1)").click()
    assert_accessible(tab)
    tab.get_by_role("button", name="Accept waiver.pdf").click()
    tab.get_by_text("Nothing waits").wait_for()
    with app.app_context():
        found = preflight.check(ids["project"], [ids["invoice"]], today=date(2026, 7, 30))
        assert not [f for f in found.findings if f.code.startswith("required_document")]
        backup = backups.request(ids["project"], [ids["invoice"]], alice, utcnow())
        manifest = backups.compile(backup.id).manifest
    assert manifest["entries"][-1]["name"] == "waiver.pdf"
    assert manifest["invoices"][0]["required"] == ["Conditional waiver present"]
