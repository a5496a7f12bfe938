"""Creating, changing and archiving projects."""

import pytest
import sqlalchemy as sa

from models import Access, Project, db, utcnow
from tests.conftest import join
from tests.factories import make_contract, make_invoice, make_period, make_project

FORM = {"number": "24-017", "name": "Harbor Point", "timezone": "America/Chicago"}


def test_an_administrator_creates_a_project(app, client):
    assert "America/Chicago" in client.get("/projects/new").text
    assert client.post("/projects", data=FORM | {"dictionary": "owners"}).status_code == 303
    with app.app_context():
        project = db.session.scalars(sa.select(Project)).one()
        assert (project.name, project.timezone, project.dictionary) == (
            "Harbor Point", "America/Chicago", "owners",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "zone"),
    [("Chicago", "America/Chicago"), ("new york", "America/New_York"), ("utc", "UTC")],
)
def test_a_city_stands_for_its_time_zone(app, client, typed, zone):
    client.post("/projects", data=FORM | {"timezone": typed})
    with app.app_context():
        assert db.session.scalars(sa.select(Project.timezone)).one() == zone


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"number": ""}, "This is needed."),
        ({"name": "x" * 201}, "has 201 characters; the limit is 200."),
        ({"timezone": "America/Gotham"}, "is not a time zone like America/Chicago."),
        ({"number": "22-003"}, "There is a project 22-003 already."),
        ({"dictionary": "pirates"}, "is not general_contractors"),
    ],
)
def test_a_project_that_is_not_right_is_refused(app, client, values, sentence):
    with app.app_context():
        make_project(number="22-003")
        db.session.commit()
    answer = client.post("/projects", data=FORM | values)
    assert answer.status_code == 422
    # The browser's own time zone is for a new page: who has emptied the field means UTC.
    assert "data-own-zone" in client.get("/projects/new").text
    assert "data-own-zone" not in answer.text
    if "dictionary" not in values:
        assert sentence in answer.text


@pytest.fixture
def project_id(app, bob):
    with app.app_context():
        project = make_project(number="24-017", name="Harbor Point")
        join(bob, project, Access.STANDARD)
        make_period(project, is_open=True)
        make_invoice(make_contract(project), status="draft")
        make_contract(project, is_private=True)
        db.session.commit()
        return project.id


def test_an_administrator_of_the_project_changes_it(app, client, member, project_id):
    data = FORM | {"name": "Harbor Point East", "forbids_overbilling": "yes"}
    assert client.post(f"/projects/{project_id}", data=data).status_code == 303
    assert "Refused" in client.get(f"/projects/{project_id}/settings").text
    with app.app_context():
        assert db.session.get_one(Project, project_id).forbids_overbilling
    assert member.post(f"/projects/{project_id}", data=data).status_code == 403


def test_the_list_counts_what_its_reader_may_see(client, member, project_id):
    link = f'/projects/{project_id}/contracts">'
    assert f"{link}2<" in client.get("/projects").text
    page = member.get("/projects").text
    assert f"{link}1<" in page
    assert "Jul 1 – 28, 2026" in page
    assert "New project" not in page


def test_an_archived_project_is_only_read_until_it_is_brought_back(app, client, member, project_id):
    base = f"/projects/{project_id}"
    assert client.post(f"{base}/archive").status_code == 303
    assert "Harbor Point" not in client.get("/projects").text.partition('class="tabs"')[2]
    assert "Harbor Point" in client.get("/projects?archived=1").text
    page = client.get(f"{base}/contracts")
    assert "This project is archived" in page.text
    assert "New subcontract" not in page.text
    for path in ("contracts", "billing-periods", "archive"):
        answer = client.post(f"{base}/{path}", data={"number": "1"})
        assert answer.status_code == 403
        assert "only read until somebody brings it back" in answer.text
    assert member.post(f"{base}/bring-back").status_code == 403
    assert client.post(f"{base}/bring-back").status_code == 303
    assert "New subcontract" in client.get(f"{base}/contracts").text


def test_an_archived_project_opens_no_periods(app):
    from datetime import date, datetime

    from models import Frequency, PeriodSchedule
    from services import period_schedules

    with app.app_context():
        for archived in (None, utcnow()):
            project = make_project(archived=archived)
            db.session.add(
                PeriodSchedule(
                    project_id=project.id, frequency=Frequency.MONTHLY, end_day=31,
                    done_until=date(2026, 1, 31), is_due_later=False,
                )
            )  # fmt: skip
        db.session.commit()
        behind = period_schedules.behind(datetime.fromisoformat("2026-03-05T12:00:00+00:00"))
        assert len(behind) == 1
