"""Signatures in the browser and over the wire: the card, the settings, DocuSign's calls."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect
from pypdf import PdfReader

from jobs.signing import check_envelopes
from models import (
    Backup,
    InvoiceContact,
    InvoiceStatus,
    Project,
    Signature,
    SignatureStatus,
    db,
    utcnow,
)
from services import sheets, storage
from services.signing import accounts, asking
from tests.axe import assert_accessible
from tests.conftest import PASSWORD, wait_for
from tests.docusign_double import (
    ACCOUNT,
    KEY,
    USER,
    DocuSignDouble,
    Envelope,
    connect_headers,
    new_key,
)
from tests.factories import (
    make_contract,
    make_invoice,
    make_invoice_line,
    make_line,
    make_period,
    make_project,
)
from tests.test_signing import PRIVATE_KEY, entered

SECRETS = ["first-connect-secret", "second-connect-secret"]


@pytest.fixture
def docusign():
    with DocuSignDouble(PRIVATE_KEY) as double:
        yield double


@pytest.fixture
def invoice(app, docusign):
    """(project, invoice) ids of an approved invoice with a contact; the account is set up."""
    with app.app_context():
        accounts.save(entered(docusign))
        for secret in SECRETS:
            accounts.add_connect_key("", secret)
        contract = make_contract(make_project(name="Harbor Point"), number="SC-7")
        db.session.add(InvoiceContact(contract_id=contract.id, name="Sam Stone", email="sam@x.org"))
        invoice = make_invoice(
            contract,
            period=make_period(contract.project, is_open=True),
            status=InvoiceStatus.APPROVED,
            number="A-1",
        )
        make_invoice_line(invoice, make_line(contract, item="1"), work_this_period=1_000_00)
        sheets.recalculate([contract.id])
        db.session.commit()
        return contract.project_id, invoice.id


@pytest.fixture
def pending(app, invoice):
    """An envelope of the invoice that DocuSign calls about; not known to any server."""
    with app.app_context():
        row = Signature(
            invoice_id=invoice[1],
            status=SignatureStatus.PENDING,
            provider="docusign",
            envelope_id="e-1",
            transaction_id="t-1",
            provider_status="sent",
            next_check=utcnow(),
        )
        db.session.add(row)
        db.session.commit()
    return Envelope("e-1", "t-1", b"", "", {}, {}, status="completed")


def message(envelope="e-1", event="completed"):
    return json.dumps(
        {"event": f"envelope-{event}", "data": {"envelopeId": envelope, "envelopeSummary": {}}}
    ).encode()


def call(app, body, headers):
    return app.test_client().post("/webhooks/docusign", data=body, headers=headers)


def state(app):
    with app.app_context():
        return db.session.scalar(sa.select(Signature.provider_status))


@pytest.mark.parametrize("secrets", [SECRETS[:1], SECRETS[1:], ["unknown", SECRETS[1]]])
def test_a_call_signed_with_any_of_our_keys_is_heard(app, pending, secrets):
    body = message()
    assert call(app, body, connect_headers(body, secrets)).status_code == 204
    assert state(app) == "completed"


def test_a_forged_call_changes_nothing(app, pending):
    body = message()
    genuine = connect_headers(body, SECRETS)
    for headers in (
        {},
        connect_headers(body, ["another-secret"]),
        connect_headers(message(event="voided"), SECRETS),
        {"X-DocuSign-Signature-1": "é" * 44},
        {"X-DocuSign-Signature-101": genuine["X-DocuSign-Signature-1"]},
    ):
        assert call(app, body, headers).status_code == 401
    assert state(app) == "sent"


def test_a_call_twice_and_out_of_order_leaves_the_later_state(app, pending):
    for event in ("completed", "completed", "sent", "delivered"):
        body = message(event=event)
        assert call(app, body, connect_headers(body, SECRETS)).status_code == 204
    assert state(app) == "completed"


@pytest.mark.parametrize(
    "body",
    [
        message(envelope="unknown"),
        message(event="no-such-event"),
        b"<xml/>",
        b"[1, 2]",
        b'{"event": 7, "data": {"envelopeId": "e-1"}}',
        b'{"event": "envelope-completed", "data": "e-1"}',
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"event": "envelope-completed", "data": {"envelopeId": "\\ud800"}}',
    ],
)
def test_a_genuine_call_about_nothing_of_ours_is_answered_like_any_other(app, pending, body):
    answer = call(app, body, connect_headers(body, SECRETS))
    assert (answer.status_code, answer.data) == (204, b"")
    assert state(app) == "sent"


def test_a_call_of_more_than_two_megabytes_is_not_read(app, pending):
    body = b" " * (2 * 1024 * 1024 + 1)
    assert call(app, body, connect_headers(body, SECRETS)).status_code == 413


def test_without_keys_no_call_is_believed(app, pending, docusign):
    with app.app_context():
        for key in accounts.connect_keys():
            accounts.remove_connect_key(key.id)
    body = message()
    assert call(app, body, connect_headers(body, ["", *SECRETS])).status_code == 401


def test_the_settings_never_show_a_secret_again(app, client, invoice):
    page = client.get("/settings/signing").text
    assert KEY in page
    assert "PRIVATE KEY-----\n" not in page
    assert not any(secret in page for secret in SECRETS)
    answer = client.post(
        "/settings/signing", data={"environment": "demo", "integration_key": "nonsense"}
    )
    assert answer.status_code == 422
    assert "The integration key is a number like" in answer.text


def test_the_test_says_in_one_sentence_what_is_wrong(app, client, docusign, invoice):
    def tested():
        answer = client.post("/settings/signing/test")
        return answer.status_code, answer.text

    assert "signed in to the account “Harbor Builders”" in tested()[1]
    docusign.has_consent = False
    status, page = tested()
    assert status == 422
    assert "Consent required" in page
    link = re.search(r'href="([^"]*/oauth/auth[^"]*)"', page)[1].replace("&amp;", "&")
    asked = parse_qs(urlsplit(link).query)
    assert asked["client_id"] == [KEY]
    assert asked["redirect_uri"] == [f"{app.config['BASE_URL']}/settings/signing"]
    docusign.has_consent = True
    for values, sentence in (
        ({"integration_key": USER}, "does not know this integration key"),
        ({"user_id": KEY}, "does not know this user id"),
        ({"account_id": USER}, "The user has no access to the account"),
        ({"private_key": new_key()}, "does not belong to this integration key"),
        ({"base_url": "http://127.0.0.1:9"}, "could not be reached"),
    ):
        with app.app_context():
            accounts.save(entered(docusign, **values))
        status, page = tested()
        assert (status, sentence in page) == (422, True), sentence
    docusign.is_down = True
    with app.app_context():
        accounts.save(entered(docusign))
    assert "status 503" in tested()[1]


def test_many_are_asked_for_from_the_list_or_none(app, client, docusign, invoice):
    project_id, first = invoice
    with app.app_context():
        project = db.session.get_one(Project, project_id)
        other = make_invoice(make_contract(project, number="SC-8"), status="approved").id
        db.session.commit()
    url = f"/projects/{project_id}/invoicing/signatures"
    answer = client.post(url, data={"invoice": [first, other]})
    assert answer.status_code == 422
    assert "Not sent: invoice 1 of SC-8: its contract has no invoice contact." in answer.text
    answer = client.post(url, data={"invoice": [first]}, headers={"HX-Request": "true"})
    assert "1 invoice is on the way to DocuSign." in answer.text
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Signature.id))) == 1


def test_after_each_tick_the_button_says_why_the_selection_cannot_be_sent(app, client, invoice):
    project_id, first = invoice
    with app.app_context():
        project = db.session.get_one(Project, project_id)
        contracts = [make_contract(project, number=number) for number in ("SC-8", "SC-9", "SC-10")]
        others = [make_invoice(each, status="approved").id for each in contracts]
        db.session.commit()
    url = f"/projects/{project_id}/invoicing/preflight"
    script = {"HX-Request": "true"}
    why = "Cannot be sent: invoice 1 of SC-8, and 2 more: its contract has no invoice contact."

    def button(answer):
        assert answer.status_code == 200
        return re.search(r"<button[^>]*send-to-sign[^>]*>", answer.text)[0]

    refused = client.post(url, data={"invoice": [first, *others]}, headers=script)
    assert why in refused.text
    assert " disabled" in button(refused)
    assert 'id="to-sign" hx-swap-oob="true"' in refused.text
    good = client.post(url, data={"invoice": [first]}, headers=script)
    assert " disabled" not in button(good)
    assert "why-no-signing" not in good.text
    # Without a script nobody could take the grey away by ticking others.
    plain = client.post(url, data={"invoice": [first, *others]})
    assert why in plain.text
    assert " disabled" not in button(plain)


def test_who_declined_and_why_stands_on_the_card(app, client, pending, invoice):
    call = {
        "event": "envelope-declined",
        "data": {"envelopeId": "e-1", "envelopeSummary": {"voidedReason": "Not \ud800 mine"}},
    }
    body = json.dumps(call).encode()
    headers = connect_headers(body, SECRETS[:1])
    assert client.post("/webhooks/docusign", data=body, headers=headers).status_code == 204
    project_id, invoice_id = invoice
    shown = client.get(f"/projects/{project_id}/invoices/{invoice_id}").text
    assert "declined to sign: “Not ? mine”" in shown


def test_the_card_asks_on_between_the_making_of_an_envelope_and_its_sending(
    app, client, pending, invoice
):
    page = "/projects/{}/invoices/{}".format(*invoice)
    assert "is being looked after" not in client.get(page).text
    with app.app_context():
        row = db.session.scalars(sa.select(Signature)).one()
        row.status, row.provider_status = SignatureStatus.SETUP_NOT_COMPLETED, ""
        db.session.commit()

    assert "is being looked after" in client.get(page).text


def test_what_no_queue_took_is_sent_by_the_chore(app, docusign, invoice, alice):
    with app.app_context():
        asking.ask([invoice[1]], user_id=alice)
        check_envelopes()
        assert docusign.only().status == "sent"
        check_envelopes()
        assert len(docusign.envelopes) == 1


def test_sent_signed_called_about_and_compiled_in_the_browser(
    app, alice, invoice, docusign, server, worker, smtp, tab, tmp_path
):
    project_id, invoice_id = invoice
    tab.goto(server)
    tab.get_by_label("E-mail address").fill("alice@example.org")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    tab.wait_for_url(re.compile("/projects"))
    tab.goto(f"{server}/projects/{project_id}/invoices/{invoice_id}")
    card = tab.locator("#signed-copy")
    expect(card).to_contain_text("To Sam Stone (sam@x.org).")
    card.get_by_role("button", name="Send to DocuSign").click()
    expect(card).to_contain_text("Signature pending", timeout=60_000)
    assert_accessible(tab)

    docusign.sign(docusign.only())
    answer = docusign.call_back(f"{server}/webhooks/docusign", docusign.only(), SECRETS[1:])
    assert answer.status_code == 204

    def is_here():
        with app.app_context():
            return db.session.scalar(sa.select(Signature.status)) == SignatureStatus.COMPLETED

    wait_for(is_here, what="the signed document")
    tab.reload()
    expect(card).to_contain_text("Signed by Sam Stone")
    expect(card).to_contain_text(docusign.only().id)
    expect(card.get_by_role("link", name="Certificate")).to_be_visible()
    assert_accessible(tab)

    tab.goto(f"{server}/projects/{project_id}/invoicing")
    tab.get_by_label("Select invoice A-1 of SC-7").check()
    tab.get_by_role("button", name="Compile Invoice Backups").click()
    expect(tab.get_by_role("link", name=re.compile("Download")).first).to_be_visible(timeout=60_000)
    with app.app_context():
        backup = db.session.scalars(sa.select(Backup)).one()
        path = storage.backups() / backup.file_name
        path = path if path.exists() else next(storage.backups().rglob("*.pdf"))
        reader = PdfReader(path)
    text = "\n".join(page.extract_text() for page in reader.pages)
    assert "Signed by Sam Stone" in text
    assert docusign.only().id in text.replace("\n", "")
    assert "/dp-signature/" in text
    assert ACCOUNT not in text
