"""Point-of-view dictionaries: who reads which words, and what the catalogues hold."""

import re
from io import BytesIO

import pytest
from babel.messages.pofile import read_po
from openpyxl import load_workbook
from pypdf import PdfReader

from binder import plan
from binder.render import document
from models import Access, Dictionary, Installation, MailDelivery, MailKind, Project, User, db
from services import backups, dictionaries, invoice_documents, mail, sheets
from services.terms import TERMS
from tests.conftest import join
from tests.factories import (
    make_contract,
    make_invoice,
    make_invoice_line,
    make_line,
    make_period,
    make_project,
)
from tests.terms import TERM, in_python, in_script, in_template, sources
from tests.test_backups_client import NOW
from translations import ROOT, catalogues, extracted

#: What a message is filled with.
BLANK = re.compile(r"%\(\w+\)\w|\{\w*\}")
OWNERS, SPECIALTY = Dictionary.OWNERS, Dictionary.SPECIALTY_CONTRACTORS

#: docs/domain.md 23, whole terms and their derived forms.
PUBLISHED = {
    OWNERS: {
        "Invoicing": "Invoicing",
        "Owner": "Funding",
        "Owner/Client": "Owner/Client",
        "Prime Contract Change Order": "Funding Change Order",
        "Prime Contracts": "Funding",
        "Revenue": "Funding",
        "Subcontract": "Contract",
        "Subcontracts": "Contracts",
        "Subcontractor": "Contractor",
        "Subcontractor’s": "Contractor’s",
        "Subcontractor Schedule of Values (SSOV)": "Contractor Schedule of Values (CSOV)",
        "SSOVs Not Approved": "CSOVs Not Approved",
        "Compile Invoice Backups": "Compile Invoice Backups",
        "Invoice #": "Invoice #",
        "Subcontractor invoices": "Contractor invoices",
        "Subcontractor invoice backup": "Contractor invoice backup",
    },
    SPECIALTY: {
        "Invoicing": "Progress Billings",
        "Owner": "Owner",
        "Owner/Client": "GC/Client",
        "Owner invoice": "GC/Client invoice",
        "Prime Contract Change Order": "Client Contract Change Order",
        "Prime Contract": "Client Contract",
        "Prime Contracts": "Client Contracts",
        "Revenue": "Revenue",
        "Subcontract": "Subcontract",
        "Subcontractor": "Subcontractor",
        "SSOVs Not Approved": "SSOVs Not Approved",
        "Compile Invoice Backups": "Compile Progress Billing Backups",
        "Invoice #": "Progress Billing #",
        "invoice contact": "progress billing contact",
        "invoice backup": "progress billing backup",
        "Subcontractor invoice backup": "Subcontractor invoice backup",
    },
}


@pytest.fixture
def rows(app):
    """A project with an approved invoice in a closed period."""
    with app.app_context():
        project = make_project(name="Harbor Point", number="26-014", owner="Port Authority")
        contract = make_contract(project, number="SC-1")
        invoice = make_invoice(contract, period=make_period(project, 6))
        make_invoice_line(invoice, make_line(contract), work_this_period=1_000_00)
        sheets.recalculate([contract.id])
        db.session.commit()
        return {"project": project.id, "contract": contract.id, "invoice": invoice.id}


@pytest.fixture
def tab_of(rows):
    return f"/projects/{rows['project']}/invoicing"


def choose(app, *, company=None, project=None, user=None):
    with app.app_context():
        if company:
            db.session.merge(Installation(id=1, dictionary=company))
        if project:
            db.session.scalars(db.select(Project)).one().dictionary = project
        if user:
            db.session.scalars(User.named("alice@example.org")).one().dictionary = user
        db.session.commit()


@pytest.mark.parametrize("dictionary", [OWNERS, SPECIALTY])
def test_the_published_terms_are_in_the_catalogue(context, dictionary):
    expected = PUBLISHED[dictionary]
    assert {each: dictionaries.term(dictionary, each) for each in expected} == expected


def test_general_contractors_read_the_terms_themselves(context):
    general = Dictionary.GENERAL_CONTRACTORS
    assert [dictionaries.term(general, each) for each in TERMS] == list(TERMS)


@pytest.mark.parametrize(
    ("company", "project", "user", "word"),
    [
        (None, None, None, "Subcontractor"),
        (OWNERS, None, None, "Contractor"),
        (OWNERS, SPECIALTY, None, "Subcontractor"),
        (None, SPECIALTY, OWNERS, "Contractor"),
    ],
)
def test_a_page_speaks_as_its_reader_then_its_project_then_the_company(
    app, client, tab_of, company, project, user, word
):
    choose(app, company=company, project=project, user=user)
    page = client.get(tab_of).text
    assert f'aria-current="page">{word}</a>' in page
    assert ("Progress Billing #" in page) == (project == SPECIALTY and not user)


def test_a_page_outside_of_projects_speaks_as_its_reader_or_the_company(app, context):
    alice = User(email="a@example.org", name="Alice", password_hash="")
    assert dictionaries.of_reader(alice, None) == Dictionary.GENERAL_CONTRACTORS
    db.session.rollback()
    choose(app, company=SPECIALTY)
    assert dictionaries.of_reader(alice, None) == SPECIALTY
    assert dictionaries.of_reader(None, None) == SPECIALTY
    alice.dictionary = OWNERS
    assert dictionaries.of_reader(alice, None) == OWNERS


def test_a_message_after_a_choice_and_the_next_page_speak_so(app, client, tab_of, rows):
    settings = f"/projects/{rows['project']}/settings"
    answer = client.post(f"{settings}/dictionary", data={"dictionary": "specialty_contractors"})
    assert answer.status_code == 303
    assert "<h1>Progress Billings <" in client.get(settings).text
    client.post("/account/dictionary", data={"dictionary": "general_contractors"})
    assert "<h1>Invoicing <" in client.get(settings).text
    client.post("/account/dictionary", data={"dictionary": ""})
    client.post(f"{settings}/dictionary", data={"dictionary": ""})
    client.post("/company/dictionary", data={"dictionary": "owners"})
    assert ">Contractor</a>" in client.get(tab_of).text


@pytest.mark.parametrize("value", ["subs", "OWNERS", "owners\x00", "\u202eowners"])
def test_no_other_dictionary_can_be_chosen(client, rows, value):
    for path in (f"/projects/{rows['project']}/settings", "/account", "/company"):
        answer = client.post(f"{path}/dictionary", data={"dictionary": value})
        assert answer.status_code == 422
        assert "Choose one of the three dictionaries." in answer.text
    assert client.post("/company/dictionary", data={}).status_code == 422


def test_the_company_speaks_as_administrators_say(app, member, bob, rows):
    assert member.get("/company").status_code == 404
    assert member.post("/company/dictionary", data={"dictionary": "owners"}).status_code == 404
    with app.app_context():
        join(bob, db.session.get_one(Project, rows["project"]), Access.ADMIN)
        db.session.commit()
    assert member.get(f"/projects/{rows['project']}/settings").status_code == 200


def test_what_is_handed_on_speaks_as_its_project_whoever_asks(app, client, rows, tab_of):
    choose(app, company=OWNERS, project=SPECIALTY, user=OWNERS)
    export = tab_of + "/export"
    assert "Progress Billing #" in client.get(f"{export}.csv").text
    assert "Subcontract," in client.get(f"{export}.csv").text
    book = load_workbook(BytesIO(client.get(f"{export}.xlsx").data))
    assert "Progress Billing #" in [cell.value for cell in book.active[1]]
    printed = PdfReader(BytesIO(client.get(f"{export}.pdf").data)).pages[0].extract_text()
    assert "Progress Billing #" in printed.replace("\n", " ")


def test_a_request_keeps_the_words_of_its_day(app, context, rows):
    choose(app, company=OWNERS)
    backup = backups.request(rows["project"], [rows["invoice"]], None, NOW)
    choose(app, project=SPECIALTY)
    frozen = backups.frozen_request(backup)
    assert backup.file_name.startswith("Contractor invoice backup - Harbor Point")
    assert (frozen.dictionary, frozen.labels) == (
        OWNERS,
        {"Subcontractor invoice backup": "Contractor invoice backup"},
    )
    document = invoice_documents.of_invoices([rows["invoice"]])[rows["invoice"]]
    assert document.labels == {"Invoice #": "Progress Billing #"}
    # An owner is a party there: no dictionary calls the Port Authority “Funding”.
    assert document.label("Owner") == "Owner"


def test_a_mail_says_what_its_file_says(app, context, alice, rows):
    app.config["MAIL_SERVER"] = ""
    choose(app, company=OWNERS, project=SPECIALTY, user=OWNERS)
    backup = backups.request(rows["project"], [rows["invoice"]], alice, NOW)
    choose(app, project=OWNERS)
    backup.error = "The disk was full."
    row = MailDelivery(email="alice@example.org", name="Alice", kind=MailKind.FAILED)
    mail.backup_failed(mail.Letter(row, backup))
    message = mail.read(mail.outbox()[0].name)
    assert message["Subject"].startswith("Not compiled: Subcontractor invoice backup - Harbor")
    for kind in ("plain", "html"):
        text = message.get_body((kind,)).get_content()
        assert "The progress billing backup that you asked for on" in text


def test_every_catalogue_knows_what_the_source_says_and_no_more():
    said = {message.id for message in extracted() if message.id}
    for path in catalogues():
        found = set(read(path))
        assert (said - found, found - said) == (set(), set()), "run `make messages`"


def test_every_term_is_answered_where_the_dictionary_may_differ():
    for path in catalogues():
        if path.stem != "general_contractors":
            unanswered = [
                each for each, answer in read(path).items() if TERM.search(each) and not answer
            ]
            assert unanswered == [], f"say in {path.name} what these are called"


def test_a_blank_stays_the_same_blank_in_every_answer():
    for path in catalogues():
        for message, answer in read(path).items():
            if answer:
                assert BLANK.findall(answer) == BLANK.findall(message), (path.name, message)


def test_no_term_bypasses_the_catalogue():
    bypassing = [
        f"{path.relative_to(ROOT)}:{line}: {term}"
        for path, find in sources(ROOT)
        for line, term in find(path.read_text("utf-8"))
    ]
    assert bypassing == [], "put the whole term or sentence into _()"


def test_what_pages_of_pdf_look_up_is_handed_to_them():
    template = (ROOT / "templates" / "pdf" / "invoice.html").read_text("utf-8")
    assert set(re.findall(r'\b_\("([^"]+)"\)', template)) <= {*document.TERMS, "Owner"}
    drawn = "".join(path.read_text("utf-8") for path in (ROOT / "binder").rglob("*.py"))
    asked = set(re.findall(r"""[pP]lan\.label\(['"]([^'"]+)""", drawn))
    assert asked <= {*plan.TERMS, "Owner"}


@pytest.mark.parametrize(
    ("find", "source", "found"),
    [
        (in_template, "<h1>Subcontractor</h1>", [(1, "Subcontractor")]),
        (in_template, "a\n{% if x %}\nof the subcontracts{% endif %}", [(3, "subcontracts")]),
        (in_template, '{{ head("Invoice #") }}', [(1, "Invoice #")]),
        (in_template, '<td title="Invoicing">', [(1, "Invoicing")]),
        (in_template, "{% set a = [('x', 'Prime Contracts')] %}", [(1, "Prime Contracts")]),
        (in_template, "{{ _('Subcontractor') }} {{ url_for('invoicing.x') }} {# Owner #}", []),
        (in_template, "{% if c == 'subcontract' %}<p id=\"subcontractor\">{% endif %}", []),
        (in_python, "x = 'The subcontractor is late'", [(1, "subcontractor")]),
        (in_python, "x = f'{n} invoice backups'", [(1, "invoice backups")]),
        (in_python, "x = _(f'{n} things')", [(1, "_() of a text that is put together")]),
        (in_python, "_('%(who)s', who='Subcontractor')", [(1, "Subcontractor")]),
        (in_python, '"""Of the Owner."""\nx = _("Owner"), "owner", "subcontract"', []),
        (in_script, "// Subcontractor\nsay('Subcontractor')", [(2, "Subcontractor")]),
    ],
)  # fmt: skip
def test_the_walk_finds_a_term_that_is_added(find, source, found):
    assert list(find(source)) == found


def read(path):
    with path.open("rb") as file:
        return {
            message.id: message.string
            for message in read_po(file)
            if message.id and not message.context
        }
