"""Reviewing an invoice on a phone."""

from models import db
from tests.axe import assert_accessible
from tests.conftest import PASSWORD
from tests.test_invoice_entry import Entry, entry  # noqa: F401 - a fixture
from tests.test_invoice_review import site  # noqa: F401 - a fixture


def test_a_line_is_rejected_with_the_thumb(app, site, server, tab):  # noqa: F811
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto(f"{server}/sign-in?next={site.page}/review")
    tab.fill("[name=email]", "alice@example.org")
    tab.fill("[name=password]", PASSWORD)
    tab.click("main button")
    tab.wait_for_url("**/review")

    row = tab.locator("table.review tbody tr").filter(has_text="010")
    for label in ("None", "Approve", "Reject"):
        box = row.get_by_text(label, exact=True).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["height"] >= 44
    assert tab.evaluate("document.querySelector('.table-scroll').scrollWidth") <= 390
    reason = row.locator(".reason")
    assert not reason.is_visible()
    row.get_by_text("Reject", exact=True).click()
    reason.fill("Not done")
    assert_accessible(tab)
    tab.get_by_role("button", name="Save review").click()
    tab.wait_for_url("**/review#finish")
    assert tab.locator("tr.is-rejected .reason").input_value() == "Not done"
    with app.app_context():
        assert site.row("010").review == "rejected"
        db.session.remove()
