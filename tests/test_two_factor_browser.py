"""The second factor in a real browser, as a person meets it."""

import re

from playwright.sync_api import expect
from pyotp import TOTP

from models import Installation, db
from tests.axe import assert_accessible
from tests.conftest import PASSWORD


def sign_in(tab, server):
    tab.goto(f"{server}/sign-in")
    tab.get_by_label("E-mail address").fill("bob@example.org")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()


def test_a_person_sets_up_a_second_factor_and_signs_in_with_it(app, server, bob, plain_tab, tab):
    sign_in(tab, server)
    expect(tab).to_have_url(f"{server}/projects")
    tab.goto(f"{server}/account")
    assert_accessible(tab)
    # The company wants one of everybody from now on: no other page is open to him.
    with app.app_context():
        db.session.merge(Installation(id=1, two_factor_required=True))
        db.session.commit()
    tab.get_by_role("link", name="Set up a second factor").click()
    tab.get_by_label("Your password").fill(PASSWORD)
    tab.get_by_role("button", name="Set up a second factor").click()
    key = tab.locator(".secret").inner_text()
    expect(tab.get_by_role("img", name="Picture for the authenticator app")).to_be_visible()
    assert_accessible(tab)
    tab.get_by_label("Code, 6 digits").fill(TOTP(key).now())
    tab.get_by_role("button", name="Switch the second factor on").click()
    expect(tab.get_by_role("heading", name="Recovery codes")).to_be_visible()
    codes = tab.locator(".codes li").all_inner_texts()
    assert_accessible(tab)
    tab.get_by_role("link", name="I have kept them").click()
    expect(tab.get_by_role("link", name="Recovery codes, switching off")).to_be_visible()

    # Another browser, without JavaScript and without the telephone.
    sign_in(plain_tab, server)
    expect(plain_tab).to_have_url(f"{server}/sign-in/code")
    code = plain_tab.get_by_label("Code of your authenticator app")
    code.fill("000000")
    plain_tab.get_by_role("button", name="Sign in").click()
    expect(plain_tab.get_by_role("alert")).to_contain_text("does not fit")
    code.fill(codes[0])
    plain_tab.get_by_role("button", name="Sign in").click()
    expect(plain_tab).to_have_url(f"{server}/projects")

    # The list of the first one shows it, and signs it out.
    tab.reload()
    rows = tab.locator(".sessions li")
    expect(rows).to_have_count(2)
    rows.filter(has=tab.get_by_role("button")).get_by_role("button").click()
    expect(tab.get_by_text("That browser is signed out.")).to_be_visible()
    plain_tab.goto(f"{server}/projects")
    expect(plain_tab).to_have_url(re.compile("/sign-in"))
