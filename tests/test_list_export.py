"""The list as CSV, workbook and PDF: the view that somebody sees, all of it, safe to open."""

import csv
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO

import pypdf
import pytest
from openpyxl import load_workbook

from models import Access, Attachment, Contract, Invoice, InvoiceStatus, Project, db
from services import sheets, storage
from services.drawings import ensure_drawn
from services.files import ensure_inspected
from services.importing import import_project
from tests.conftest import join
from tests.factories import (
    make_attachment,
    make_company,
    make_contract,
    make_invoice,
    make_invoice_line,
    make_line,
    make_period,
    make_project,
)
from tests.invoicing_rows import make_many_invoices
from tests.pdfs import write_pdf
from tests.test_importing import EXAMPLE


@pytest.fixture
def harbor(app):
    """SC-2 and SC-10 with two invoices each; one title and one number look like formulas."""
    with app.app_context():
        project = make_project(name="Harbor Point", number="H-1")
        july = make_period(project, 7)
        two = make_contract(
            project, number="SC-2", title="=HYPERLINK(1)", company=make_company(project, name="Ash")
        )
        ten = make_contract(
            project, number="SC-10", title="Steel", company=make_company(project, name="Birch")
        )
        for contract in (ten, two):
            line = make_line(contract, scheduled_value=1_000_00, item="+1", description="@work")
            for position in (1, 2):
                invoice = make_invoice(
                    contract, period=july, position=position, billing_date=date(2026, 7, 20),
                    number="-5" if position == 2 else "",
                    status=InvoiceStatus.DRAFT if position == 2 else InvoiceStatus.APPROVED,
                )  # fmt: skip
                amount = 300_00 if position == 1 else -100_00
                make_invoice_line(invoice, line, work_this_period=amount)
        db.session.flush()
        sheets.recalculate([two.id, ten.id])
        db.session.commit()
        return project.id


def export(client, project_id, kind, query=""):
    answer = client.get(f"/projects/{project_id}/invoicing/export.{kind}{query}")
    assert answer.status_code == 200
    return answer


def rows(client, project_id, query=""):
    text = export(client, project_id, "csv", query).data.decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text)))


def order(found):
    return [(row["Contract"], row["Invoice #"]) for row in found]


def test_the_csv_has_a_row_for_each_invoice_in_the_order_of_the_list(client, harbor):
    found = rows(client, harbor)
    assert order(found) == [("SC-2", "1"), ("SC-2", "'-5"), ("SC-10", "1"), ("SC-10", "'-5")]
    assert found[3] == {
        "Contract": "SC-10",
        "Title": "Steel",
        "Contract Company": "Birch",
        "Contract Type": "Subcontract",
        "Invoice #": "'-5",
        "Status": "Draft",
        "Period start": "2026-07-01",
        "Period end": "2026-07-28",
        "Invoice Dates": "2026-07-20",
        "Gross Amount": "-100.00",
        "Net Amount": "-90.00",
        "Total Contract Amount": "1000.00",
        "% Complete": "20.00",
        "Comments": "",
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?status=draft", [("SC-2", "'-5"), ("SC-10", "'-5")]),
        ("?q=steel", [("SC-10", "1"), ("SC-10", "'-5")]),
        ("?sort=-gross&group=status",
         [("SC-2", "1"), ("SC-10", "1"), ("SC-2", "'-5"), ("SC-10", "'-5")]),
        ("?status=nonsense", []),
    ],
)  # fmt: skip
def test_filters_search_grouping_and_sorting_are_those_of_the_address(
    client, harbor, query, expected
):
    assert order(rows(client, harbor, query)) == expected


def test_text_that_a_spreadsheet_would_compute_is_guarded(client, harbor):
    assert rows(client, harbor)[0]["Title"] == "'=HYPERLINK(1)"
    book = load_workbook(BytesIO(export(client, harbor, "xlsx").data))
    cell = book.active["B2"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")
    assert cell.quotePrefix


def test_the_workbook_has_numbers_and_days_and_a_sum(client, harbor):
    sheet = load_workbook(BytesIO(export(client, harbor, "xlsx").data)).active
    head = [cell.value for cell in sheet[1]]
    last = dict(zip(head, (cell.value for cell in sheet[5]), strict=True))
    assert Decimal(str(last["Gross Amount"])) == -100
    assert last["Invoice Dates"].date() == date(2026, 7, 20)
    assert sheet.freeze_panes == "A2"
    assert sheet["A6"].value == "4 invoices of 2 contracts"
    assert sheet["J6"].value == 400


def pdf_text(data):
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(data)).pages)


def test_the_pdf_is_grouped_and_says_what_was_filtered_for(client, harbor):
    text = pdf_text(export(client, harbor, "pdf", "?group=company&status=draft").data)
    assert "Harbor Point: Invoices" in text
    assert "Only what matches: Draft." in text
    assert text.index("Ash · 1 invoice") < text.index("Birch · 1 invoice")
    assert "SC-2 · -5" in text
    assert "(100.00)" in text
    assert "2 invoices of 2 contracts" in text
    assert "Page 1 of 1" in text


def test_a_long_list_is_whole_in_every_format(client, app):
    with app.app_context():
        project_id = make_many_invoices(30, 10)
    assert len(rows(client, project_id)) == 300
    book = load_workbook(BytesIO(export(client, project_id, "xlsx").data))
    assert book.active.max_row == 302
    pages = pypdf.PdfReader(BytesIO(export(client, project_id, "pdf").data)).pages
    assert len(pages) > 3
    assert f"Page {len(pages)} of {len(pages)}" in pages[-1].extract_text()
    assert "(continued)" in "".join(page.extract_text() for page in pages)


def test_an_empty_list_is_a_file_too(client, app):
    with app.app_context():
        project = make_project()
        db.session.commit()
        project_id = project.id
    assert rows(client, project_id) == []
    assert "0 invoices" in pdf_text(export(client, project_id, "pdf").data)


def test_the_file_is_named_after_project_and_day(client, harbor):
    name = export(client, harbor, "csv").headers["Content-Disposition"]
    assert name.startswith('attachment; filename="Invoices - Harbor Point - H-1 - 20')
    assert name.endswith('.csv"')


def test_the_page_links_to_what_it_shows(client, harbor):
    text = client.get(f"/projects/{harbor}/invoicing?status=draft&group=company").text
    assert f"/projects/{harbor}/invoicing/export.pdf?status=draft&amp;group=company" in text


def test_members_read_lists_strangers_see_nothing(app, client, member, stranger, bob, harbor):
    path = f"/projects/{harbor}/invoicing/export.csv"
    assert stranger.get(path).status_code == 404
    assert member.get(path).status_code == 404
    with app.app_context():
        join(bob, the_project(harbor), Access.READ_ONLY)
        db.session.commit()
    assert member.get(path).status_code == 200
    assert member.get(f"/projects/{harbor}/export.zip").status_code == 403
    assert "ZIP of tables and files" not in member.get(f"/projects/{harbor}/invoicing").text


def the_project(project_id):
    return db.session.get(Project, project_id)


def test_a_private_contract_is_in_nobodys_list_but_theirs(app, client, member, bob, harbor):
    with app.app_context():
        project = the_project(harbor)
        make_invoice(make_contract(project, number="SC-99", is_private=True))
        join(bob, project, Access.STANDARD)
        db.session.commit()
    assert len(rows(client, harbor)) == 5
    assert len(rows(member, harbor)) == 4


def test_the_whole_project_is_downloaded_and_comes_in_again(client, app, tmp_path):
    with app.app_context():
        project_id = import_project(EXAMPLE).project_id
    answer = client.get(f"/projects/{project_id}/export.zip")
    assert answer.mimetype == "application/zip"
    assert "Project - Library Annex - EX-1 - 20" in answer.headers["Content-Disposition"]
    (tmp_path / "out.zip").write_bytes(answer.data)
    with app.app_context():
        assert import_project(tmp_path / "out.zip", replace=True).number == "EX-1"


def test_an_invoice_is_a_csv_of_its_lines(client, app, harbor):
    found = an_invoice(app, harbor)
    answer = client.get(f"/projects/{harbor}/invoices/{found}/export.csv")
    (row,) = csv.DictReader(StringIO(answer.data.decode("utf-8-sig")))
    assert (row["contract"], row["position"], row["number"]) == ("SC-2", "2", "'-5")
    assert (row["item"], row["description"]) == ("'+1", "'@work")
    assert row["work_completed_this_period"] == "-100.00"
    assert row["work_completed_from_previous_application"] == "300.00"
    assert row["total_completed_and_stored_to_date_percent"] == "20.00"


def an_invoice(app, project_id):
    with app.app_context():
        query = db.select(Invoice.id).join(Contract, Contract.id == Invoice.contract_id)
        return db.session.scalar(
            query.where(
                Contract.project_id == project_id, Contract.number == "SC-2", Invoice.position == 2
            )
        )


def attach(app, invoice_id, *contents):
    with app.app_context():
        invoice = db.session.get(Invoice, invoice_id)
        for content in contents:
            make_attachment(invoice, content)
        db.session.commit()


def test_an_invoice_and_its_attachments_are_one_pdf(client, app, harbor, tmp_path):
    invoice_id = an_invoice(app, harbor)
    for count in (3, 2):
        write_pdf(tmp_path / "backup.pdf", [f"Ticket {number}" for number in range(count)])
        attach(app, invoice_id, (tmp_path / "backup.pdf").read_bytes())
    path = f"/projects/{harbor}/invoices/{invoice_id}/with-attachments.pdf"
    waiting = client.get(path)
    assert waiting.headers["Refresh"].endswith("waited=1")
    assert "are being prepared" in waiting.text
    prepare(app, invoice_id)
    answer = client.get(path)
    assert answer.mimetype == "application/pdf"
    assert "Invoice SC-2 - -5 with attachments.pdf" in answer.headers["Content-Disposition"]
    with app.app_context():
        own = len(pypdf.PdfReader(next(storage.data_dir().glob("drawn/*/*.pdf"))).pages)
        assert list(storage.work().glob("invoice-*")) == []
    assert len(pypdf.PdfReader(BytesIO(answer.data)).pages) == own + 5
    answer.close()


def test_a_file_that_cannot_go_in_is_named(client, app, harbor):
    invoice_id = an_invoice(app, harbor)
    attach(app, invoice_id, b"%PDF-1.4 no more")
    prepare(app, invoice_id)
    answer = client.get(f"/projects/{harbor}/invoices/{invoice_id}/with-attachments.pdf")
    assert answer.status_code == 422
    assert "backup-" in answer.text


def prepare(app, invoice_id):
    with app.app_context():
        ensure_drawn([invoice_id])
        ensure_inspected(db.session.scalars(db.select(Attachment.sha256)).all())


def test_a_stranger_gets_nothing_of_an_invoice(stranger, app, harbor):
    invoice_id = an_invoice(app, harbor)
    for name in ("export.csv", "with-attachments.pdf"):
        path = f"/projects/{harbor}/invoices/{invoice_id}/{name}"
        assert stranger.get(path).status_code == 404
