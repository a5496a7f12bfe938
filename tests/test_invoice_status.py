"""Changing statuses: one invoice on its page, many on the Subcontractor tab, and the history."""

import re
from datetime import date

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from jobs import queue
from models import (
    Access,
    Invoice,
    InvoiceEvent,
    InvoiceStatus,
    PeriodSchedule,
    Project,
    db,
)
from services import drawings, invoice_history, invoice_status, sheets, storage
from services.invoice_status import StatusRefused
from tests.axe import assert_accessible, assert_fits
from tests.conftest import PASSWORD, join
from tests.factories import (
    make_contract,
    make_invoice,
    make_invoice_line,
    make_line,
    make_period,
    make_project,
)
from tests.invoicing_rows import make_many_invoices
from tests.statements import counted_statements

HTMX = {"HX-Request": "true"}
DRAFT, REVIEW, APPROVED = (
    InvoiceStatus.DRAFT,
    InvoiceStatus.UNDER_REVIEW,
    InvoiceStatus.APPROVED,
)


@pytest.fixture
def site(app, bob):
    """SC-1 with an approved invoice and two under review; returns the project's id."""
    with app.app_context():
        project = make_project()
        july = make_period(project, 7)
        contract = make_contract(project, number="SC-1", title="Concrete")
        line = make_line(contract)
        for position, status in enumerate((APPROVED, REVIEW, REVIEW), 1):
            invoice = make_invoice(contract, period=july, position=position, status=status)
            make_invoice_line(invoice, line, work_this_period=100_00)
        sheets.recalculate([contract.id])
        join(bob, project, Access.STANDARD)
        db.session.commit()
        return project.id


def ids(app):
    with app.app_context():
        return db.session.scalars(sa.select(Invoice.id).order_by(Invoice.position)).all()


def statuses(app):
    with app.app_context():
        return list(db.session.scalars(sa.select(Invoice.status).order_by(Invoice.position)))


def events(app):
    with app.app_context():
        return [
            (event.invoice_id, event.field, event.old, event.new, event.user_id)
            for event in db.session.scalars(sa.select(InvoiceEvent).order_by(InvoiceEvent.id))
        ]


def post_many(client, site, *, headers=None, **form):
    return client.post(f"/projects/{site}/invoicing/status", data=form, headers=headers)


def post_one(client, site, invoice_id, **form):
    return client.post(f"/projects/{site}/invoices/{invoice_id}/status", data=form)


def test_the_ticked_invoices_get_the_status_and_each_change_is_kept(app, client, alice, site):
    one, two, _three = ids(app)
    answer = post_many(client, site, invoice=[one, two], new_status="approved")
    assert answer.status_code == 303
    assert statuses(app) == [APPROVED, APPROVED, REVIEW]
    assert events(app) == [(two, "status", "under_review", "approved", alice)]
    page = client.get(answer.location).text
    assert "1 invoice is Approved now; 1 was already." in page


def test_a_whole_contract_with_exceptions_or_all_that_match_can_be_meant(app, client, site):
    _one, _, three = ids(app)
    post_many(client, site, all="1", **{"except": [three]}, new_status="draft")
    assert statuses(app) == [DRAFT, DRAFT, REVIEW]
    post_many(client, site, all="1", status="under_review", new_status="approved")
    assert statuses(app) == [DRAFT, DRAFT, APPROVED]


def test_the_view_stays_as_it_was(client, app, site):
    form = {"q": "SC-1", "group": "status", "all": "1", "new_status": "draft"}
    answer = post_many(client, site, **form)
    assert answer.location.endswith("/invoicing?q=SC-1&group=status")


def test_htmx_gets_the_list_anew_and_the_sentence_beside_it(app, client, site):
    answer = post_many(client, site, headers=HTMX, all="1", new_status="approved")
    assert answer.headers["HX-Retarget"] == "#invoices"
    assert answer.text.lstrip().startswith('<div id="invoices">')
    assert 'hx-swap-oob="innerHTML:#status-note"' in answer.text
    assert "2 invoices are Approved now; 1 was already." in answer.text


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"new_status": "approved"}, "Tick the invoices whose status changes."),
        ({"all": "1"}, "Choose a status."),
        ({"all": "1", "new_status": "paid"}, "“paid” is not a status of an invoice."),
        ({"all": "1", "new_status": "not_invited"}, "“not_invited” is not a status"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_sentence(app, client, site, form, sentence):
    answer = post_many(client, site, **form)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "<!doctype html>" in answer.text
    answer = post_many(client, site, headers=HTMX, **form)
    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#status-note"
    assert sentence in answer.text
    assert "<table" not in answer.text
    assert not events(app)


def test_only_administrators_change_many(app, member, stranger, site):
    assert post_many(member, site, all="1", new_status="draft").status_code == 403
    assert post_many(stranger, site, all="1", new_status="draft").status_code == 404
    assert not events(app)
    assert "Change status" not in member.get(f"/projects/{site}/invoicing").text


def test_invoices_of_other_projects_are_not_touched(app, client, site):
    with app.app_context():
        other = make_invoice(make_contract(make_project()), status=DRAFT)
        db.session.commit()
        other_id = other.id
    answer = post_many(client, site, invoice=[other_id], new_status="approved")
    assert answer.status_code == 422
    with app.app_context():
        assert db.session.get_one(Invoice, other_id).status == DRAFT


def test_drawings_are_asked_for_where_the_status_changed(app, client, site):
    _one, two, three = ids(app)
    post_many(client, site, all="1", new_status="approved")
    with app.app_context():
        jobs = [(job.func_name, job.args) for job in queue("files").get_jobs()]
    assert jobs == [("jobs.drawings.draw_many", [two, three])]


def test_the_drawing_of_a_draft_is_another_than_that_of_an_approved_invoice(
    app, client, site, work
):
    one, *_ = ids(app)
    with app.app_context():
        drawings.draw(one)
        before = db.session.get_one(Invoice, one).content_key
    post_one(client, site, one, seen="approved", new_status="draft")
    work()
    with app.app_context():
        after = db.session.get_one(Invoice, one).content_key
        assert after != before
        assert storage.drawn(after).exists()


def test_many_changes_take_as_many_statements_as_few(context):
    counts = set()
    for contracts in (2, 60):
        project_id = make_many_invoices(contracts, 10)
        chosen = db.session.scalars(
            sa.select(Invoice.id).where(Invoice.contract.has(project_id=project_id))
        ).all()
        with counted_statements() as statements:
            changed = invoice_status.change(chosen, DRAFT, user_id=None)
        assert 0 < len(changed) < len(chosen)
        counts.add(len([text for text in statements if not text.startswith("BEGIN")]))
    assert counts == {7}


def test_the_page_of_an_invoice_tells_who_changed_what(app, client, site):
    one, *_ = ids(app)
    url = f"/projects/{site}/invoices/{one}"
    assert "Nothing was changed yet." in client.get(url).text
    answer = post_one(client, site, one, seen="approved", new_status="revise_and_resubmit")
    assert answer.status_code == 303
    page = client.get(url).text
    row = re.search(r"<tr><td[^>]*><time.*?</tr>", page, re.DOTALL)[0]
    cells = re.findall(r"<td[^>]*>(?:<time[^>]*>)?([^<]*)", row)
    assert cells[1:] == ["Alice Adams", "Status", "Approved", "Revise &amp; Resubmit"]
    assert "1 change, the last on" in page


def test_a_change_of_what_somebody_else_changed_meanwhile_is_refused(app, client, site):
    one, *_ = ids(app)
    post_one(client, site, one, seen="approved", new_status="draft")
    answer = post_one(client, site, one, seen="approved", new_status="under_review")
    assert answer.status_code == 422
    assert "Somebody changed this invoice to Draft meanwhile." in answer.text
    assert statuses(app)[0] == DRAFT
    # What is asked for is there already: nobody is bothered, and nothing is noted twice.
    assert post_one(client, site, one, seen="approved", new_status="draft").status_code == 303
    assert len(events(app)) == 1


@pytest.mark.parametrize(
    "form", [{}, {"seen": "approved"}, {"new_status": "paid", "seen": "draft"}]
)
def test_a_form_without_a_status_is_refused(app, client, site, form):
    one, *_ = ids(app)
    assert post_one(client, site, one, **form).status_code == 422
    assert not events(app)


def set_status(app, invoice_id, status):
    with app.app_context():
        db.session.execute(sa.update(Invoice).where(Invoice.id == invoice_id).values(status=status))
        db.session.commit()


def test_a_standard_user_submits_the_latest_draft_and_does_nothing_else(app, member, bob, site):
    _one, two, three = ids(app)
    assert post_one(member, site, three, new_status="under_review").status_code == 403
    set_status(app, three, InvoiceStatus.REVISE_AND_RESUBMIT)
    set_status(app, two, DRAFT)
    assert "Submit for review" in member.get(f"/projects/{site}/invoices/{three}").text
    assert "Submit for review" not in member.get(f"/projects/{site}/invoices/{two}").text
    assert post_one(member, site, two, new_status="under_review").status_code == 403
    assert post_one(member, site, three, new_status="approved").status_code == 403
    assert post_one(member, site, three, new_status="under_review").status_code == 303
    assert events(app) == [(three, "status", "revise_and_resubmit", "under_review", bob)]


def test_a_reader_sees_the_status_without_a_button(app, site, mallory, stranger):
    with app.app_context():
        join(mallory, db.session.get_one(Project, site), Access.READ_ONLY)
        db.session.commit()
    one, *_ = ids(app)
    page = stranger.get(f"/projects/{site}/invoices/{one}").text
    assert "Change status" not in page
    assert "Submit for review" not in page
    assert post_one(stranger, site, one, seen="approved", new_status="draft").status_code == 403


def test_the_stricter_rule_keeps_people_from_submitting_after_the_due_date(app, site, bob):
    with app.app_context():
        invoice = db.session.get_one(Invoice, ids(app)[2])
        invoice.status = DRAFT
        schedule = PeriodSchedule(project_id=site, frequency="never")
        db.session.add(schedule)
        db.session.commit()
        after = date(2026, 7, 26)
        invoice_status.submit(invoice, after, user_id=bob)
        assert invoice.status == REVIEW
        invoice.status, schedule.due_rule = DRAFT, "create_and_submit"
        db.session.commit()
        with pytest.raises(StatusRefused, match=r"were due on Jul 25, 2026\. An administrator can"):
            invoice_status.submit(invoice, after, user_id=bob)
        invoice_status.submit(invoice, date(2026, 7, 25), user_id=bob)
        assert invoice.status == REVIEW


def test_the_history_outlives_the_account(app, client, site, alice):
    from models import User

    one, *_ = ids(app)
    post_one(client, site, one, seen="approved", new_status="draft")
    with app.app_context():
        db.session.execute(sa.delete(User).where(User.id == alice))
        db.session.commit()
        (save,) = invoice_history.of_invoice(one)
        assert (save.changes[0].new, save.who) == ("Draft", "")


def signed_in(tab, server, path):
    tab.goto(f"{server}/sign-in")
    tab.get_by_label("E-mail").fill("alice@example.org")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    tab.goto(server + path)


def test_statuses_change_in_place_and_the_ticks_stay(app, server, tab, alice, site):
    signed_in(tab, server, f"/projects/{site}/invoicing?group=status")
    tab.get_by_label("Select invoice 2 of SC-1").check()
    panel = tab.get_by_role("complementary", name="Selection")
    expect(panel).to_contain_text("1 invoice of 1 contract")
    panel.get_by_text("Change status").click()
    panel.get_by_role("button", name="Save").click()
    expect(tab.locator("#status-note")).to_contain_text("Choose a status.")
    panel.get_by_label("New status of the selected invoices").select_option("Approved as Noted")
    panel.get_by_role("button", name="Save").click()
    expect(tab.locator("#status-note")).to_contain_text("1 invoice is Approved as Noted now.")
    expect(tab.get_by_role("link", name=re.compile("^Approved as Noted 1"))).to_be_visible()
    expect(tab.get_by_label("Select invoice 2 of SC-1")).to_be_checked()
    expect(panel).to_contain_text("1 invoice of 1 contract")
    # The check runs once more, and is dimmed as long.
    tab.wait_for_load_state("networkidle")
    expect(tab.locator(".htmx-request")).to_have_count(0)
    assert_accessible(tab)


def test_statuses_change_without_javascript_too(app, server, plain_tab, alice, site):
    signed_in(plain_tab, server, f"/projects/{site}/invoicing")
    plain_tab.get_by_label("Select invoice 3 of SC-1").check()
    plain_tab.get_by_text("Change status").click()
    plain_tab.get_by_label("New status of the selected invoices").select_option("Approved")
    plain_tab.get_by_role("button", name="Save").click()
    expect(plain_tab.get_by_text("1 invoice is Approved now.")).to_be_visible()


def test_nobody_is_shut_out(app, server, tab, alice, site):
    with app.app_context():
        project = db.session.get_one(Project, site)
        make_period(project, 8, is_open=True)
        make_contract(project, number="SC-2", title="A contract that nobody has billed yet at all")
        db.session.commit()
    one, *_ = ids(app)
    signed_in(tab, server, f"/projects/{site}/invoicing")
    tab.get_by_text("Billing by period").first.click()
    # A phone shows what can be done with a selection once there is one.
    tab.locator("[name=invoice]").first.check()
    expect(tab.locator("#preflight")).to_contain_text("1 invoice of 1 contract")
    tab.get_by_text("Change status").click()
    expect(tab.get_by_text("Not billed in Aug 1 – 28, 2026")).to_be_visible()
    assert_fits(tab)
    tab.goto(f"{server}/projects/{site}/invoices/{one}")
    tab.get_by_role("combobox", name="Status").select_option("Draft")
    tab.get_by_role("button", name="Change status").click()
    tab.get_by_text("1 change, the last on").click()
    expect(tab.get_by_role("cell", name="Alice Adams")).to_be_visible()
    assert_fits(tab)
