"""What preflight finds, one rule at a time."""

import pytest
import sqlalchemy as sa

from binder.facts import FileFacts, Problem
from binder.recipe import Recipe
from models import (
    DocumentKind,
    InvoiceStatus,
    PeriodStatus,
    Signature,
    SignatureStatus,
    StoredFile,
    db,
)
from services import preflight, sheets
from tests.factories import (
    make_attachment,
    make_contract,
    make_invoice,
    make_invoice_line,
    make_line,
    make_period,
    make_project,
)


@pytest.fixture
def project(context):
    return make_project()


def make_billed(contract, period, position=1, *, work=1_000_00, attached=True, **values):
    """An approved invoice that bills one line and has a readable, searchable attachment."""
    invoice = make_invoice(contract, period=period, position=position, **values)
    line = contract.lines[0] if contract.lines else make_line(contract)
    db.session.refresh(contract)
    make_invoice_line(invoice, line, work_this_period=work)
    if attached:
        attach(invoice, f"backup of {invoice.id}")
    sheets.recalculate([contract.id])
    return invoice


def attach(invoice, content, name="ticket.pdf", **facts):
    attachment = make_attachment(invoice, content.encode(), name=name)
    known = FileFacts(
        **{"media_type": "application/pdf", "pages": 1, "searchable_pages": 1} | facts
    )
    file = db.session.get(StoredFile, attachment.sha256)
    file.facts, file.pages, file.problem = known.to_json(), known.pages, known.problem
    db.session.flush()
    return attachment


def check(project, *invoices, recipe=None):
    return preflight.check(project.id, [invoice.id for invoice in invoices], recipe=recipe)


def codes(findings):
    return [finding.code for finding in findings]


def test_an_orderly_invoice_has_no_findings(project):
    invoice = make_billed(make_contract(project), make_period(project))

    result = check(project, invoice)

    assert result.findings == []
    assert (result.contracts, result.invoices, result.documents) == (1, 1, 2)


def test_no_invoice_selected_is_blocking(project):
    assert codes(check(project).blocking) == ["nothing_selected"]


def test_an_invoice_of_another_project_counts_as_not_selected(project):
    other = make_project()
    invoice = make_billed(make_contract(other), make_period(other))

    assert codes(check(project, invoice).blocking) == ["nothing_selected"]


def test_an_earlier_invoiced_period_that_is_open_blocks_and_is_named(project):
    contract = make_contract(project, number="SC-004")
    make_billed(contract, make_period(project, 6, is_open=True), 1)
    latest = make_billed(contract, make_period(project, 7), 2)

    (finding,) = check(project, latest).blocking

    assert finding.code == "period_not_closed"
    assert "Jun 1 – 28, 2026" in finding.message
    assert "invoice 1 of SC-004" in finding.message


def test_the_newest_invoiced_period_may_be_open(project):
    contract = make_contract(project)
    make_billed(contract, make_period(project, 6), 1)
    latest = make_billed(contract, make_period(project, 7, is_open=True), 2)

    assert check(project, latest).blocking == []


def test_an_open_period_of_a_contract_that_is_not_chosen_does_not_matter(project):
    june, july = make_period(project, 6, is_open=True), make_period(project, 7)
    other = make_contract(project)
    make_billed(other, june, 1)
    make_billed(other, july, 2)
    invoice = make_billed(make_contract(project), july)

    assert check(project, invoice).blocking == []


def test_an_invoice_without_a_period_blocks_its_contract(project):
    contract = make_contract(project)
    make_billed(contract, None, 1)
    latest = make_billed(contract, make_period(project), 2)

    assert codes(check(project, latest).blocking) == ["no_period"]


@pytest.mark.parametrize(
    "problem", [Problem.UNREADABLE, Problem.PASSWORD, Problem.EMPTY, Problem.DYNAMIC_XFA]
)
def test_a_file_that_cannot_become_pages_blocks_until_it_is_left_out(project, problem):
    invoice = make_billed(make_contract(project), make_period(project))
    attachment = attach(invoice, "broken", problem=problem, pages=0, name="broken.pdf")

    (finding,) = check(project, invoice).blocking
    attachment.is_left_out = True
    db.session.flush()

    assert (finding.code, finding.attachment_id) == (problem.value, attachment.id)
    assert "“broken.pdf”" in finding.message
    assert check(project, invoice).blocking == []
    assert codes(check(project, invoice).notes) == ["left_out"]


def test_a_broken_file_of_a_type_that_the_options_leave_out_does_not_block(project):
    invoice = make_billed(make_contract(project), make_period(project))
    broken = attach(invoice, "broken", problem=Problem.UNREADABLE, pages=0, name="broken.pdf")
    broken.document_type = DocumentKind.PHOTO
    project.recipe = Recipe(left_out_types=(DocumentKind.PHOTO,)).to_json()
    db.session.flush()

    found = check(project, invoice)

    assert found.blocking == []
    assert [note.message for note in found.notes if note.code == "type_left_out"] == [
        "1 file of the type “Photos” stays out by the options of this backup; the receipt says so."
    ]
    assert codes(check(project, invoice, recipe=Recipe()).blocking) == ["unreadable"]


def test_the_estimate_follows_the_options(project):
    invoice = make_billed(make_contract(project), make_period(project))
    attach(invoice, "photo", pages=7).document_type = DocumentKind.PHOTO
    db.session.flush()

    whole, merged = check(project, invoice), check(project, invoice, recipe=Recipe.plain())
    without = check(project, invoice, recipe=Recipe(left_out_types=(DocumentKind.PHOTO,)))

    assert whole.pages - merged.pages == 4
    assert (whole.pages - without.pages, whole.documents - without.documents) == (7, 1)


def test_a_web_page_that_calls_itself_a_pdf_blocks(project):
    invoice = make_billed(make_contract(project), make_period(project))
    attach(invoice, "<html>", media_type="text/html", problem=Problem.NOT_PDF, name="a.PDF")

    assert codes(check(project, invoice).blocking) == ["unreadable"]


def test_a_spreadsheet_is_a_warning_since_a_page_stands_in(project):
    invoice = make_billed(make_contract(project), make_period(project))
    attach(invoice, "a,b", media_type="text/csv", problem=Problem.NOT_PDF, name="hours.csv")

    result = check(project, invoice)

    assert result.blocking == []
    assert codes(result.warnings) == ["not_pdf"]


def test_a_file_that_was_not_checked_yet_is_said_so(project):
    invoice = make_billed(make_contract(project), make_period(project))
    make_attachment(invoice, b"new")

    assert codes(check(project, invoice).warnings) == ["not_checked"]


def test_the_same_file_on_two_invoices_is_named_once(project):
    contract = make_contract(project, number="SC-9")
    first = make_billed(contract, make_period(project, 6), 1)
    second = make_billed(contract, make_period(project, 7), 2)
    for invoice in (first, second):
        attach(invoice, "the same bytes")

    (finding,) = check(project, first, second).warnings

    assert finding.code == "same_file_twice"
    assert "also on invoice 2 of SC-9" in finding.message


def test_scans_and_high_resolutions_are_notes(project):
    invoice = make_billed(make_contract(project), make_period(project))
    attach(invoice, "scan", searchable_pages=0, max_dpi=600, upside_down_pages=1)

    found = codes(check(project, invoice).notes)

    assert found == ["not_searchable", "high_resolution", "upside_down"]


def test_a_gap_in_the_positions_is_named(project):
    contract = make_contract(project, number="SC-7")
    make_billed(contract, make_period(project, 6), 1)
    latest = make_billed(contract, make_period(project, 7), 4)

    (finding,) = check(project, latest).warnings

    assert finding.message == "SC-7 has no invoice in position 2, 3."


def test_an_invoice_that_is_not_approved_is_a_warning(project):
    invoice = make_billed(
        make_contract(project), make_period(project), status=InvoiceStatus.UNDER_REVIEW
    )

    (finding,) = check(project, invoice).warnings

    assert finding.code == "not_approved"
    assert "Under Review" in finding.message


def test_a_billed_invoice_without_attachments_is_a_warning(project):
    invoice = make_billed(make_contract(project), make_period(project), attached=False)

    assert codes(check(project, invoice).warnings) == ["no_backup"]


def test_a_line_billed_over_its_value_is_named(project):
    contract = make_contract(project)
    make_line(contract, item="03-100", scheduled_value=1_000_00)
    db.session.refresh(contract)
    invoice = make_billed(contract, make_period(project), work=1_000_01)

    (finding,) = check(project, invoice).warnings

    assert finding.code == "over_billed"
    assert "line 03-100" in finding.message


def test_retainage_off_the_rate_of_the_contract_is_a_warning(project):
    contract = make_contract(project)
    invoice = make_billed(contract, make_period(project))
    invoice.lines[0].work_retainage = 5
    sheets.recalculate([contract.id])

    assert codes(check(project, invoice).warnings) == ["retainage_off_rate"]


def test_a_summary_that_is_not_the_sum_of_its_lines_is_a_warning(project):
    invoice = make_billed(make_contract(project), make_period(project))
    invoice.completed_and_stored += 1
    db.session.flush()

    assert codes(check(project, invoice).warnings) == ["summary_differs"]


def test_line_7_that_is_not_line_6_before_is_a_warning(project):
    contract = make_contract(project)
    make_billed(contract, make_period(project, 6), 1)
    latest = make_billed(contract, make_period(project, 7), 2)
    latest.payment_due += 1
    db.session.flush()

    assert codes(check(project, latest).warnings) == ["previous_certificates_differ"]


@pytest.mark.parametrize("status", ["pending", "declined", "voided"])
def test_a_signature_that_is_missing_is_a_warning(project, status):
    invoice = make_billed(make_contract(project), make_period(project))
    db.session.add(Signature(invoice_id=invoice.id, status=SignatureStatus(status)))
    db.session.flush()

    assert codes(check(project, invoice).warnings) == [f"signature_{status}"]


def test_the_number_of_statements_does_not_grow_with_the_selection(project):
    few = [make_billed(make_contract(project), make_period(project))]
    period = make_period(project, 8)
    many = [make_billed(make_contract(project), period) for _ in range(40)]

    assert statements(lambda: check(project, *few)) == statements(lambda: check(project, *many))


def statements(act):
    db.session.flush()
    seen = []

    def note(*event):
        seen.append(event[2])

    sa.event.listen(db.engine, "before_cursor_execute", note)
    act()
    sa.event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_a_closed_newest_period_is_fine_too(project):
    contract = make_contract(project)
    period = make_period(project, 6)
    invoice = make_billed(contract, period)
    period.status = PeriodStatus.CLOSED

    assert check(project, invoice).blocking == []


def test_findings_come_in_the_order_of_the_backup(project):
    period = make_period(project, 6)
    invoices = [
        make_billed(make_contract(project, number=number), period, attached=False)
        for number in ("SC-10", "SC-9")
    ]
    for invoice in invoices:
        attach(invoice, f"scan of {invoice.id}", searchable_pages=0)

    found = check(project, *invoices)

    assert [(row.code, row.contract) for row in found.findings] == [
        ("not_searchable", "SC-9"),
        ("not_searchable", "SC-10"),
    ]
