"""The double answers DocuSign's own package as DocuSign does, so what it tells us counts."""

import base64

import pytest
from docusign_esign import (
    ApiClient,
    Document,
    EnvelopeDefinition,
    EnvelopeIdsRequest,
    EnvelopesApi,
    Recipients,
    Signer,
    SignHere,
    Tabs,
)
from docusign_esign.client.api_exception import ApiException

from tests.docusign_double import ACCOUNT, KEY, USER, DocuSignDouble, new_key
from tests.pdfs import write_pdf


@pytest.fixture(scope="module")
def double():
    with DocuSignDouble(new_key(), with_tls=True) as double:
        yield double


@pytest.fixture
def envelopes(double, tmp_path):
    """The official package, signed in by JWT."""
    trusted = tmp_path / "ca.pem"
    trusted.write_text(double.certificate)
    client = ApiClient(oauth_host_name=double.host)
    client.rest_client.pool_manager.connection_pool_kw["ca_certs"] = str(trusted)
    token = client.request_jwt_user_token(
        KEY, USER, double.host, double.private_key.encode(), 3600, ["signature", "impersonation"]
    )
    assert token.access_token in double.tokens
    info = client.get_user_info(token.access_token)
    (account,) = info.get_accounts()
    assert account.account_id == ACCOUNT
    client.host = f"{account.base_uri}/restapi"
    client.set_default_header("Authorization", f"Bearer {token.access_token}")
    return EnvelopesApi(client)


def wanted(pdf, anchor="Sign here", transaction="t-1"):
    return EnvelopeDefinition(
        status="created",
        transaction_id=transaction,
        email_subject="Please sign",
        documents=[
            Document(
                document_id="1",
                name="invoice.pdf",
                file_extension="pdf",
                document_base64=base64.b64encode(pdf).decode(),
            )
        ],
        recipients=Recipients(
            signers=[
                Signer(
                    recipient_id="1",
                    name="Sam Stone",
                    email="sam@example.com",
                    tabs=Tabs(sign_here_tabs=[SignHere(anchor_string=anchor)]),
                )
            ]
        ),
    )


def test_the_official_package_sends_follows_and_fetches_an_envelope(double, envelopes, tmp_path):
    pdf = write_pdf(tmp_path / "invoice.pdf", ["Sign here"]).read_bytes()
    made = envelopes.create_envelope(ACCOUNT, envelope_definition=wanted(pdf))
    assert made.status == "created"
    found = envelopes.list_status_changes(ACCOUNT, transaction_ids="t-1")
    assert [each.envelope_id for each in found.envelopes] == [made.envelope_id]

    envelopes.update(ACCOUNT, made.envelope_id, envelope={"status": "sent"})
    double.sign(double.envelopes[made.envelope_id])
    states = envelopes.list_status(
        ACCOUNT,
        envelope_ids="request_body",
        envelope_ids_request=EnvelopeIdsRequest(envelope_ids=[made.envelope_id, "unknown"]),
    )
    assert [each.status for each in states.envelopes] == ["completed"]
    whole = envelopes.get_envelope(ACCOUNT, made.envelope_id, include="recipients")
    assert whole.recipients.signers[0].name == "Sam Stone"
    assert whole.recipients.signers[0].signed_date_time


def test_it_refuses_what_docusign_refuses(double, envelopes, tmp_path):
    pdf = write_pdf(tmp_path / "invoice.pdf", ["Nothing to find"]).read_bytes()
    with pytest.raises(ApiException) as refused:
        envelopes.create_envelope(ACCOUNT, envelope_definition=wanted(pdf, transaction="t-2"))
    assert b"ANCHOR_TAB_STRING_NOT_FOUND" in refused.value.body
    with pytest.raises(ApiException) as unknown:
        envelopes.get_envelope(ACCOUNT, "no-such-envelope")
    assert unknown.value.status == 404
