"""Reviewing line by line, finishing a review, and talking about an invoice."""

import pytest
import sqlalchemy as sa

from models import Access, Invoice, InvoiceLine, InvoiceStatus, Project, Review, db
from tests.conftest import join
from tests.test_invoice_entry import Entry, entry, text_of  # noqa: F401 - a fixture


@pytest.fixture
def site(app, entry, client):  # noqa: F811
    """The invoice with amounts on items 010 and 020, under review."""
    client.post(entry.url, data=entry.form({"work 010": "100", "work 020": "200"}))
    with app.app_context():
        db.session.get(Invoice, entry.id).status = InvoiceStatus.UNDER_REVIEW
        db.session.commit()
    return entry


def verdicts(entry, version="2", **said):  # noqa: F811
    form = {"version": version}
    for item, (review, reason) in said.items():
        line = entry.lines[item.removeprefix("i")]
        form |= {f"review-{line}": review, f"reason-{line}": reason}
    return form


def review(entry):  # noqa: F811
    return f"{entry.page}/review"


def test_a_rejected_line_keeps_its_amount_and_says_why(app, client, site):
    form = verdicts(site, i010=("rejected", "Not <yet> done"), i020=("approved", "ignored"))
    answer = client.post(review(site), data=form)

    assert (answer.status_code, answer.location) == (303, f"{review(site)}#finish")
    with app.app_context():
        rejected, approved = site.row("010"), site.row("020")
        assert (rejected.review, rejected.review_reason) == ("rejected", "Not <yet> done")
        assert (approved.review, approved.review_reason) == ("approved", "")
        assert rejected.work_this_period == 100_00
    page = client.get(site.page)
    assert "Item 010</strong>: Not &lt;yet&gt; done" in page.text
    assert "Item 010 Review No Action Rejected" in text_of(page)
    assert "Item 010</strong>: Not &lt;yet&gt; done" in client.get(site.url).text


def test_the_others_are_approved_in_one_step(app, client, site):
    form = verdicts(site, i010=("rejected", ""), i020=("no_action", "")) | {"others": "approved"}
    client.post(review(site), data=form)
    with app.app_context():
        assert [site.row(i).review for i in ("010", "020")] == ["rejected", "approved"]


def proposed(answer):
    return text_of(answer), answer.text.split(" selected>")[1].split("<")[0]


def test_a_finished_review_proposes_a_status(client, site):
    client.post(review(site), data=verdicts(site, i010=("approved", ""), i020=("approved", "")))
    assert proposed(client.get(review(site)))[1] == "Under Review"

    client.post(review(site), data=verdicts(site, "3", i020=("rejected", "no")))
    said, status = proposed(client.get(review(site)))
    assert "1 line approved, 1 rejected, 0 without a verdict." in said
    assert status == "Revise &amp; Resubmit"


def test_who_submitted_the_invoice_is_told_how_it_ended(app, client, member, bob, site, smtp, work):
    with app.app_context():
        join(bob, db.session.get_one(Project, site.project_id), Access.STANDARD)
        db.session.get(Invoice, site.id).status = InvoiceStatus.DRAFT
        db.session.commit()
    member.post(f"{site.page}/status", data={"new_status": "under_review"})
    form = {"seen": "under_review", "new_status": "revise_and_resubmit"}
    answer = client.post(f"{review(site)}/finish", data=form, follow_redirects=True)
    assert "Bob Brown is told by e-mail." in answer.text
    work()

    (mail,) = smtp.messages
    assert mail["To"] == "bob@example.org"
    assert mail["Subject"] == "SC-7, invoice SC-7-02: Revise & Resubmit"
    text = mail.get_body(("plain",)).get_content()
    assert "was reviewed" in text
    assert site.page in text


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"version": "1"}, "Somebody changed this invoice meanwhile."),
        ({"version": "2", "review-{010}": "maybe"}, "Item 010: choose approve or reject"),
        ({"version": "2", "review-{010}": "rejected", "reason-{010}": "x" * 501}, "501 characters"),
        ({"version": "2", "review-{010}": "rejected", "reason-{010}": "\x00"}, "not one line"),
    ],
)
def test_a_review_that_is_not_saved_says_why_and_keeps_what_was_said(
    app, client, site, form, sentence
):
    line = str(site.lines["010"])
    form = {name.replace("{010}", line): value for name, value in form.items()}
    answer = client.post(review(site), data=form)

    assert answer.status_code == 422
    assert sentence in answer.text
    with app.app_context():
        marks = db.session.scalars(sa.select(InvoiceLine.review)).all()
        assert set(marks) == {Review.NO_ACTION}


def test_a_status_that_changed_meanwhile_is_not_overwritten(client, site):
    form = {"seen": "draft", "new_status": "approved"}
    answer = client.post(f"{review(site)}/finish", data=form)
    assert answer.status_code == 422
    assert "Somebody changed this invoice to Under Review meanwhile." in answer.text


@pytest.mark.parametrize("access", [Access.READ_ONLY, Access.STANDARD])
def test_only_administrators_review(app, member, bob, site, access):
    with app.app_context():
        join(bob, db.session.get_one(Project, site.project_id), access)
        db.session.commit()
    assert member.get(review(site)).status_code == 403
    assert member.post(review(site), data=verdicts(site)).status_code == 403
    assert member.post(f"{review(site)}/finish").status_code == 403
    assert "/review" not in member.get(site.page).text
    comment = member.post(f"{site.page}/comments", data={"text": "Hi"})
    assert comment.status_code == (303 if access == Access.STANDARD else 403)


def test_people_talk_about_an_invoice(client, site):
    for text in ("First <b>", "Second"):
        answer = client.post(f"{site.page}/comments", data={"text": text})
        assert (answer.status_code, answer.location) == (303, f"{site.page}#discussion")
    page = client.get(site.page)
    assert page.text.index("First &lt;b&gt;") < page.text.index("Second")
    assert "Alice Adams" in text_of(page)


@pytest.mark.parametrize("text", [" ", "x" * 5001, "a\x07"])
def test_a_comment_that_is_not_kept_says_why(client, site, text):
    assert client.post(f"{site.page}/comments", data={"text": text}).status_code == 422
