"""The main job in a real browser, with a real worker, Redis and mail server, from tick to PDF."""

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect
from pypdf import PdfReader

from models import Signature, SignatureStatus, StoredFile, db
from services import files, sheets
from tests.axe import assert_accessible
from tests.conftest import PASSWORD, wait_for
from tests.factories import (
    make_attachment,
    make_contract,
    make_file,
    make_invoice,
    make_invoice_line,
    make_line,
    make_period,
    make_project,
)
from tests.pdfs import write_pdf


@pytest.fixture
def project(app, tmp_path):
    """Contracts SC-2, SC-10 and SC-3 with two invoices each; SC-3 has a damaged file."""
    with app.app_context():
        project = make_project(number="2026-014", name="Harbor Point", timezone="America/Chicago")
        june, july = make_period(project, 6), make_period(project, 7, is_open=True)
        for number in ("SC-10", "SC-2", "SC-3"):
            contract = make_contract(project, number=number, title=f"Work of {number}")
            line = make_line(contract, item="1")
            for position, period in ((1, june), (2, july)):
                invoice = make_invoice(contract, period=period, position=position)
                make_invoice_line(invoice, line, work_this_period=1_000_00)
                name = f"{number} invoice {position} ticket"
                pages = [f"{name} page {page}" for page in (1, 2)]
                pdf = write_pdf(tmp_path / f"{name}.pdf", pages).read_bytes()
                make_attachment(invoice, pdf, name=f"{name}.pdf")
                if (number, position) == ("SC-2", 1):
                    signed = write_pdf(tmp_path / "signed.pdf", ["SC-2 signed"]).read_bytes()
                    db.session.add(
                        Signature(
                            invoice_id=invoice.id,
                            status=SignatureStatus.COMPLETED,
                            sha256=make_file(signed).sha256,
                            name="signed.pdf",
                        )
                    )
                if number == "SC-3":
                    make_attachment(invoice, b"%PDF-1.7 cut off", name="damaged.pdf")
            sheets.recalculate([contract.id])
        db.session.commit()
        files.ensure_inspected(db.session.scalars(sa.select(StoredFile.sha256)).all())
        return project.id


def open_tab(tab, server):
    tab.goto(server)
    tab.get_by_label("E-mail address").fill("alice@example.org")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    tab.get_by_role("link", name="Harbor Point").click()


def check_the_result(path):
    """The order, the signed copy, the bookmarks and the page labels of SC-2 and SC-10."""
    reader = PdfReader(path, strict=True)
    texts = [page.extract_text() for page in reader.pages]
    at = [
        next(n for n, text in enumerate(texts) if words in text)
        for words in (
            "SC-2 signed",
            "SC-2 invoice 1 ticket page 1",
            "SC-2 invoice 1 ticket page 2",
            "SC-2 invoice 2 ticket page 1",
            "SC-10 invoice 1 ticket page 1",
            "SC-10 invoice 2 ticket page 2",
        )
    ]
    assert at == sorted(at)
    assert not any("SC-3" in text for text in texts)
    assert reader.page_labels == [str(n) for n in range(1, len(texts) + 1)]
    assert "Harbor Point" in reader.metadata.title
    contracts = [item for item in reader.outline if not isinstance(item, list)]
    titles = [item.title for item in contracts]
    assert [n for n, title in enumerate(titles) if "SC-2" in title] < [
        n for n, title in enumerate(titles) if "SC-10" in title
    ]
    flat = list(flattened(reader.outline))
    ticket = next(item for item in flat if "SC-10 invoice 1 ticket" in item.title)
    assert reader.get_destination_page_number(ticket) == at[4]
    return len(texts)


def flattened(outline):
    for item in outline:
        if isinstance(item, list):
            yield from flattened(item)
        else:
            yield item


def the_mail(smtp):
    wait_for(lambda: smtp.messages, what="the mail")
    (message,) = smtp.messages
    text = message.get_body(("plain",)).get_content()
    assert message["To"] == "alice@example.org"
    assert message.get_body(("html",)) is not None
    return re.search(r"http://\S+/backups/\d+", text)[0]


NAME = re.compile(
    r"Subcontractor invoice backup - Harbor Point - 2026-014 - "
    r"\d{4}-\d\d-\d\d - \d\d-\d\d-\d\d\.pdf"
)


def test_two_contracts_are_ticked_compiled_mailed_and_downloaded(
    alice, project, server, worker, smtp, tab, tmp_path
):
    open_tab(tab, server)
    assert_accessible(tab)
    for number in ("SC-2", "SC-10"):
        tick(tab, number)
    panel = tab.locator("#preflight")
    expect(panel).to_contain_text("4 invoices of 2 contracts")
    tab.get_by_role("button", name="Compile Invoice Backups").click()

    download_link = tab.get_by_role("link", name=re.compile("Download")).first
    expect(download_link).to_be_visible(timeout=90_000)
    assert_accessible(tab)
    # Until then it asks what became of the mail.
    expect(tab.locator("#mails")).to_contain_text("Sent")
    polls = []

    def note(request):
        polls.append(request)

    tab.on("request", note)
    tab.wait_for_timeout(2500)
    # The preview of the file may come only now.
    assert [each.url for each in polls if each.resource_type in {"fetch", "xhr"}] == []

    tab.goto(the_mail(smtp))
    with tab.expect_download() as download:
        tab.get_by_role("link", name=re.compile("Download")).first.click()
    assert NAME.fullmatch(download.value.suggested_filename)
    download.value.save_as(tmp_path / "backup.pdf")
    pages = check_the_result(tmp_path / "backup.pdf")
    expect(tab.locator("main")).to_contain_text(re.compile(rf"Pages\s*{pages}\b"))

    tab.get_by_role("link", name="Backups", exact=True).click()
    expect(tab.locator("main")).to_contain_text(download.value.suggested_filename)
    assert_accessible(tab)


def test_the_same_without_javascript(alice, project, server, worker, smtp, plain_tab, tmp_path):
    tab = plain_tab
    open_tab(tab, server)
    for number in ("SC-2", "SC-10"):
        tick(tab, number)
    tab.get_by_role("button", name="Check selection").click()
    expect(tab.locator("#preflight")).to_contain_text("4 invoices of 2 contracts")
    tab.get_by_role("button", name="Compile Invoice Backups").click()

    # The page loads itself again until the backup is done.
    expect(tab).to_have_url(re.compile(r"/backups/\d+$"))
    link = tab.get_by_role("link", name=re.compile("Download")).first
    expect(link).to_be_visible(timeout=90_000)
    with tab.expect_download() as download:
        link.click()
    download.value.save_as(tmp_path / "backup.pdf")
    check_the_result(tmp_path / "backup.pdf")
    the_mail(smtp)


def test_a_damaged_file_stops_the_compile_until_it_is_left_out(
    alice, project, server, worker, tab, tmp_path
):
    open_tab(tab, server)
    tick(tab, "SC-3")
    panel = tab.locator("#preflight")
    expect(panel).to_contain_text("2 problems to solve first")
    tab.get_by_role("button", name="Compile Invoice Backups").click()
    expect(panel).to_contain_text("“damaged.pdf”")
    tab.get_by_role("link", name="Backups", exact=True).click()
    expect(tab.locator("main")).not_to_contain_text("Subcontractor invoice backup -")

    for left in (1, 0):
        tab.goto(f"{server}/projects/{project}/invoicing")
        tick(tab, "SC-3")
        expect(panel).to_contain_text("to solve first")
        if left:
            panel.get_by_text("2 files cannot be read").click()

        tab.get_by_role("button", name="Leave out of backups damaged.pdf").first.click()
        expect(tab.locator("main")).to_contain_text(re.compile("left out", re.IGNORECASE))
    tab.goto(f"{server}/projects/{project}/invoicing")
    tick(tab, "SC-3")
    expect(panel).not_to_contain_text("to solve first")
    tab.get_by_role("button", name="Compile Invoice Backups").click()

    link = tab.get_by_role("link", name=re.compile("Download")).first
    expect(link).to_be_visible(timeout=90_000)
    with tab.expect_download() as download:
        link.click()
    download.value.save_as(tmp_path / "backup.pdf")
    texts = [page.extract_text() for page in PdfReader(tmp_path / "backup.pdf").pages]
    assert texts[-1].count("“damaged.pdf” is damaged") == 2

    # An addendum holds what came since, and is refused where nothing did.
    tab.goto(f"{server}/projects/{project}/invoicing")
    tick(tab, "SC-3")
    tab.locator("select[name=since]").select_option("1")
    tab.get_by_role("button", name="Compile Invoice Backups").click()
    expect(tab.get_by_text("Nothing is new or changed since backup 1")).to_be_visible()
    tick(tab, "SC-2")
    expect(panel).to_contain_text("4 invoices of 2 contracts")
    tab.get_by_role("button", name="Compile Invoice Backups").click()
    expect(tab.locator("main")).to_contain_text("Addendum to backup 1")
    expect(tab.locator("main")).to_contain_text(re.compile(r"Invoices\s*2 of 1 contract"))
    expect(tab.get_by_role("link", name=re.compile("Download"))).to_be_visible(timeout=90_000)


def tick(tab, number):
    """Tick the whole contract."""
    name = re.compile(rf"^Select 2 invoices of .*\b{number}\b")
    tab.get_by_role("checkbox", name=name).check()
