"""From asking for a signature to the checked signed copy, against the double of DocuSign."""

import io
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from models import (
    InvoiceContact,
    InvoiceStatus,
    Signature,
    SignatureStatus,
    SigningAccount,
    db,
)
from services import preflight, sheets, signatures, storage
from services.signing import accounts, asking, completing, hearing, sending, voiding
from services.signing.accounts import Entered, SettingsRefused
from services.signing.asking import SendingRefused
from services.signing.provider import Report, SigningFailed
from services.signing.voiding import VoidRefused
from tests.conftest import make_user
from tests.docusign_double import ACCOUNT, KEY, USER, DocuSignDouble, new_key
from tests.factories import (
    make_contract,
    make_invoice,
    make_invoice_line,
    make_line,
    make_period,
    make_project,
)

NOW = datetime(2026, 8, 31, 12, tzinfo=UTC)
PRIVATE_KEY = new_key()


@pytest.fixture
def docusign():
    with DocuSignDouble(PRIVATE_KEY) as double:
        yield double


def entered(double, **values):
    known = {
        "base_url": double.url,
        "integration_key": KEY,
        "user_id": USER,
        "account_id": ACCOUNT,
        "private_key": PRIVATE_KEY,
    }
    return Entered(**{**known, **values})


@pytest.fixture
def invoice(app, context, docusign):
    """An approved invoice of SC-7 with a contact, and the account to send it with."""
    accounts.save(entered(docusign))
    contract = make_contract(make_project(), number="SC-7")
    db.session.add(InvoiceContact(contract_id=contract.id, name="Sam Stone", email="sam@x.org"))
    invoice = make_invoice(
        contract, period=make_period(contract.project), status=InvoiceStatus.APPROVED, number="A-1"
    )
    make_invoice_line(invoice, make_line(contract, item="1"), work_this_period=1_000_00)
    sheets.recalculate([contract.id])
    db.session.commit()
    return invoice


@pytest.fixture
def alice_id(app, context):
    return make_user(app, "alice@example.org", "Alice Adams", is_administrator=True)


def asked(invoice, user_id):
    (row,) = asking.ask([invoice.id], user_id=user_id)
    return row


def sent(invoice, user_id):
    row = asked(invoice, user_id)
    sending.send(row, NOW)
    return row


def row_of(signature_id):
    return db.session.get_one(Signature, signature_id, populate_existing=True)


def test_an_invoice_is_sent_signed_and_comes_back_as_its_signed_copy(invoice, docusign, alice_id):
    row = sent(invoice, alice_id)
    envelope = docusign.only()
    assert envelope.status == "sent"
    assert envelope.subject == "Please sign: Invoice SC-7 - A-1, Harbor Point"
    assert row_of(row).status == SignatureStatus.PENDING
    assert storage.original(row_of(row).sent_sha256).read_bytes() == envelope.document

    docusign.sign(envelope)
    later = NOW + sending.FIRST_CHECK
    assert hearing.ask_about(hearing.due(later), later) == [row]
    assert row_of(row).status == SignatureStatus.PENDING
    assert completing.fetch(row, later)

    signature = signatures.of_invoice(invoice.id)
    assert signature.status == SignatureStatus.COMPLETED
    assert storage.original(signature.sha256).read_bytes() == envelope.signed
    assert storage.original(signature.certificate_sha256).exists()
    assert signature.signer_name == "Sam Stone"
    assert signature.signed_at is not None
    assert not completing.waiting(later + timedelta(days=1))


def test_the_tabs_stand_on_words_that_only_the_sent_drawing_has(invoice, docusign, alice_id):
    sent(invoice, alice_id)
    tabs = docusign.only().signer["tabs"]
    assert {kind: tab["anchorString"] for kind, (tab,) in tabs.items()} == {
        "signHereTabs": "/dp-signature/",
        "fullNameTabs": "/dp-name/",
        "titleTabs": "/dp-title/",
        "dateSignedTabs": "/dp-date/",
    }
    text = PdfReader(io.BytesIO(docusign.only().document)).pages[0].extract_text()
    assert all(text.count(tab["anchorString"]) == 1 for (tab,) in tabs.values())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda i: setattr(i, "status", InvoiceStatus.DRAFT), "only Approved"),
        (lambda _: db.session.execute(sa.delete(InvoiceContact)), "no invoice contact"),
        (lambda _: db.session.execute(sa.delete(SigningAccount)), "no signing service"),
    ],
)
def test_what_cannot_be_sent_says_why(invoice, alice_id, change, reason):
    change(invoice)
    db.session.commit()
    with pytest.raises(SendingRefused, match=reason):
        asking.ask([invoice.id], user_id=alice_id)
    assert db.session.scalar(sa.select(sa.func.count(Signature.id))) == 0


def test_one_envelope_at_a_time_for_an_invoice(invoice, docusign, alice_id):
    sent(invoice, alice_id)
    with pytest.raises(SendingRefused, match="waits for a signature already"):
        asking.ask([invoice.id], user_id=alice_id)
    assert len(docusign.envelopes) == 1


def test_a_lost_answer_makes_no_second_envelope(invoice, docusign, alice_id):
    row = asked(invoice, alice_id)
    docusign.loses_answers = True
    with pytest.raises(SigningFailed, match="could not be reached"):
        sending.send(row, NOW)
    assert row_of(row).status == SignatureStatus.SETUP_NOT_COMPLETED
    assert row_of(row).envelope_id is None

    docusign.loses_answers = False
    sending.send(row, row_of(row).next_check)
    assert row_of(row).envelope_id == docusign.only().id
    assert docusign.only().status == "sent"
    assert row_of(row).problem == ""


def test_a_second_worker_does_not_send_what_the_first_one_has(invoice, docusign, alice_id):
    row = asked(invoice, alice_id)
    assert sending._claim(row, NOW)
    db.session.commit()
    sending.send(row, NOW + timedelta(minutes=1))
    assert docusign.envelopes == {}
    # The first one died: its claim runs out.
    sending.send(row, NOW + sending.LEASE)
    assert docusign.only().status == "sent"


def test_an_hour_without_docusign_is_bridged_by_rarer_and_rarer_tries(invoice, docusign, alice_id):
    row = asked(invoice, alice_id)
    docusign.is_down = True
    now, end, tries = NOW, NOW + timedelta(hours=1), 0
    while now < end:
        with pytest.raises(SigningFailed):
            sending.send(row, now)
        tries += 1
        now = row_of(row).next_check
    assert tries <= 7
    assert "DocuSign (127.0.0.1" in row_of(row).problem
    docusign.is_down = False
    sending.send(row, now)
    assert docusign.only().status == "sent"


def test_news_late_double_or_unknown_never_undoes_an_end(invoice, docusign, alice_id):
    row = sent(invoice, alice_id)
    envelope = docusign.only()
    docusign.sign(envelope)
    assert hearing.heard(Report(envelope.id, "completed"), NOW) == row
    db.session.commit()
    assert completing.fetch(row, NOW)
    for late in ("sent", "delivered", "completed", "voided", "declined", "correct", "nonsense"):
        assert hearing.heard(Report(envelope.id, late), NOW) is None
    assert hearing.heard(Report("unknown", "completed"), NOW) is None
    db.session.commit()
    assert row_of(row).status == SignatureStatus.COMPLETED


def test_news_before_completion_only_goes_forward(invoice, docusign, alice_id):
    row = sent(invoice, alice_id)
    envelope = docusign.only()
    assert hearing.heard(Report(envelope.id, "delivered"), NOW) == row
    assert hearing.heard(Report(envelope.id, "sent"), NOW) is None
    db.session.commit()
    assert row_of(row).provider_status == "delivered"


def test_a_declined_envelope_says_why_and_makes_room_for_another(invoice, docusign, alice_id):
    row = sent(invoice, alice_id)
    docusign.decline(docusign.only(), "The retainage is wrong.")
    later = NOW + timedelta(hours=1)
    hearing.ask_about(hearing.due(later), later)
    assert row_of(row).status == SignatureStatus.DECLINED
    assert row_of(row).reason == "The retainage is wrong."
    assert asked(invoice, alice_id) != row


@pytest.mark.parametrize(
    ("handed", "problem"),
    [
        ("truncated", "arrived damaged|cannot be read"),
        ("unsigned", "bears no digital signature"),
        ("short", "pages, and"),
    ],
)
def test_a_wrong_document_does_not_count_and_is_fetched_again(
    invoice, docusign, alice_id, handed, problem
):
    row = sent(invoice, alice_id)
    docusign.sign(docusign.only())
    hearing.heard(Report(docusign.only().id, "completed"), NOW)
    db.session.commit()
    docusign.hands_over = handed
    with pytest.raises(SigningFailed, match=problem):
        completing.fetch(row, NOW)
    assert row_of(row).status == SignatureStatus.PENDING
    assert "does not count" in row_of(row).problem

    docusign.hands_over = ""
    assert completing.fetch(row, row_of(row).next_check)
    assert row_of(row).problem == ""


def test_one_call_asks_about_many_envelopes_and_never_within_fifteen_minutes(
    invoice, docusign, alice_id
):
    project = invoice.contract.project
    rows = [sent(invoice, alice_id)]
    for number in ("SC-8", "SC-9"):
        contract = make_contract(project, number=number)
        db.session.add(InvoiceContact(contract_id=contract.id, name="N", email="n@x.org"))
        other = make_invoice(contract, status=InvoiceStatus.APPROVED)
        db.session.commit()
        rows.append(sent(other, alice_id))
    assert hearing.due(NOW + timedelta(minutes=14)) == []
    docusign.calls.clear()
    later = NOW + timedelta(minutes=15)
    assert sorted(hearing.due(later)) == sorted(rows)
    hearing.ask_about(hearing.due(later), later)
    asked_for = [call for call in docusign.calls if "envelopes" in call]
    assert asked_for == [f"PUT /restapi/v2.1/accounts/{ACCOUNT}/envelopes/status"]
    assert hearing.due(later + timedelta(minutes=14)) == []


def test_a_used_up_limit_is_waited_for(invoice, docusign, alice_id):
    row = asked(invoice, alice_id)
    docusign.calls_left = 0
    now = datetime.now(UTC)
    with pytest.raises(SigningFailed, match="maximum number of hourly calls"):
        sending.send(row, now)
    wait = row_of(row).next_check - now
    assert timedelta(minutes=8) < wait < timedelta(minutes=12)


def test_a_person_may_refresh_once_in_five_minutes(invoice, docusign, alice_id):
    row = sent(invoice, alice_id)
    assert hearing.want_refresh(row, NOW)
    assert not hearing.want_refresh(row, NOW + timedelta(minutes=4))
    assert hearing.due(NOW) == [row]
    assert hearing.want_refresh(row, NOW + timedelta(minutes=5))


def test_voiding_takes_the_envelope_back_with_its_reason(invoice, docusign, alice_id):
    row = sent(invoice, alice_id)
    with pytest.raises(VoidRefused, match="Say why"):
        voiding.want(row, "  ")
    voiding.want(row, "Wrong amount")
    assert voiding.wanted() == [row]
    voiding.void(row)
    assert docusign.only().status == "voided"
    assert docusign.only().reason == "Wrong amount"
    assert row_of(row).status == SignatureStatus.VOIDED
    assert voiding.wanted() == []
    with pytest.raises(VoidRefused, match="not under way"):
        voiding.want(row, "Again")
    assert asked(invoice, alice_id) != row


def test_what_never_left_is_voided_at_once(invoice, docusign, alice_id):
    row = asked(invoice, alice_id)
    voiding.want(row, "A mistake")
    assert row_of(row).status == SignatureStatus.VOIDED
    sending.send(row, NOW)
    assert docusign.envelopes == {}


def test_a_changed_invoice_makes_its_signed_copy_outdated(invoice, docusign, alice_id):
    row = sent(invoice, alice_id)
    docusign.sign(docusign.only())
    hearing.heard(Report(docusign.only().id, "completed"), NOW)
    db.session.commit()
    completing.fetch(row, NOW)
    invoice.status = InvoiceStatus.APPROVED_AS_NOTED
    db.session.commit()
    assert signatures.outdated([invoice.id]) == set()

    (line,) = invoice.lines
    line.work_this_period += 1
    sheets.recalculate([invoice.contract_id])
    db.session.commit()
    assert signatures.outdated([invoice.id]) == {invoice.id}
    found = preflight.check(invoice.contract.project_id, [invoice.id], None)
    assert "signature_outdated" in {finding.code for finding in found.warnings}


def test_secrets_are_sealed_in_the_database_and_absent_from_representations(invoice, docusign):
    accounts.add_connect_key("first", "connect-secret")
    with db.engine.connect() as connection:
        rows = [
            row
            for name in ("connect_key", "signing_account")
            for row in connection.exec_driver_sql(f"SELECT * FROM {name}")
        ]
    dump = str(rows)
    assert "first" in dump
    assert "PRIVATE KEY" not in dump
    assert "connect-secret" not in dump
    assert accounts.connect_secrets() == ["connect-secret"]
    assert "PRIVATE KEY" not in repr(entered(docusign))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"base_url": "http://account.docusign.com"}, "base_url"),
        ({"base_url": "https://account.docusign.com/oauth"}, "base_url"),
        ({"base_url": "file:///etc/passwd"}, "base_url"),
        ({"integration_key": "no\r\nheader"}, "integration_key"),
        ({"user_id": "../../x"}, "user_id"),
        ({"account_id": ""}, "account_id"),
        ({"private_key": "-----BEGIN RSA PRIVATE KEY-----\nnonsense"}, "private_key"),
    ],
)
def test_settings_that_cannot_work_are_refused(context, docusign, values, field):
    with pytest.raises(SettingsRefused) as refused:
        accounts.save(entered(docusign, **values))
    assert refused.value.field == field
    assert not accounts.is_set_up()
