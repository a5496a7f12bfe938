"""Billing periods, contract and invoice in a real browser, with and without JavaScript."""

from datetime import date

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from models import BillingPeriod, ChangeOrderStatus, db
from services import attachments, sheets
from tests.axe import assert_fits
from tests.conftest import PASSWORD
from tests.factories import (
    make_change_order,
    make_contract,
    make_invoice,
    make_invoice_line,
    make_line,
    make_period,
    make_project,
)
from tests.pdfs import write_pdf


@pytest.fixture
def paths(app, alice):
    """A contract with two invoices in two periods; the addresses of its pages."""
    with app.app_context():
        project = make_project(name="Harbor Point")
        contract = make_contract(project, number="SC-7", title="Concrete")
        line = make_line(contract, scheduled_value=4_000_00)
        order = make_change_order(contract, status=ChangeOrderStatus.PENDING)
        make_line(contract, change_order_id=order.id, scheduled_value=-70_00)
        for position, month in ((1, 6), (2, 7)):
            period = make_period(project, month, is_open=month == 7)
            invoice = make_invoice(contract, period=period, position=position, comments="Thanks.")
            make_invoice_line(invoice, line, work_this_period=1_000_00)
        make_period(project, 3)
        sheets.recalculate([contract.id])
        db.session.commit()
        root = f"/projects/{project.id}"
        return {
            "periods": f"{root}/billing-periods",
            "contract": f"{root}/contracts/{contract.id}",
            "invoice": f"{root}/invoices/{invoice.id}",
            "invoice_id": invoice.id,
        }


def open_page(page, server, path):
    page.goto(f"{server}/sign-in")
    page.get_by_label("E-mail").fill("alice@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{server}{path}")


def names(app, invoice_id):
    with app.app_context():
        return [row.name for row in attachments.of_invoice(invoice_id)]


def files(tmp_path, *letters):
    return [str(write_pdf(tmp_path / f"{letter}.pdf", [letter])) for letter in letters]


def test_a_period_is_edited_in_its_row(app, server, tab, paths):
    open_page(tab, server, paths["periods"])
    tab.evaluate("window.untouched = true")
    row = tab.locator("tr", has_text="Mar 1, 2026")
    row.get_by_role("link", name="Edit").click()
    start = tab.get_by_label("Start of Mar 1 – 28, 2026")
    expect(start).to_be_focused()
    tab.get_by_label("End of Mar 1 – 28, 2026").fill("2026-02-01")
    tab.get_by_role("button", name="Save").click()
    expect(tab.get_by_role("alert")).to_contain_text("The start is after the end.")
    expect(tab.get_by_label("End of Mar 1 – 28, 2026")).to_have_value("2026-02-01")
    tab.get_by_label("End of Mar 1 – 28, 2026").fill("2026-03-31")
    tab.get_by_role("button", name="Save").click()
    expect(tab.locator("tr", has_text="Mar 31, 2026")).to_be_visible()
    expect(tab.get_by_role("link", name="Edit Mar 1 – 31, 2026")).to_be_focused()
    assert tab.evaluate("window.untouched")
    with app.app_context():
        query = sa.select(BillingPeriod.end).where(BillingPeriod.start == date(2026, 3, 1))
        assert db.session.scalar(query) == date(2026, 3, 31)


def test_a_period_is_opened_again_with_a_reason(server, tab, paths):
    complaints = []
    tab.on("console", lambda message: complaints.append(message.text))
    open_page(tab, server, paths["periods"])
    tab.get_by_role("link", name="Open Jun 1 – 28, 2026 again").click()
    tab.get_by_label("Why is Jun 1 – 28, 2026 opened again?").fill("A forgotten invoice")
    tab.get_by_role("button", name="Open again").click()
    june = tab.locator("tr", has_text="Jun 1, 2026")
    expect(june.locator(".badge-status")).to_have_text("Open")
    expect(june.get_by_role("link", name="Edit")).to_be_focused()
    assert complaints == []
    expect(tab.locator("tr", has_text="Jul 1, 2026").locator(".badge-status")).to_have_text(
        "Closed"
    )
    june.locator("summary").click()
    expect(june).to_contain_text("Reopened by Alice Adams: A forgotten invoice")


def test_a_row_left_as_it_is_keeps_the_focus(server, tab, paths):
    open_page(tab, server, paths["periods"])
    tab.get_by_role("link", name="Edit Mar 1 – 28, 2026").click()
    tab.get_by_role("link", name="Cancel").click()
    expect(tab.get_by_role("link", name="Edit Mar 1 – 28, 2026")).to_be_focused()


def test_deleting_a_period_asks_first_and_a_used_one_names_its_invoices(server, tab, paths):
    open_page(tab, server, paths["periods"])
    tab.once("dialog", lambda dialog: dialog.dismiss())
    tab.get_by_role("button", name="Delete Mar 1 – 28, 2026").click()
    expect(tab.locator("tr", has_text="Mar 1, 2026")).to_be_visible()
    tab.once("dialog", lambda dialog: dialog.accept())
    tab.get_by_role("button", name="Delete Mar 1 – 28, 2026").click()
    expect(tab.locator("tr", has_text="Mar 1, 2026")).to_have_count(0)
    tab.get_by_role("button", name="Delete Jul 1 – 28, 2026").click()
    expect(tab.get_by_role("alert")).to_contain_text("invoice 2 of SC-7 belongs to it")


def test_periods_work_without_javascript(server, plain_tab, paths):
    open_page(plain_tab, server, paths["periods"])
    plain_tab.get_by_role("button", name="Create Billing Period").click()
    expect(plain_tab.locator("tr", has_text="Jul 29, 2026")).to_contain_text("Open")
    plain_tab.locator("tr", has_text="Mar 1, 2026").get_by_role("link", name="Edit").click()
    plain_tab.get_by_label("Due date of Mar 1 – 28, 2026").fill("2026-03-20")
    plain_tab.get_by_role("button", name="Save").click()
    expect(plain_tab.locator("tr", has_text="Mar 1, 2026")).to_contain_text("Mar 20, 2026")


def test_two_files_are_uploaded_checked_and_reordered(app, server, tab, paths, work, tmp_path):
    open_page(tab, server, paths["invoice"])
    tab.evaluate("window.untouched = true")
    tab.get_by_label("Add files").set_input_files(files(tmp_path, "a", "b"))
    tab.get_by_role("button", name="Upload", exact=True).click()
    listed = tab.locator(".files > .file")
    expect(listed).to_have_count(2)
    expect(tab.get_by_label("Add files")).to_be_focused()
    expect(listed.first).to_contain_text("is being checked")
    work()
    expect(listed.first).to_contain_text("PDF · 1 page")
    expect(tab.locator("#attachment-list [hx-trigger]")).to_have_count(0)
    expect(listed.first.locator("img")).to_be_visible()
    down = listed.first.get_by_role("button", name="Move a.pdf down")
    down.click()
    expect(listed.first).to_contain_text("b.pdf")
    expect(tab.get_by_role("button", name="Move a.pdf up")).to_be_focused()
    assert names(app, paths["invoice_id"]) == ["b.pdf", "a.pdf"]
    tab.once("dialog", lambda dialog: dialog.accept())
    tab.get_by_role("button", name="Remove b.pdf").click()
    expect(tab.get_by_role("button", name="Remove a.pdf")).to_be_focused()
    assert tab.evaluate("window.untouched")


def test_an_empty_file_is_named_in_place(server, tab, paths, tmp_path):
    (tmp_path / "void.pdf").write_bytes(b"")
    open_page(tab, server, paths["invoice"])
    tab.get_by_label("Add files").set_input_files(str(tmp_path / "void.pdf"))
    tab.get_by_role("button", name="Upload", exact=True).click()
    expect(tab.get_by_role("alert")).to_contain_text("“void.pdf” is empty.")
    expect(tab.get_by_role("alert")).to_be_focused()


def test_removing_a_file_asks_first(app, server, tab, paths, tmp_path):
    open_page(tab, server, paths["invoice"])
    tab.get_by_label("Add files").set_input_files(files(tmp_path, "a"))
    tab.get_by_role("button", name="Upload", exact=True).click()
    tab.once("dialog", lambda dialog: dialog.dismiss())
    tab.get_by_role("button", name="Remove a.pdf").click()
    assert names(app, paths["invoice_id"]) == ["a.pdf"]
    tab.once("dialog", lambda dialog: dialog.accept())
    tab.get_by_role("button", name="Remove a.pdf").click()
    expect(tab.get_by_text("No file yet.")).to_be_focused()
    assert names(app, paths["invoice_id"]) == []


def test_attachments_work_without_javascript(app, server, plain_tab, paths, tmp_path):
    open_page(plain_tab, server, paths["invoice"])
    plain_tab.get_by_label("Add files").set_input_files(files(tmp_path, "a", "b"))
    plain_tab.get_by_role("button", name="Upload", exact=True).click()
    expect(plain_tab.get_by_text("2 files uploaded.")).to_be_visible()
    plain_tab.get_by_role("button", name="Move b.pdf up").click()
    assert names(app, paths["invoice_id"]) == ["b.pdf", "a.pdf"]
    plain_tab.get_by_role("button", name="Leave out a.pdf").click()
    expect(plain_tab.get_by_text("Left out of backups")).to_be_visible()
    plain_tab.get_by_role("button", name="Remove a.pdf").click()
    assert names(app, paths["invoice_id"]) == ["b.pdf"]


def test_a_signed_copy_is_uploaded_in_place(server, tab, paths, work, tmp_path):
    open_page(tab, server, paths["invoice"])
    card = tab.locator("#signed-copy")
    card.get_by_label("Signed copy as a PDF").set_input_files(files(tmp_path, "signed"))
    card.get_by_role("button", name="Upload the signed copy").click()
    expect(card).to_contain_text("signed.pdf Signed")
    work()
    expect(card).to_contain_text("PDF · 1 page")
    expect(card.locator("[hx-trigger]")).to_have_count(0)
    expect(card.get_by_role("link", name="signed.pdf")).to_be_focused()
    tab.once("dialog", lambda dialog: dialog.accept())
    card.get_by_role("button", name="Remove the signed copy").click()
    expect(card.get_by_label("Signed copy as a PDF")).to_be_focused()


def test_the_preview_waits_until_the_invoice_is_drawn(server, tab, paths, work):
    open_page(tab, server, paths["invoice"])
    tab.get_by_text("Preview of the PDF").click()
    expect(tab.get_by_text("The invoice is being drawn")).to_be_visible()
    work()
    expect(tab.locator("#drawing iframe")).to_be_visible()
    expect(tab.locator("#drawing[hx-trigger]")).to_have_count(0)


def test_the_waiting_page_turns_into_the_pdf_by_itself(server, plain_tab, paths, work):
    open_page(plain_tab, server, paths["invoice"])
    plain_tab.get_by_role("link", name="PDF", exact=True).click()
    expect(plain_tab.get_by_text("This page turns into the PDF by itself.")).to_be_visible()
    with plain_tab.expect_response(
        lambda answer: answer.headers.get("content-type") == "application/pdf"
    ):
        work()


def test_pages_are_accessible_and_fit(server, tab, paths, work, tmp_path):
    open_page(tab, server, paths["invoice"])
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 bad")
    chosen = [*files(tmp_path, "a"), str(tmp_path / "bad.pdf")]
    tab.get_by_label("Add files").set_input_files(chosen)
    tab.get_by_role("button", name="Upload", exact=True).click()
    expect(tab.get_by_role("link", name="bad.pdf", exact=True)).to_be_visible()
    work()
    expect(tab.get_by_text("is damaged and cannot be read")).to_be_visible()
    assert_fits(tab)
    tab.goto(f"{server}{paths['contract']}")
    assert_fits(tab)
    tab.goto(f"{server}{paths['contract'].rpartition('/')[0]}")
    assert_fits(tab)
    tab.set_viewport_size({"width": 1440, "height": 900})
    tab.goto(f"{server}{paths['periods']}")
    tab.get_by_role("link", name="Edit Mar 1 – 28, 2026").click()
    expect(tab.get_by_label("Start of Mar 1 – 28, 2026")).to_be_visible()
    assert_fits(tab)
