"""Who may do what: the table of docs/domain.md 24, and every address and page against it."""

import re
from contextlib import suppress
from itertools import product

import pytest
from werkzeug.exceptions import MethodNotAllowed

from models import Access, InvoiceStatus, Project, db
from services.permissions import ON_OPEN_INVOICES, Action, allowed, allowed_on_invoice
from tests.conftest import join
from tests.factories import make_attachment, make_contract, make_invoice, make_period, make_project
from tests.test_access import ask, routes, rows  # noqa: F401 - a fixture

#: What each action takes, as the field has it; a second source beside the product's own table.
MATRIX = """
                    read_only  standard  admin
view                yes        yes       yes
export              yes        yes       yes
enter_invoice       no         open      yes
attach_files        no         open      yes
submit_invoice      no         open      yes
comment             no         yes       yes
release_retainage   no         open      yes
create_invoice      no         no        yes
review_invoice      no         no        yes
set_retainage       no         no        yes
delete_invoice      no         no        yes
sign_invoice        no         no        yes
change_statuses     no         no        yes
compile_backups     no         no        yes
create_periods      no         no        yes
edit_periods        no         no        yes
manage_periods      no         no        yes
edit_contracts      no         no        yes
issue_payments      no         no        yes
keep_private        no         no        yes
configure           no         no        yes
manage_members      no         no        yes
"""
#: The action behind each address below a project. A new route needs its line here.
RULES = {
    "attachment_types.change": Action.ATTACH_FILES,
    "attachment_types.confirm": Action.ATTACH_FILES,
    "attachment_types.guess": Action.ATTACH_FILES,
    "attachments.create": Action.ATTACH_FILES,
    "attachments.index": Action.VIEW,
    "attachments.leave_out": Action.ATTACH_FILES,
    "attachments.move": Action.ATTACH_FILES,
    "attachments.put_back": Action.ATTACH_FILES,
    "attachments.remove": Action.ATTACH_FILES,
    "attachments.show": Action.VIEW,
    "attachments.thumbnail": Action.VIEW,
    "backups.addendum": Action.COMPILE_BACKUPS,
    "audit_log.of_project": Action.CONFIGURE,
    "audit_log.of_project_as_csv": Action.CONFIGURE,
    "backups.cancel": Action.COMPILE_BACKUPS,
    "backups.compare": Action.VIEW,
    "backups.confirm_delete": Action.COMPILE_BACKUPS,
    "backups.create": Action.COMPILE_BACKUPS,
    "backups.delete": Action.COMPILE_BACKUPS,
    "backups.file": Action.VIEW,
    "backups.hold": Action.COMPILE_BACKUPS,
    "backups.index": Action.VIEW,
    "backups.manifest": Action.VIEW,
    "backups.originals": Action.VIEW,
    "backups.run_again": Action.COMPILE_BACKUPS,
    "backups.show": Action.VIEW,
    "billing_periods.close": Action.MANAGE_PERIODS,
    "billing_periods.create": Action.CREATE_PERIODS,
    "billing_periods.delete": Action.MANAGE_PERIODS,
    "billing_periods.index": Action.VIEW,
    "billing_periods.open": Action.MANAGE_PERIODS,
    "billing_periods.set_up": Action.CREATE_PERIODS,
    "billing_periods.update": Action.EDIT_PERIODS,
    "change_orders.create": Action.EDIT_CONTRACTS,
    "change_orders.delete": Action.EDIT_CONTRACTS,
    "change_orders.edit": Action.EDIT_CONTRACTS,
    "change_orders.new": Action.EDIT_CONTRACTS,
    "change_orders.update": Action.EDIT_CONTRACTS,
    "contracts.change_status": Action.EDIT_CONTRACTS,
    "contracts.create": Action.EDIT_CONTRACTS,
    "contracts.delete": Action.EDIT_CONTRACTS,
    "contracts.edit": Action.EDIT_CONTRACTS,
    "contracts.index": Action.VIEW,
    "contracts.new": Action.EDIT_CONTRACTS,
    "contracts.show": Action.VIEW,
    "deliveries.again": Action.COMPILE_BACKUPS,
    "deliveries.create": Action.COMPILE_BACKUPS,
    "delivery.add": Action.CONFIGURE,
    "delivery.remove": Action.CONFIGURE,
    "delivery.save": Action.CONFIGURE,
    "delivery.schedule": Action.CONFIGURE,
    "delivery.show": Action.CONFIGURE,
    "contracts.update": Action.EDIT_CONTRACTS,
    "exports.invoice_as_csv": Action.EXPORT,
    "exports.invoice_list": Action.EXPORT,
    "exports.project": Action.CONFIGURE,
    "exports.with_attachments": Action.EXPORT,
    "invoice_creation.confirm_delete": Action.DELETE_INVOICE,
    "invoice_creation.create": Action.CREATE_INVOICE,
    "invoice_creation.delete": Action.DELETE_INVOICE,
    "invoice_creation.new": Action.CREATE_INVOICE,
    "invoice_entry.edit": Action.ENTER_INVOICE,
    "invoice_entry.save": Action.ENTER_INVOICE,
    "invoice_reviews.comment": Action.COMMENT,
    "invoice_reviews.finish": Action.REVIEW_INVOICE,
    "invoice_reviews.save": Action.REVIEW_INVOICE,
    "invoice_reviews.show": Action.REVIEW_INVOICE,
    "invoice_statuses.change": Action.SUBMIT_INVOICE,
    "invoice_statuses.change_many": Action.CHANGE_STATUSES,
    "invoices.pdf": Action.VIEW,
    "invoices.show": Action.VIEW,
    "invoicing.home": Action.VIEW,
    "invoicing.preflight": Action.VIEW,
    "invoicing.relist": Action.VIEW,
    "invoicing.show": Action.VIEW,
    "links.create": Action.COMPILE_BACKUPS,
    "links.revoke": Action.COMPILE_BACKUPS,
    "members.add": Action.MANAGE_MEMBERS,
    "members.change": Action.MANAGE_MEMBERS,
    "members.index": Action.MANAGE_MEMBERS,
    "members.remove": Action.MANAGE_MEMBERS,
    "payments.create": Action.ISSUE_PAYMENTS,
    "payments.delete": Action.ISSUE_PAYMENTS,
    "payments.edit": Action.ISSUE_PAYMENTS,
    "payments.new": Action.ISSUE_PAYMENTS,
    "payments.update": Action.ISSUE_PAYMENTS,
    "private_contracts.update": Action.KEEP_PRIVATE,
    "project_settings.choose_dictionary": Action.CONFIGURE,
    "project_settings.show": Action.CONFIGURE,
    "missing_items.accept": Action.REVIEW_INVOICE,
    "missing_items.ask": Action.REVIEW_INVOICE,
    "missing_items.file": Action.REVIEW_INVOICE,
    "missing_items.queue": Action.REVIEW_INVOICE,
    "missing_items.refuse": Action.REVIEW_INVOICE,
    "missing_items.revoke": Action.REVIEW_INVOICE,
    "missing_items.show": Action.REVIEW_INVOICE,
    "required_documents.add_type": Action.CONFIGURE,
    "required_documents.exempt": Action.REVIEW_INVOICE,
    "required_documents.guess": Action.CONFIGURE,
    "required_documents.index": Action.CONFIGURE,
    "required_documents.remove": Action.CONFIGURE,
    "required_documents.remove_type": Action.CONFIGURE,
    "required_documents.rename_type": Action.CONFIGURE,
    "required_documents.require_again": Action.REVIEW_INVOICE,
    "required_documents.save": Action.CONFIGURE,
    "projects.archive": Action.CONFIGURE,
    "projects.bring_back": Action.CONFIGURE,
    "projects.edit": Action.CONFIGURE,
    "projects.update": Action.CONFIGURE,
    "schedules.check": Action.EDIT_CONTRACTS,
    "schedules.edit": Action.EDIT_CONTRACTS,
    "schedules.update": Action.EDIT_CONTRACTS,
    "schedules.upload": Action.EDIT_CONTRACTS,
    "signatures.card": Action.VIEW,
    "signatures.create": Action.SIGN_INVOICE,
    "signatures.remove": Action.SIGN_INVOICE,
    "signatures.show": Action.VIEW,
    "signing.document": Action.VIEW,
    "signing.finish": Action.SIGN_INVOICE,
    "signing.refresh": Action.SIGN_INVOICE,
    "signing.send": Action.SIGN_INVOICE,
    "signing.send_many": Action.SIGN_INVOICE,
    "signing.void": Action.SIGN_INVOICE,
}


def cells():
    head, *lines = MATRIX.strip().splitlines()
    split = [line.split() for line in lines]
    return [(row[0], *cell) for row in split for cell in zip(head.split(), row[1:], strict=True)]


@pytest.mark.parametrize(("action", "access", "answer"), cells())
def test_a_cell_of_the_matrix(action, access, answer):
    action, access = Action(action), Access(access)
    draft = {"status": InvoiceStatus.DRAFT, "is_latest": True}

    assert allowed(access, action) == (answer != "no")
    assert allowed_on_invoice(access, action, **draft) == (answer != "no")
    assert allowed_on_invoice(access, action, InvoiceStatus.APPROVED, is_latest=True) == (
        answer == "yes"
    )


@pytest.mark.parametrize(("status", "is_latest"), list(product(InvoiceStatus, [True, False])))
def test_a_standard_user_works_on_the_latest_invoice_while_it_is_open(status, is_latest):
    is_open = status in {"draft", "revise_and_resubmit"}

    may = allowed_on_invoice(Access.STANDARD, Action.ENTER_INVOICE, status, is_latest=is_latest)

    assert may == (is_latest and is_open)


def test_the_matrix_knows_every_action():
    assert {action for action, _, _ in cells()} == {action.value for action in Action}


@pytest.mark.parametrize("action", Action)
def test_who_is_no_member_may_do_nothing(action):
    assert not allowed(None, action)


def test_every_address_below_a_project_has_a_rule(app):
    endpoints = {endpoint for endpoint, _, _ in routes(app, below_a_project=True)}

    assert endpoints == set(RULES), "say in RULES which action an address takes"


@pytest.fixture
def as_member(app, member, bob, rows):  # noqa: F811
    """Bob's browser, with the access that the test asks for; the invoice is a draft."""

    def with_access(access):
        with app.app_context():
            join(bob, db.session.get_one(Project, rows["project_id"]), access)
            db.session.commit()
        return member

    return with_access


@pytest.mark.parametrize("access", Access)
def test_every_address_keeps_its_rule(app, as_member, rows, access):  # noqa: F811
    browser = as_member(access)
    # What is refused first, then what is looked at, then what may remove rows.
    asked = sorted(
        routes(app, below_a_project=True),
        key=lambda route: (allowed(access, RULES[route[0]]), route[1]),
    )
    for endpoint, method, rule in asked:
        status = ask(browser, rule, method, rows).status_code
        is_refused = not allowed(access, RULES[endpoint])
        if RULES[endpoint] in ON_OPEN_INVOICES and access == Access.STANDARD:
            is_refused = True  # The invoice is approved.
        assert (endpoint, method, status == 403) == (endpoint, method, is_refused)
        assert status < 500


def posted_to(adapter, paths):
    """The endpoints that take a POST at these addresses; other forms only ask."""
    for path in paths:
        with suppress(MethodNotAllowed):
            yield adapter.match(path, "POST")[0]


OFFERS = re.compile(r'(?:action|formaction|hx-post)="(/projects/\d+/[^"?#]*)')


@pytest.mark.parametrize("access", Access)
def test_a_page_offers_only_what_its_reader_may_do(app, as_member, rows, access):  # noqa: F811
    browser = as_member(access)
    adapter = app.url_map.bind("localhost")
    offered = set()
    for _, method, rule in routes(app, below_a_project=True):
        if method == "GET":
            page = ask(browser, rule, method, rows)
            if page.mimetype == "text/html":
                offered |= set(posted_to(adapter, OFFERS.findall(page.text)))

    assert {name for name in offered if not allowed(access, RULES[name])} == set()
    assert len(offered) > (15 if access == Access.ADMIN else 0)


def work_on(app, bob, **values):
    """A project in which Bob is a standard member, with two invoices on a contract."""
    with app.app_context():
        project = make_project()
        join(bob, project, Access.STANDARD)
        contract = make_contract(project)
        first = make_invoice(contract, period=make_period(project), status=InvoiceStatus.DRAFT)
        latest = make_invoice(contract, position=2, **values)
        files = [make_attachment(invoice, b"%PDF-1.7 no").id for invoice in (first, latest)]
        db.session.commit()
        page = f"/projects/{project.id}/invoices"
        return [
            (f"{page}/{invoice.id}", f"{page}/{invoice.id}/attachments/{file}/leave-out")
            for invoice, file in zip((first, latest), files, strict=True)
        ]


def test_a_standard_user_attaches_files_to_a_draft_but_not_to_earlier_invoices(app, member, bob):
    (first, first_verb), (latest, verb) = work_on(app, bob, status=InvoiceStatus.DRAFT)

    assert member.post(verb).status_code == 303
    assert "Add files" in member.get(latest).text
    assert member.post(first_verb).status_code == 403
    assert "Add files" not in member.get(first).text


def test_a_standard_user_leaves_an_approved_invoice_alone(app, member, bob):
    _, (latest, verb) = work_on(app, bob, status=InvoiceStatus.APPROVED)

    answer = member.post(verb)

    assert answer.status_code == 403
    assert "only while it is a draft" in answer.text
    assert "Add files" not in member.get(latest).text
