"""Every address, asked for by those who may not; walks the URL map, so no new route is missed."""

import pytest

from binder.recipe import Recipe
from models import (
    Access,
    Backup,
    DocumentRequest,
    DocumentType,
    MailDelivery,
    Project,
    Recipient,
    RequiredDocument,
    SubmittedFile,
    db,
    utcnow,
)
from services.backups.freezing import freeze
from services.delivery import links
from tests.conftest import join
from tests.factories import (
    make_attachment,
    make_change_order,
    make_contract,
    make_invoice,
    make_payment,
    make_period,
    make_project,
)

PUBLIC = {
    "uploads.show",
    "uploads.hand_in",
    "static",
    "account.accept",
    "account.ask_for_reset",
    "account.choose_password",
    "account.forgot_password",
    "account.invitation",
    "account.reset_password",
    "webhooks.docusign",
    "health.live",
    "health.ready",
    # A token of its own; without it the address does not exist.
    "metrics.show",
    "links.file",
    "links.show",
    "projects.home",
    "auth.setup",
    "auth.create_first",
    "auth.sign_in",
    "auth.start_session",
    "auth.sign_out",
    "auth.ask_code",
    "provider_sign_in.begin",
    "provider_sign_in.finish",
    "auth.check_code",
    "auth.show_link",
    "auth.use_link",
}
#: For everybody who is signed in.
OWN = {
    "auth.show_session",
    "api_tokens.index",
    "api_tokens.create",
    "api_tokens.revoke",
    "projects.index",
    "account.show",
    "account.choose_dictionary",
    "account.rename",
    "account.change_password",
    "account.end_session",
    "account.end_sessions",
    "two_factor.confirm",
    "two_factor.remove",
    "two_factor.renew_codes",
    "two_factor.show",
    "two_factor.start",
}
#: A POST for the length of what it asks about; it changes nothing.
ASKS_ONLY = {"invoicing.preflight", "invoicing.relist"}


@pytest.fixture
def rows(app, bob):
    """Ids of a project with one of everything, by the names that addresses have for them."""
    with app.app_context():
        project = make_project()
        contract, period = make_contract(project), make_period(project)
        invoice = make_invoice(contract, period=period)
        order, payment = make_change_order(contract), make_payment(contract)
        attachment = make_attachment(invoice, b"%PDF-1.7 not really")
        request = freeze(project, [], None, Recipe()).to_json()
        backup = Backup(project_id=project.id, number=1, request=request)
        rule = RequiredDocument(
            project_id=project.id, document_type="photo", requirement="invoice", strictness="warn"
        )
        own_type = DocumentType(project_id=project.id, code="bond", name="Bond")
        asked = DocumentRequest(contract_id=contract.id, items=[], recipients=[])
        db.session.add_all([backup, rule, own_type, asked])
        db.session.flush()
        submitted = SubmittedFile(
            request_id=asked.id, invoice_id=invoice.id, document_type="photo",
            sha256=attachment.sha256, name="x.pdf",
        )  # fmt: skip
        db.session.add(submitted)
        db.session.flush()
        ids = {
            "project_id": project.id,
            "contract_id": contract.id,
            "period_id": period.id,
            "invoice_id": invoice.id,
            "attachment_id": attachment.id,
            "order_id": order.id,
            "payment_id": payment.id,
            "backup_id": backup.id,
            "name": "mail.eml",
            "user_id": bob,
            "job_id": 1,
            "kind": "csv",
            "recipient_id": _add(Recipient(project_id=project.id, email="x@example.org")),
            "link_id": links.make(backup, utcnow()).id,
            "mail_id": _add(
                MailDelivery(
                    project_id=project.id, backup_id=backup.id, kind="ready",
                    email="y@example.org", name="Y", state="failed",
                )
            ),
            "rule_id": rule.id,
            "type_id": own_type.id,
            "request_id": asked.id,
            "submitted_id": submitted.id,
        }  # fmt: skip
        db.session.commit()
        return ids


def _add(row):
    db.session.add(row)
    db.session.flush()
    return row.id


def routes(app, *, below_a_project=False):
    """(endpoint, method, rule) of every route of ours."""
    found = [
        (rule.endpoint, method, rule)
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
        if rule.endpoint not in PUBLIC and not rule.endpoint.startswith("api-")
        if not below_a_project or "project_id" in rule.arguments
    ]
    assert len(found) > 10
    return found


def ask(browser, rule, method, ids):
    _, path = rule.build({name: ids.get(name, 1) for name in rule.arguments})
    return browser.open(path, method=method, buffered=True)


def test_who_is_not_signed_in_is_sent_to_sign_in(app, alice, rows):
    browser = app.test_client()
    for endpoint, method, rule in routes(app):
        answer = ask(browser, rule, method, rows)
        assert (endpoint, method, answer.status_code) == (endpoint, method, 303)
        assert answer.location.startswith("/sign-in"), endpoint


def test_a_stranger_finds_nothing_below_a_project(app, stranger, rows):
    for endpoint, method, rule in routes(app, below_a_project=True):
        answer = ask(stranger, rule, method, rows)
        assert (endpoint, method, answer.status_code) == (endpoint, method, 404)


def test_what_administrators_do_does_not_exist_for_others(app, stranger, rows):
    for endpoint, method, rule in routes(app):
        if "project_id" not in rule.arguments and endpoint not in OWN:
            answer = ask(stranger, rule, method, rows)
            assert (endpoint, method, answer.status_code) == (endpoint, method, 404)


def test_a_member_who_may_only_read_changes_nothing(app, member, bob, rows):
    with app.app_context():
        join(bob, db.session.get_one(Project, rows["project_id"]), Access.READ_ONLY)
        db.session.commit()
    posts = [
        (endpoint, rule)
        for endpoint, method, rule in routes(app, below_a_project=True)
        if method == "POST" and endpoint not in ASKS_ONLY
    ]
    assert len(posts) > 10
    for endpoint, rule in posts:
        answer = ask(member, rule, "POST", rows)
        assert (endpoint, answer.status_code) == (endpoint, 403)


def test_the_rows_of_another_project_are_not_found_in_this_one(app, client, rows):
    with app.app_context():
        other = make_project().id
        db.session.commit()
    for endpoint, method, rule in routes(app, below_a_project=True):
        # A kind of file is no row.
        if rule.arguments - {"kind"} != {"project_id"}:
            answer = ask(client, rule, method, rows | {"project_id": other})
            assert (endpoint, method, answer.status_code) == (endpoint, method, 404)


def test_a_number_that_no_row_can_have_is_not_found(app, client, rows):
    for endpoint, method, rule in routes(app, below_a_project=True):
        for name in rule.arguments:
            answer = ask(client, rule, method, rows | {name: 10**23})
            assert (endpoint, name, answer.status_code) == (endpoint, name, 404)


def test_a_page_that_no_list_can_have_is_empty(client, rows):
    for name in ("invoicing", "backups"):
        answer = client.get(f"/projects/{rows['project_id']}/{name}?page={10**23}")
        assert answer.status_code == 200
