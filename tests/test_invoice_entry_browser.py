"""Journeys in the browser: entering an invoice like in a spreadsheet, two people, the review."""

import re

from playwright.sync_api import expect

from models import InvoiceStatus, db
from tests.axe import assert_accessible
from tests.conftest import PASSWORD
from tests.test_invoice_entry import Entry, entry  # noqa: F401 - a fixture


def signed_in(tab, server, path):
    tab.goto(f"{server}/sign-in")
    tab.get_by_label("E-mail").fill("alice@example.org")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    tab.wait_for_url(f"{server}/projects**")
    tab.goto(server + path)


def paste(tab, text):
    tab.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData("text", text);
            const init = {clipboardData: data, bubbles: true, cancelable: true};
            const event = new ClipboardEvent("paste", init);
            document.activeElement.dispatchEvent(event);
        }""",
        text,
    )


def due(tab):
    return tab.get_by_role("row", name=re.compile("^8 Current payment due"))


def test_an_invoice_is_entered_like_a_spreadsheet(server, tab, alice, entry):  # noqa: F811
    cell = lambda name: tab.locator(f"#{entry.field(name)}")  # noqa: E731
    signed_in(tab, server, entry.url)
    expect(tab.get_by_role("heading", name="Enter invoice 2")).to_be_visible()
    assert_accessible(tab)

    # Percent, and the amount and every sum follow.
    cell("percent 010").fill("50")
    expect(cell("work 010")).to_have_value("2,000.00")
    expect(due(tab)).to_contain_text("1,800.00")
    expect(tab.locator("#t0-work")).to_have_text("2,000.00")

    # Enter and the arrows stay in the column and submit nothing; Tab goes across.
    cell("work 010").focus()
    tab.keyboard.press("Enter")
    expect(cell("work 020")).to_be_focused()
    tab.keyboard.type("250")
    tab.keyboard.press("ArrowDown")
    expect(cell("work 1")).to_be_focused()
    tab.keyboard.press("ArrowUp")
    tab.keyboard.press("Tab")
    expect(cell("percent 020")).to_be_focused()
    expect(cell("percent 020")).to_have_value("5.00")

    # A block from a spreadsheet; what does not fit is said.
    cell("new 010").focus()
    paste(tab, "New materials\r\n100\r\n$1,200.50\r\n0\r\n77\r\n")
    expect(cell("new 020")).to_have_value("$1,200.50")
    notes = tab.locator("#messages")
    expect(notes).to_contain_text("The heading of what was pasted was left out. 1 more row was")
    expect(tab.locator("#t0-new")).to_have_text("1,300.50")

    # What is not understood is named at once, and a 422 keeps all of it.
    cell("wr 020").fill("abc")
    expect(tab.locator("#entry-summary")).to_contain_text("“abc” is not an amount")
    expect(cell("wr 020")).to_have_attribute("aria-invalid", "true")
    # The page before says it too.
    with tab.expect_navigation():
        tab.get_by_role("button", name="Save").first.click()
    expect(tab.locator(".entry-problems")).to_contain_text("“abc” is not an amount")
    expect(cell("wr 020")).to_have_attribute("data-typed", "")
    expect(cell("wr 020")).to_have_value("abc")
    expect(cell("percent 010")).to_have_value("50")
    expect(cell("new 020")).to_have_value("$1,200.50")
    assert_accessible(tab)

    # Many lines at once.
    tab.get_by_role("checkbox", name="Tick all lines").check()
    tab.get_by_label("by %").fill("60")
    tab.get_by_role("button", name="Bill to this %").click()
    expect(cell("percent 1")).to_have_value("60")
    expect(cell("work 1")).to_have_value("240.00")
    cell("wr 020").fill("5")
    expect(tab.locator("#entry-summary")).not_to_contain_text("is not an amount")

    # Somebody else saves the same invoice meanwhile.
    other = tab.context.new_page()
    other.goto(server + entry.url)
    other.locator(f"#{entry.field('percent 010')}").fill("40")
    expect(other.locator(f"#{entry.field('work 010')}")).to_have_value("1,000.00")
    other.get_by_role("button", name="Save").first.click()
    other.wait_for_url(server + entry.page)
    other.close()
    tab.get_by_role("button", name="Save").first.click()
    expect(tab.get_by_role("alert")).to_contain_text("Somebody saved this invoice")
    conflict = tab.get_by_role("row", name="Item 010, completed and stored to date, %")
    expect(conflict).to_contain_text("6040.00Alice Adams")
    expect(cell("percent 1")).to_have_value("60")
    assert_accessible(tab)
    tab.get_by_role("button", name="Save").first.click()
    tab.wait_for_url(server + entry.page)
    expect(tab.get_by_role("status").first).to_contain_text("Saved.")
    expect(tab.locator(".summary")).to_contain_text("9,240.00")  # 60 % of 15,400.00.
    assert_accessible(tab)


def test_an_invoice_is_reviewed_line_by_line(app, server, tab, client, entry):  # noqa: F811
    client.post(entry.url, data=entry.form({"work 010": "100", "work 020": "200"}))
    with app.app_context():
        entry.row("010").invoice.status = InvoiceStatus.UNDER_REVIEW
        db.session.commit()
    signed_in(tab, server, entry.page)
    tab.get_by_role("link", name="Review").click()
    tab.wait_for_url("**/review")
    assert_accessible(tab)

    tab.get_by_role("group", name="Item 010").get_by_label("Reject").check()
    tab.get_by_label("Reason, Item 010").fill("No delivery ticket")
    tab.get_by_role("button", name="Save, and approve all others").click()
    expect(tab.locator("#finish")).to_contain_text("1 line approved, 1 rejected")
    expect(tab.get_by_label("Status afterwards")).to_have_value("revise_and_resubmit")
    tab.get_by_role("button", name="Finish review").click()
    tab.wait_for_url(server + entry.page)
    expect(tab.locator(".rejected")).to_contain_text("Item 010: No delivery ticket")
    assert_accessible(tab)


def test_an_invoice_is_entered_without_javascript(server, plain_tab, alice, entry):  # noqa: F811
    tab = plain_tab
    signed_in(tab, server, entry.url)
    tab.locator(f"#{entry.field('percent 010')}").fill("50")
    tab.get_by_role("button", name="Recalculate").click()
    expect(tab.locator(f"#{entry.field('work 010')}")).to_have_value("2,000.00")
    tab.get_by_role("button", name="Save").first.click()
    tab.wait_for_url(server + entry.page)
    expect(tab.locator(".summary")).to_contain_text("5,000.00")


def test_what_is_typed_outlives_the_session(server, tab, alice, entry):  # noqa: F811
    work = lambda: tab.locator(f"#{entry.field('work 010')}")  # noqa: E731
    signed_in(tab, server, entry.url)
    work().fill("1,234.0O")
    with tab.expect_navigation():
        tab.get_by_role("button", name="Save").first.click()
    tab.context.clear_cookies()

    # What was refused is what somebody typed, though he types nothing more.
    tab.get_by_role("button", name="Save").first.click()
    expect(tab.locator("#messages")).to_contain_text("You are signed out.")
    expect(work()).to_have_value("1,234.0O")
    with tab.expect_popup() as opened:
        tab.get_by_role("link", name="Sign in in a new tab").click()
    opened.value.get_by_label("E-mail").fill("alice@example.org")
    opened.value.get_by_label("Password").fill(PASSWORD)
    opened.value.get_by_role("button", name="Sign in").click()
    opened.value.wait_for_url(f"{server}/projects**")
    opened.value.close()

    # Nobody writes in the name of somebody else, who has signed in meanwhile.
    tab.evaluate("document.body.dataset.session = document.body.dataset.session + '0'")
    tab.get_by_role("button", name="Save").first.click()
    expect(tab.locator("#messages")).to_contain_text("Somebody else has signed in here")
    expect(work()).to_have_value("1,234.0O")
    tab.evaluate("document.body.dataset.session = document.body.dataset.session.slice(0, -1)")

    # In the session of the other tab, with its token; nothing is asked for again.
    work().fill("1,234.00")
    tab.get_by_role("button", name="Save").first.click()
    expect(tab.get_by_text("Saved.")).to_be_visible()
    expect(tab.get_by_role("cell", name="1,234.00").first).to_be_visible()
