"""The Subcontractor tab as people use it: ticking, filtering and paging in a real browser."""

import re
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from models import BillingPeriod, Contract, InvoiceStatus, db
from tests.axe import assert_fits, assert_read_without_scrolling
from tests.conftest import PASSWORD, wait_for
from tests.factories import (
    make_attachment,
    make_contract,
    make_file,
    make_invoice,
    make_period,
    make_project,
)
from tests.invoicing_rows import make_many_invoices


def sign_in(page, server):
    page.goto(f"{server}/sign-in")
    page.get_by_label("E-mail").fill("alice@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


@pytest.fixture
def harbor(app, alice):
    """SC-2 with invoices 1 to 3 and SC-10 with invoice 1, whose attachment is damaged."""
    with app.app_context():
        project = make_project(name="Harbor Point")
        july = make_period(project, 7)
        two = make_contract(project, number="SC-2", title="Concrete")
        ten = make_contract(project, number="SC-10", title="Steel")
        for position in (1, 2, 3):
            make_invoice(two, period=july, position=position, status=InvoiceStatus.UNDER_REVIEW)
        steel = make_invoice(ten, period=july)
        damaged = make_file(b"not really a PDF")
        damaged.facts = {"media_type": "application/pdf"}
        damaged.problem = "unreadable"
        make_attachment(steel, b"not really a PDF", name="Waiver.pdf")
        db.session.commit()
        return project.id


@pytest.fixture
def many(app, alice):
    """60 contracts with 10 invoices each: three pages."""
    with app.app_context():
        return make_many_invoices(60, 10)


def opened(page, server, project_id, query=""):
    """The tab, signed in, with names for what the tests touch."""
    sign_in(page, server)
    page.goto(f"{server}/projects/{project_id}/invoicing{query}")
    return SimpleNamespace(
        all=page.get_by_label(re.compile("^Select all")),
        contract=page.get_by_label(re.compile("^Select 3 invoices of SC-2")),
        invoice=lambda label: page.get_by_label(f"Select invoice {label}", exact=True),
        panel=page.get_by_role("complementary", name="Selection"),
        search=page.get_by_label("Search invoice number, contract, company and comments"),
        rows=page.locator("input[type=checkbox][name=invoice]"),
    )


def is_dashed(box):
    return box.evaluate("box => box.indeterminate")


def test_ticking_counts_on_the_server_and_shows_three_states(server, tab, harbor):
    on = opened(tab, server, harbor)
    expect(on.panel).to_contain_text("Nothing selected")
    on.invoice("1 of SC-2").check()
    expect(on.panel).to_contain_text("1 invoice of 1 contract")
    assert is_dashed(on.contract)
    assert is_dashed(on.all)
    on.contract.click()
    expect(on.panel).to_contain_text("3 invoices of 1 contract")
    assert not is_dashed(on.contract)
    expect(on.invoice("3 of SC-2")).to_be_checked()
    on.all.click()
    expect(on.panel).to_contain_text("4 invoices of 2 contracts")
    on.invoice("2 of SC-2").uncheck()
    expect(on.panel).to_contain_text("3 invoices of 2 contracts")
    assert is_dashed(on.contract)
    assert is_dashed(on.all)
    on.all.click()
    on.all.click()
    expect(on.panel).to_contain_text("Nothing selected")


def test_the_keyboard_is_enough_and_the_summary_is_announced(server, tab, harbor):
    on = opened(tab, server, harbor)
    on.invoice("1 of SC-2").focus()
    tab.keyboard.press("Space")
    expect(tab.locator("#announcer")).to_contain_text("1 invoice of 1 contract")
    tab.get_by_text("Status", exact=True).locator("visible=true").first.focus()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("checkbox", name="Approved")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("checkbox", name="Approved")).to_be_hidden()


def test_ticks_outlive_searches_and_the_panel_tells_what_is_not_shown(server, tab, harbor):
    on = opened(tab, server, harbor)
    on.search.press_sequentially("steel")
    expect(on.rows).to_have_count(1)
    on.invoice("1 of SC-10").check()
    on.search.fill("concrete")
    expect(on.rows).to_have_count(3)
    expect(on.search).to_be_focused()
    on.invoice("2 of SC-2").check()
    expect(on.panel).to_contain_text("2 invoices of 2 contracts · 1 not shown")
    expect(tab).to_have_url(re.compile(r"\?q=concrete$"))
    on.search.fill("nothing like it")
    expect(on.rows).to_have_count(0)
    expect(on.panel).to_contain_text("2 invoices of 2 contracts · 2 not shown")
    tab.get_by_role("link", name="Clear filters").first.click()
    expect(on.rows).to_have_count(4)
    expect(on.search).to_have_value("")
    expect(on.invoice("2 of SC-2")).to_be_checked()
    expect(on.invoice("1 of SC-10")).to_be_checked()
    expect(on.panel).not_to_contain_text("not shown")
    expect(on.panel).to_contain_text("2 invoices of 2 contracts")
    expect(tab).to_have_url(re.compile(r"/invoicing$"))
    tab.go_back()
    expect(on.rows).to_have_count(0)
    expect(on.panel).to_contain_text("2 invoices of 2 contracts · 2 not shown")


def test_a_group_ticked_whole_is_kept_out_of_sight_and_cleared(server, tab, harbor):
    on = opened(tab, server, harbor)
    on.contract.check()
    on.search.fill("steel")
    expect(on.panel).to_contain_text("3 invoices of 1 contract · 3 not shown")
    on.all.check()
    expect(on.panel).to_contain_text("4 invoices of 2 contracts · 3 not shown")
    on.all.uncheck()
    expect(on.panel).to_contain_text("3 invoices of 1 contract · 3 not shown")
    tab.get_by_role("button", name="Clear selection").click()
    expect(on.panel).to_contain_text("Nothing selected")
    expect(on.all).to_be_focused()
    tab.get_by_role("link", name="Clear filters").first.click()
    expect(on.rows).to_have_count(4)
    assert tab.locator("input[name=invoice]:checked").count() == 0


def test_what_was_ticked_on_a_later_page_is_sorted_away_and_comes_back(server, tab, many):
    on = opened(tab, server, many)
    tab.get_by_text("Show more").click()
    on.invoice("1 of SC-21").check()
    expect(on.panel).to_contain_text("1 invoice of 1 contract")
    tab.get_by_label("Group by").select_option("Contract Company")
    expect(on.rows).to_have_count(200)
    expect(on.panel).to_contain_text("1 invoice of 1 contract")
    on.all.check()
    expect(on.panel).to_contain_text("600 invoices of 60 contracts")
    on.all.uncheck()
    expect(on.panel).to_contain_text("Nothing selected")


def test_counters_filters_and_headers_change_the_list_in_place(server, tab, harbor):
    on = opened(tab, server, harbor)
    tab.get_by_role("link", name=re.compile("^Approved 1")).click()
    expect(on.rows).to_have_count(1)
    expect(tab).to_have_url(re.compile(r"\?status=approved$"))
    tab.locator(".toolbar summary", has_text="Status").click()
    tab.get_by_role("checkbox", name="Under Review").check()
    expect(on.rows).to_have_count(4)
    tab.get_by_label("Group by").select_option("Status")
    expect(tab).to_have_url(re.compile("group=status"))
    expect(tab.locator(".group-row")).to_have_count(2)
    tab.get_by_role("link", name="Invoice #").click()
    expect(tab.get_by_role("columnheader", name="Invoice #")).to_have_attribute(
        "aria-sort", "ascending"
    )
    expect(tab).to_have_url(re.compile("group=status&sort=invoice$"))


def test_links_and_filters_keep_what_is_still_on_its_way(server, tab, harbor):
    on = opened(tab, server, harbor)
    unanswered = []

    def hold(route):
        unanswered.append(route)

    tab.route(re.compile(r"q=conc\w*&.*sort=(&|$)"), hold)
    tab.route(re.compile(r"group=contract&sort=invoice"), hold)
    on.search.fill("concrete")
    wait_for(lambda: tab.wait_for_timeout(50) or unanswered, what="the request of the search")
    tab.get_by_role("link", name="Invoice #").click()
    wait_for(lambda: tab.wait_for_timeout(50) or len(unanswered) == 2, what="that of the header")
    tab.get_by_label("Group by").select_option("Status")
    expect(tab).to_have_url(re.compile(r"\?q=concrete&group=status&sort=invoice$"))
    expect(on.rows).to_have_count(3)
    expect(on.search).to_have_value("concrete")
    tab.get_by_role("link", name="Clear filters").click()
    expect(tab).to_have_url(re.compile(r"invoicing\?group=status&sort=invoice$"))
    expect(on.rows).to_have_count(4)


def test_show_more_appends_and_what_was_ticked_whole_grows(server, tab, many):
    on = opened(tab, server, many)
    expect(on.rows).to_have_count(200)
    on.all.check()
    expect(on.panel).to_contain_text("600 invoices of 60 contracts")
    tab.get_by_text("Show more").click()
    expect(on.rows).to_have_count(400)
    assert tab.locator("input[name=invoice]:checked").count() == 400
    on.invoice("1 of SC-21").uncheck()
    on.invoice("2 of SC-21").uncheck()
    expect(on.panel).to_contain_text("598 invoices of 60 contracts")
    assert is_dashed(on.all)
    expect(tab).to_have_url(re.compile(r"/invoicing$"))


def test_a_long_group_can_be_ticked_whole_with_exceptions(server, tab, many):
    on = opened(tab, server, many, "?group=period")
    tab.goto(f"{server}/projects/{many}/invoicing?group=status&q=SC")
    status = tab.get_by_label("Select 100 invoices of Approved", exact=True)
    tab.get_by_text("Show more").click()
    status.check()
    expect(on.panel).to_contain_text("100 invoices of")
    on.rows.locator("visible=true").first.scroll_into_view_if_needed()
    tab.locator("tbody[data-group='whole_status:approved'] input[name=invoice]").first.uncheck()
    expect(on.panel).to_contain_text("99 invoices of")


def test_leaving_a_damaged_file_out_clears_the_way_and_keeps_the_ticks(server, tab, harbor):
    on = opened(tab, server, harbor)
    on.all.check()
    expect(on.panel).to_contain_text("1 problem to solve first")
    row = tab.get_by_role("row").filter(has=on.invoice("1 of SC-10"))
    expect(row).to_contain_text("1 cannot become pages")
    on.panel.get_by_role("button", name="Leave out of backups").click()
    expect(on.panel).not_to_contain_text("to solve first")
    expect(row).to_contain_text("1 left out of backups")
    expect(row).not_to_contain_text("cannot become pages")
    expect(tab.locator("#compile")).to_be_focused()
    expect(on.panel).to_contain_text("4 invoices of 2 contracts")
    expect(on.all).to_be_checked()


def test_a_refused_compile_names_its_reason_in_the_panel(server, tab, harbor):
    on = opened(tab, server, harbor)
    tab.get_by_role("button", name="Compile Invoice Backups").click()
    expect(on.panel).to_contain_text("No invoice is selected")
    on.invoice("1 of SC-10").check()
    expect(on.panel).to_contain_text("1 invoice of 1 contract")
    tab.get_by_role("button", name="Compile Invoice Backups").click()
    expect(on.panel.get_by_role("alert")).to_have_text(
        "Nothing was queued: solve the problems below first."
    )
    expect(on.panel).to_contain_text("Waiver.pdf")
    expect(on.invoice("1 of SC-10")).to_be_checked()
    expect(tab).to_have_url(re.compile(r"/invoicing$"))


def test_everything_works_without_javascript(server, plain_tab, harbor):
    on = opened(plain_tab, server, harbor)
    on.search.fill("sc-2")
    plain_tab.get_by_role("button", name="Apply").click()
    expect(on.rows).to_have_count(3)
    on.contract.check()
    plain_tab.get_by_role("button", name="Check selection").click()
    expect(on.panel).to_contain_text("3 invoices of 1 contract")
    expect(on.invoice("3 of SC-2")).to_be_checked()
    plain_tab.get_by_role("link", name="Clear filters").first.click()
    on.invoice("1 of SC-10").check()
    plain_tab.get_by_role("button", name="Compile Invoice Backups").click()
    expect(on.panel).to_contain_text("1 problem to solve first")
    expect(on.invoice("1 of SC-10")).to_be_checked()


def test_nobody_is_shut_out(server, tab, harbor):
    on = opened(tab, server, harbor)
    assert_fits(tab)
    on.all.check()
    expect(on.panel).to_contain_text("1 problem to solve first")
    tab.locator("summary", has_text="Contract Type").click()
    assert_fits(tab)
    tab.goto(f"{server}/projects/{harbor}/invoicing?q=nothing+like+it")
    assert_fits(tab)


def test_on_a_phone_the_panel_covers_neither_content_nor_width(server, tab, harbor):
    tab.set_viewport_size({"width": 390, "height": 844})
    on = opened(tab, server, harbor)
    on.all.check()
    expect(on.panel).to_contain_text("1 problem to solve first")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert_read_without_scrolling(tab)
    # The heading that stays in sight stays below the panel, too.
    panel = tab.locator(".selection").bounding_box()
    over = "([x, y]) => document.elementFromPoint(x, y).closest('.selection') !== null"
    for share in (0.1, 0.5, 0.9):
        assert tab.evaluate(over, [195, panel["y"] + share * panel["height"]])
    tab.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    last = on.rows.last.bounding_box()
    panel = on.panel.bounding_box()
    assert last["y"] + last["height"] <= panel["y"]
    assert panel["height"] < 844 * 0.45


def test_many_statuses_do_not_widen_the_page_of_a_phone(app, server, tab, harbor):
    with app.app_context():
        period = db.session.scalars(sa.select(BillingPeriod)).one()
        contract = db.session.scalars(sa.select(Contract).filter_by(number="SC-10")).one()
        for position, status in enumerate(InvoiceStatus, start=2):
            make_invoice(contract, period=period, position=position, status=status)
        db.session.commit()
    tab.set_viewport_size({"width": 390, "height": 844})
    opened(tab, server, harbor)
    expect(tab.locator(".counters li").nth(len(InvoiceStatus) - 1)).to_be_attached()
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
