"""The grid of a schedule of values in Chromium: keyboard, paste, a conflict, and what is kept."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from models import Contract, SovLine, db
from tests.axe import assert_accessible
from tests.factories import make_contract, make_line, make_project
from tests.test_people_browser import open_page

BLOCK = (
    "030\tRoof\t05-100\t$1,234.50\r\n040\tCredit, rebar\t\t(500.00)\r\n050\tPaint\t09-900\t12\r\n"
)
HEADINGS = "Item\tDescription\tCode\tScheduled value\r\n"
TOTAL = "\tTotal:\t\t$746.50\r\n"
PASTE = """(element, text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    element.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true,
                                                       cancelable: true}));
}"""


@pytest.fixture
def place(app, alice):
    with app.app_context():
        contract = make_contract(make_project(), number="SC-1", status="draft")
        for number, value in (("010", 1_000_00), ("020", 500_00)):
            make_line(contract, item=number, position=int(number), scheduled_value=value)
        db.session.commit()
        return contract.id, f"/projects/{contract.project_id}/contracts/{contract.id}"


def lines(app, contract_id):
    with app.app_context():
        query = sa.select(SovLine).filter_by(contract_id=contract_id).order_by(SovLine.position)
        return [(row.item, row.scheduled_value) for row in db.session.scalars(query)]


def test_a_schedule_is_typed_pasted_and_saved(app, server, tab, place):
    contract_id, contract = place
    open_page(tab, server, f"{contract}/schedule")
    cells = tab.locator("[data-col=scheduled_value]")
    total = tab.locator("#grid-totals")

    cells.nth(0).click()
    tab.keyboard.press("ArrowDown")
    expect(cells.nth(1)).to_be_focused()
    cells.nth(1).fill("750.00")
    expect(total).to_contain_text("1,750.00")
    tab.keyboard.press("Enter")
    expect(cells.nth(2)).to_be_focused()
    tab.keyboard.press("Enter")
    expect(cells).to_have_count(4)
    tab.keyboard.press("Shift+Enter")
    expect(cells.nth(2)).to_be_focused()

    tab.locator("[data-col=item]").nth(2).evaluate(PASTE, HEADINGS + BLOCK + TOTAL)
    expect(tab.locator("#messages")).to_contain_text("no line of the contract: the headings and")
    expect(cells).to_have_count(5)
    expect(total).to_contain_text("5 lines")
    expect(total).to_contain_text("2,496.50")
    assert_accessible(tab)
    # A line whose amount is a word is no heading: it is there, to be mended.
    tab.locator("[data-col=item]").nth(2).evaluate(PASTE, BLOCK.replace("$1,234.50", "by owner"))
    expect(cells.nth(2)).to_have_value("by owner")
    tab.locator("[data-col=item]").nth(2).evaluate(PASTE, BLOCK)

    # Insert below the current row, move it up, and leave it empty.
    cells.nth(4).click()
    tab.get_by_role("button", name="Move up").click()
    expect(tab.locator("[data-col=item]").nth(3)).to_have_value("050")
    cells.nth(0).fill("1,00")
    tab.get_by_role("button", name="Save", exact=True).click()
    expect(tab.get_by_role("alert")).to_contain_text(
        "one cell needs another look", ignore_case=True
    )
    expect(cells.nth(0)).to_have_value("1,00")
    expect(tab.locator("[data-col=description]").nth(4)).to_have_value("Credit, rebar")
    assert_accessible(tab)

    # Somebody else saves meanwhile.
    with app.app_context():
        db.session.scalars(sa.select(SovLine).filter_by(item="010")).one().scheduled_value = 9_00
        db.session.get_one(Contract, contract_id).version += 1
        db.session.commit()
    cells.nth(0).fill("1,100.00")
    tab.get_by_role("button", name="Save", exact=True).click()
    expect(tab.locator(".field-now")).to_contain_text("Saved meanwhile: 9.00")
    expect(cells.nth(0)).to_have_value("1,100.00")
    tab.get_by_role("button", name="Save", exact=True).click()
    tab.wait_for_url(f"{server}{contract}#schedule")
    assert lines(app, contract_id) == [
        ("010", 1_100_00), ("020", 750_00), ("030", 1_234_50), ("050", 12_00), ("040", -500_00),
    ]  # fmt: skip


def test_rows_come_without_javascript(app, server, plain_tab, place):
    contract_id, contract = place
    open_page(plain_tab, server, f"{contract}/schedule")
    items = plain_tab.locator("[data-col=item]")
    expect(items).to_have_count(3)
    plain_tab.get_by_role("button", name="Add 10 rows").click()
    expect(items).to_have_count(13)
    for column, value in (("item", "015"), ("description", "Fence"), ("scheduled_value", "5")):
        plain_tab.locator(f"[data-col={column}]").nth(12).fill(value)
    plain_tab.get_by_label("Place", exact=True).last.fill("1.5")
    plain_tab.get_by_role("button", name="Save", exact=True).last.click()
    plain_tab.wait_for_url(f"{server}{contract}#schedule")
    assert lines(app, contract_id) == [("010", 1_000_00), ("015", 5_00), ("020", 500_00)]
