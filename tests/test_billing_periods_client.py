import pytest
import sqlalchemy as sa

from models import Access, BillingPeriod, Invoice, PeriodEvent, Project, db
from tests.conftest import join
from tests.factories import make_contract, make_invoice, make_period, make_project
from tests.statements import counted_statements

HTMX = {"HX-Request": "true"}


@pytest.fixture
def project(app, bob):
    with app.app_context():
        project = make_project()
        make_period(project, 7)
        make_period(project, 8, is_open=True)
        join(bob, project, Access.READ_ONLY)
        db.session.commit()
        return project.id


def url(project, rest=""):
    return f"/projects/{project}/billing-periods{rest}"


def dates(**values):
    return {"start": "2026-09-01", "end": "2026-09-30", "due": "2026-09-25"} | values


def rows(app):
    with app.app_context():
        query = sa.select(BillingPeriod).order_by(BillingPeriod.start)
        return [(p.id, p.start.isoformat(), p.status.value) for p in db.session.scalars(query)]


def test_the_page_lists_periods_newest_first(client, project):
    page = client.get(url(project)).text
    assert page.index("Aug 1, 2026") < page.index("Jul 1, 2026")
    assert "<!doctype html>" in page


def test_the_form_proposes_the_next_month(client, project):
    page = client.get(url(project)).text
    assert 'name="start" value="2026-08-29"' in page
    assert "It becomes the open period. Aug 1 – 28, 2026, now open, is closed by it." in page


def test_creating_leads_back_to_the_list(app, client, project):
    answer = client.post(url(project), data=dates())
    assert answer.status_code == 303
    assert answer.location.startswith(f"{url(project)}?at=")
    assert "autofocus>" in client.get(answer.location).text
    assert [status for _, _, status in rows(app)] == ["closed", "closed", "open"]


def test_a_refused_period_keeps_what_was_typed(client, project):
    answer = client.post(url(project), data=dates(end="2026-08-01"))
    assert answer.status_code == 422
    assert "The start is after the end." in answer.text
    assert 'name="start" value="2026-09-01"' in answer.text
    assert 'name="end" value="2026-08-01"' in answer.text
    assert "<!doctype html>" in answer.text


def test_htmx_gets_the_table_alone(client, project):
    answer = client.post(url(project), data=dates(start=""), headers=HTMX)
    assert answer.status_code == 422
    assert answer.text.strip().startswith('<div id="periods"')
    assert "<!doctype html>" not in answer.text


def test_a_row_turns_into_a_form(app, client, project):
    july = rows(app)[0][0]
    answer = client.get(url(project, f"?edit={july}"), headers=HTMX)
    assert f'action="{url(project, f"/{july}")}"' in answer.text
    assert 'name="start" value="2026-07-01"' in answer.text


def test_saving_the_row_changes_the_dates(app, client, project):
    july = rows(app)[0][0]
    answer = client.post(url(project, f"/{july}"), data=dates(start="2026-06-01"), headers=HTMX)
    assert answer.status_code == 303
    assert rows(app)[0] == (july, "2026-06-01", "closed")


def test_a_refused_row_stays_a_form_with_what_was_typed(client, app, project):
    july = rows(app)[0][0]
    data = {"start": "2026-08-01", "end": "2026-08-28", "due": ""}
    answer = client.post(url(project, f"/{july}"), data=data)
    assert answer.status_code == 422
    assert "There is a period Aug 1 – 28, 2026 already." in answer.text
    assert f'form="edit-{july}"' in answer.text
    assert 'name="start" value="2026-08-01" min' in answer.text


def test_opening_asks_for_a_reason_and_keeps_it(app, client, project):
    july, august = (row[0] for row in rows(app))
    assert (
        "Why is Jul 1 – 28, 2026 opened again?" in client.get(url(project, f"?reopen={july}")).text
    )
    refused = client.post(url(project, f"/{july}/open"), data={"reason": ""})
    assert refused.status_code == 422
    assert "Say why this period is opened again" in refused.text
    answer = client.post(url(project, f"/{july}/open"), data={"reason": "A late invoice <b>"})
    assert answer.status_code == 303
    assert rows(app) == [(july, "2026-07-01", "open"), (august, "2026-08-01", "closed")]
    page = client.get(url(project)).text
    assert "Reopened by Alice Adams: A late invoice &lt;b&gt;" in page


def test_closing_the_open_period(app, client, project):
    august = rows(app)[1][0]
    assert client.post(url(project, f"/{august}/close")).status_code == 303
    assert rows(app)[1] == (august, "2026-08-01", "closed")


def test_deleting_an_unused_period(app, client, project):
    july, august = (row[0] for row in rows(app))
    answer = client.post(url(project, f"/{july}/delete"))
    assert answer.status_code == 303
    assert len(rows(app)) == 1
    # The focus goes to the row beside it, and to the empty list after the last one.
    assert answer.location.endswith(f"?at={august}")
    page = client.get(answer.location).text
    assert "autofocus" in page.split(f"?edit={august}")[1].split(">")[0] or "autofocus" in page
    answer = client.post(url(project, f"/{august}/delete"))
    assert '<h2 tabindex="-1" data-focus>No billing period yet' in client.get(answer.location).text


def test_an_unseen_character_in_a_reason_is_refused(app, client, project):
    july = rows(app)[0][0]
    answer = client.post(url(project, f"/{july}/open"), data={"reason": "late \u202eetal"})
    assert answer.status_code == 422
    assert "The reason has characters that nobody can see" in answer.text


def test_a_used_period_is_kept_and_its_invoices_are_named(app, client, project):
    july = rows(app)[0][0]
    with app.app_context():
        contract = make_contract(make_project(), number="SC-9")
        db.session.add(Invoice(contract_id=contract.id, position=3, period_id=july, number="A-3"))
        db.session.commit()
    answer = client.post(url(project, f"/{july}/delete"))
    assert answer.status_code == 422
    assert "Jul 1 – 28, 2026 cannot be deleted: invoice A-3 of SC-9 belongs to it." in answer.text
    assert len(rows(app)) == 2


def test_a_stranger_finds_nothing(app, stranger, project):
    july = rows(app)[0][0]
    assert stranger.get(url(project)).status_code == 404
    for rest in ("", f"/{july}", f"/{july}/open", f"/{july}/close", f"/{july}/delete"):
        assert stranger.post(url(project, rest), data=dates(reason="x")).status_code == 404
    assert len(rows(app)) == 2


def test_a_visitor_is_asked_to_sign_in(app, project):
    assert "/sign-in" in app.test_client().get(url(project)).location


def test_a_reader_sees_the_table_without_buttons(app, member, project):
    july = rows(app)[0][0]
    page = member.get(url(project, f"?edit={july}")).text
    assert "Jul 1, 2026" in page
    for word in ("Create Billing Period", "Delete", "Save", "Edit<"):
        assert word not in page
    for rest in ("", f"/{july}", f"/{july}/open", f"/{july}/close", f"/{july}/delete"):
        assert member.post(url(project, rest), data=dates(reason="x")).status_code == 403
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(PeriodEvent)) == 0


def test_a_period_of_another_project_is_not_there(app, client, project):
    with app.app_context():
        other = make_period(make_project())
        db.session.commit()
        other_id = other.id
    assert client.post(url(project, f"/{other_id}/close")).status_code == 404


def test_more_periods_take_no_more_statements(app, client, project):
    with counted_statements() as few:
        client.get(url(project))
    with app.app_context():
        found = db.session.get(Project, project)
        for month in (1, 2, 3, 4, 5):
            make_invoice(make_contract(found), period=make_period(found, month))
        db.session.commit()
    with counted_statements() as many:
        client.get(url(project))
    assert len(many) == len(few)


def test_without_a_period_the_page_says_what_one_is(app, client):
    with app.app_context():
        project = make_project()
        db.session.commit()
        project_id = project.id
    assert "No billing period yet" in client.get(url(project_id)).text
