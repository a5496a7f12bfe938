"""The words of a project and of a reader, chosen in a real browser."""

import pytest
from playwright.sync_api import expect

from models import InvoiceStatus, db
from services import sheets
from tests.axe import assert_accessible
from tests.factories import (
    make_company,
    make_contract,
    make_invoice,
    make_invoice_line,
    make_line,
    make_period,
    make_project,
)
from tests.test_pages_browser import open_page


@pytest.fixture
def root(app, alice):
    """The address of a project with long names and large amounts."""
    with app.app_context():
        project = make_project(name="Harbor Point", number="26-014")
        company = make_company(project, name="Northwind Mechanical & Plumbing Contractors, Inc.")
        for number in range(1, 4):
            contract = make_contract(
                project, company=company, number=f"SC-00{number}", title="Heating, ventilation"
            )
            invoice = make_invoice(
                contract,
                period=make_period(project, number + 3),
                number="NM-88135",
                status=InvoiceStatus.PENDING_OWNER_APPROVAL,
            )
            line = make_line(contract, scheduled_value=12_345_678_90)
            make_invoice_line(invoice, line, work_this_period=1_234_567_89)
            sheets.recalculate([contract.id])
        db.session.commit()
        return f"/projects/{project.id}"


def choose(tab, words):
    tab.get_by_role("radio", name=words).check()
    tab.get_by_role("button", name="Save the words").click()
    expect(tab.get_by_role("status")).to_contain_text("words" if "/projects/" in tab.url else "you")


def test_a_project_and_a_reader_change_the_words(server, tab, root):
    open_page(tab, server, f"{root}/settings")
    assert_accessible(tab)
    choose(tab, "Specialty Contractors")
    expect(tab.get_by_role("heading", level=1)).to_contain_text("Progress Billings")
    tab.get_by_role("link", name="Subcontractor", exact=True).click()
    expect(tab.get_by_role("button", name="Compile Progress Billing Backups")).to_be_visible()
    expect(tab.get_by_role("link", name="Progress Billing #", exact=True)).to_be_visible()
    expect(tab).to_have_title("Subcontractor Progress Billings, Harbor Point · Drawpack")

    tab.goto(f"{server}/account")
    choose(tab, "Owners")
    tab.goto(f"{server}{root}/invoicing")
    expect(tab.get_by_role("link", name="Contractor", exact=True)).to_be_visible()
    expect(tab.get_by_role("button", name="Compile Invoice Backups")).to_be_visible()
    # The backup itself speaks as its project.
    tab.get_by_role("checkbox", name="Select all that match").check()
    tab.get_by_role("button", name="Compile Invoice Backups").click()
    tab.wait_for_url("**/backups/*")
    expect(tab.locator(".file-name")).to_contain_text("Subcontractor invoice backup - Harbor")


def test_every_column_fits_however_the_list_is_grouped(server, tab, root):
    open_page(tab, server, f"{root}/invoicing")
    for group in ("contract", "company", "period", "status"):
        tab.goto(f"{server}{root}/invoicing?group={group}")
        room = tab.locator(".invoice-region").evaluate("e => e.scrollWidth - e.clientWidth")
        assert (group, room) == (group, 0)
    tab.set_viewport_size({"width": 390, "height": 800})
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    # From before the table to the panel without passing every row.
    skip = tab.get_by_role("link", name="Skip to the selection")
    skip.focus()
    skip.press("Enter")
    expect(tab.get_by_role("complementary", name="Selection")).to_be_focused()
