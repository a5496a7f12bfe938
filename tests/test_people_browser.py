"""People, members, account and the private list in Chromium: accessible, and fit for a phone."""

import re

import pytest
from playwright.sync_api import expect

from models import Access, db
from tests.axe import assert_fits
from tests.conftest import PASSWORD, join, make_user
from tests.factories import make_contract, make_invoice, make_period, make_project


@pytest.fixture
def paths(app, alice, bob):
    make_user(app, "gone@example.org", "Gwendolyn Longname-Featherstonehaugh", is_active=False)
    with app.app_context():
        project = make_project(name="Harbor Point", number="24-017")
        join(bob, project, Access.STANDARD)
        contract = make_contract(project, title="Vault", is_private=True)
        make_invoice(contract, period=make_period(project))
        db.session.commit()
        base = f"/projects/{project.id}"
        return {
            "people": "/people",
            "account": "/account",
            "members": f"{base}/members",
            "contract": f"{base}/contracts/{contract.id}",
        }


def open_page(tab, server, path, email="alice@example.org"):
    tab.goto(f"{server}/sign-in?next={path}")
    tab.get_by_label("E-mail address").fill(email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    tab.wait_for_url(f"{server}{path}")


def test_pages_are_accessible_and_fit(server, tab, paths):
    for path in ("/sign-in", "/password-reset", "/invitation/none"):
        tab.goto(f"{server}{path}")
        assert_fits(tab)
    open_page(tab, server, paths["people"])
    for path in paths.values():
        tab.goto(f"{server}{path}")
        tab.locator(".user-menu summary").click()
        expect(tab.get_by_role("link", name="Outbox")).to_be_visible()
        assert_fits(tab)


def test_somebody_is_invited_and_joins(server, tab, plain_tab, paths, work, smtp):
    open_page(tab, server, "/people")
    tab.get_by_label("E-mail address").fill("nora@example.org")
    tab.get_by_label("Name", exact=True).fill("Nora North")
    tab.get_by_label("Project").select_option(label="24-017 Harbor Point")
    tab.get_by_role("button", name="Invite").click()
    row = tab.get_by_role("row", name=re.compile("Nora North"))
    expect(row).to_contain_text("The mail waits to be sent.")
    work()
    tab.reload()
    expect(row).to_contain_text("The link is good until")

    text = smtp.messages[-1].get_body(("plain",)).get_content()
    plain_tab.goto(re.search(r"http\S+/invitation/\S+", text)[0])
    plain_tab.get_by_label("Password").fill(PASSWORD)
    plain_tab.get_by_role("button", name="Open my account").click()
    plain_tab.get_by_role("link", name="Harbor Point").click()
    expect(plain_tab.get_by_role("link", name="Members")).to_have_count(0)

    tab.once("dialog", lambda dialog: dialog.accept())
    tab.get_by_role("button", name="Deactivate Nora North").click()
    expect(tab.get_by_text("Nora North can no longer sign in.")).to_be_visible()
    plain_tab.reload()
    expect(plain_tab.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_contract_is_opened_to_one_more_reader(server, tab, plain_tab, paths):
    open_page(tab, server, paths["contract"])
    tab.get_by_label("Bob Brown").check()
    tab.get_by_role("button", name="Save who sees it").click()
    expect(tab.get_by_text("This contract is private.")).to_be_visible()

    open_page(plain_tab, server, paths["contract"], email="bob@example.org")
    expect(plain_tab.get_by_role("heading", name="Vault")).to_be_visible()


def test_the_menu_closes_on_escape_and_on_a_click_elsewhere(server, tab, paths):
    open_page(tab, server, "/account")
    menu = tab.locator(".user-menu")
    menu.locator("summary").click()
    tab.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()
    menu.locator("summary").click()
    tab.get_by_role("heading", name="Account").click()
    expect(menu).not_to_have_attribute("open", "")
