"""The page that compares two backups, in a real browser without JavaScript and by axe."""

import pytest
from playwright.sync_api import expect

from models import Backup, BackupStatus, db
from tests.axe import assert_fits
from tests.conftest import PASSWORD
from tests.factories import make_project
from tests.test_comparing import due, entry, manifest


def _store(project, number, found):
    request = {"invoices": []}
    result = {"path": "gone.pdf", "sha256": "0" * 64, "pages": found["pages"], "manifest": found}
    row = Backup(project_id=project.id, number=number, request=request, **result)
    row.status = BackupStatus.DONE
    db.session.add(row)


@pytest.fixture
def address(app, alice):
    """Backups 1 and 2 of a project, which differ in every way."""
    drawn = {"kind": "invoice", "name": "Subcontractor invoice"}
    old = [
        entry(sha256="1", pages=3, **drawn),
        entry("Conditional lien waiver.pdf", "2"),
        entry("Photographs of the third floor.pdf", "3", pages=12),
        entry("Stored materials.pdf", "4", contract="SC-2", first_page=17),
    ]
    new = [
        entry(sha256="5", pages=4, **drawn),
        entry("Conditional lien waiver.pdf", "2"),
        entry("Certificate of insurance.pdf", "6", pages=2),
        entry("Stored materials.pdf", "4", contract="SC-2", first_page=8),
        entry(sha256="7", pages=3, contract="SC-10", **drawn),
    ]
    out = {"contract": "SC-1", "position": 1, "name": old[2]["name"], "reason": "Not needed."}
    with app.app_context():
        project = make_project(name="Harbor Point")
        _store(project, 1, manifest(*old, invoices=[due("1200.00")]))
        _store(project, 2, manifest(*new, invoices=[due("1450.50")], left_out=[out]))
        db.session.commit()
        return f"/projects/{project.id}/backups"


def sign_in(page, server):
    page.goto(f"{server}/sign-in")
    page.get_by_label("E-mail").fill("alice@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_two_backups_are_chosen_and_compared_without_javascript(server, plain_tab, address):
    sign_in(plain_tab, server)
    plain_tab.goto(f"{server}{address}")
    plain_tab.get_by_role("link", name="Compare", exact=True).click()
    expect(
        plain_tab.get_by_text("2 new, 1 changed, 1 removed, 2 documents the same")
    ).to_be_visible()
    expect(plain_tab.get_by_text("Not needed.")).to_be_visible()
    plain_tab.get_by_label("To").select_option("1")
    plain_tab.get_by_role("button", name="Compare").click()
    expect(plain_tab.get_by_text("The two hold the same documents.")).to_be_visible()


def test_the_comparison_is_accessible_and_fits(server, tab, address):
    sign_in(tab, server)
    tab.goto(f"{server}{address}/compare")
    expect(tab.get_by_text("Certificate of insurance.pdf")).to_be_visible()
    assert_fits(tab)
