"""From the page of a backup by mail to somebody outside, in a real browser."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from models import BackupLink, Recipient, db, utcnow
from services.delivery import plans
from tests.axe import assert_accessible
from tests.backup_rows import make_backup
from tests.conftest import PASSWORD, wait_for
from tests.factories import make_project


@pytest.fixture
def backup(app, alice):
    """Ids of a project and its finished backup."""
    with app.app_context():
        project = make_project(name="Harbor Tower", number="24-017", timezone="America/New_York")
        backup = make_backup(project, requested_by_id=alice)
        db.session.commit()
        return project.id, backup.id


def narrow(tab, name):
    """The page as it is, in both widths, free of what axe finds."""
    for width in (1440, 390):
        tab.set_viewport_size({"width": width, "height": 900})
        assert_accessible(tab)
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)
    tab.set_viewport_size({"width": 1440, "height": 900})


def test_from_the_mail_to_the_file_and_to_dead_links(
    app, server, worker, smtp, tab, plain_tab, backup, tmp_path
):
    project_id, backup_id = backup
    tab.goto(f"{server}/sign-in")
    tab.get_by_label("E-mail address").fill("alice@example.org")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    tab.wait_for_url(f"{server}/projects")

    # Recipients, what the mail says, and links for anyone.
    tab.goto(f"{server}/projects/{project_id}/delivery")
    tab.get_by_label("Anyone with the link may download").check()
    tab.get_by_label("Subject").fill("Draw of {project}, {pages}")
    tab.get_by_role("button", name="Preview").click()
    expect(tab.get_by_text("Draw of Harbor Tower, 3 pages")).to_be_visible()
    tab.get_by_role("button", name="Save", exact=True).click()
    expect(tab.get_by_text("The mails of this project are saved.")).to_be_visible()
    tab.get_by_label("E-mail address").fill("lender@bank.example")
    tab.get_by_role("button", name="Add").click()
    expect(tab.get_by_text("lender@bank.example gets the backups")).to_be_visible()
    tab.get_by_label("Every week").check()
    narrow(tab, "delivery")

    # Sent on from the page of the backup.
    page = f"{server}/projects/{project_id}/backups/{backup_id}"
    tab.goto(page)
    tab.get_by_role("button", name="Send to 1 recipient").click()
    expect(tab.get_by_text("1 mail is on the way.")).to_be_visible()
    [mail] = wait_for(lambda: smtp.messages, what="the mail")
    assert mail["Subject"] == "Draw of Harbor Tower, 3 pages"
    [address] = re.findall(r"http\S+/b/\S+", mail.get_body(("plain",)).get_content())

    # Somebody outside, without an account and without JavaScript.
    plain_tab.goto(address)
    expect(plain_tab.get_by_role("heading", name="Harbor Tower")).to_be_visible()
    with plain_tab.expect_download() as download:
        plain_tab.get_by_role("link", name="Download").click()
    saved = tmp_path / "saved.pdf"
    download.value.save_as(saved)
    assert saved.read_bytes().startswith(b"%PDF")
    tab.goto(address)
    narrow(tab, "link")

    # Seen on the page, then revoked.
    tab.goto(page)
    expect(tab.get_by_text("1 download, last")).to_be_visible()
    narrow(tab, "backup")
    tab.on("dialog", lambda dialog: dialog.accept())
    tab.get_by_role("button", name="Revoke the link for lender@bank.example").click()
    expect(tab.get_by_text("The link is revoked")).to_be_visible()
    assert plain_tab.goto(address).status == 404
    expect(plain_tab.get_by_text("Harbor Tower")).to_have_count(0)

    # A new link, made by hand, that then grows old.
    tab.get_by_role("button", name="New link").click()
    expect(tab.get_by_text("There is a new link")).to_be_visible()
    fresh = tab.locator("[data-copy]").get_attribute("data-copy")
    assert plain_tab.goto(fresh).status == 200
    with app.app_context():
        expired = sa.update(BackupLink).values(expires=utcnow() - timedelta(seconds=1))
        db.session.execute(expired)
        db.session.commit()
    assert plain_tab.goto(fresh).status == 404

    tab.goto(f"{server}/audit?project=24-017")
    expect(tab.get_by_role("cell", name="Link to a backup revoked")).to_be_visible()
    narrow(tab, "audit")
    tab.goto(f"{server}/mail")
    narrow(tab, "mail")
    with app.app_context():
        assert [row.email for row in plans.recipients(project_id)] == ["lender@bank.example"]
        assert db.session.scalars(sa.select(Recipient.project_id)).one() == project_id
