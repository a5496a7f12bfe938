"""Automatic billing periods: set up on their tab, made on their first day by the worker."""

import re
import threading
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from billing.calendar import DAY, DueRule, Monthly, Weekly
from jobs.periods import advance_periods
from models import (
    Access,
    BillingPeriod,
    Frequency,
    PeriodEvent,
    PeriodSchedule,
    db,
    reading,
)
from services import period_schedules, period_words, periods
from services.period_dates import PeriodDates, PeriodRefused
from services.period_schedules import SetUp
from tests.axe import assert_fits
from tests.conftest import PASSWORD, join, wait_for
from tests.factories import make_period, make_project

NOON = "T12:00:00+00:00"


def at(text):
    return datetime.fromisoformat(text if "T" in text else text + NOON)


def wanted(**values):
    """What a form for whole months says."""
    return SetUp.parse({"frequency": "monthly", "monthly_end": "31", "monthly_due": "25"} | values)


def set_up(project, today, **values):
    return period_schedules.save(project.id, wanted(**values), date.fromisoformat(today))


def stored(project_id):
    query = BillingPeriod.of_project(project_id).order_by(None).order_by(BillingPeriod.start)
    return [(f"{p.start}", f"{p.end}", p.status.value) for p in db.session.scalars(query)]


@pytest.fixture
def project(context):
    project = make_project(timezone="America/Chicago")
    db.session.commit()
    return project


def test_the_period_of_today_is_made_at_once(project):
    made = set_up(project, "2026-11-22")
    assert stored(project.id) == [("2026-11-01", "2026-11-30", "open")]
    assert made[0].due == date(2026, 11, 25)
    event = db.session.scalars(sa.select(PeriodEvent)).one()
    assert (event.action, event.reason, event.user_id) == (
        "created",
        "automatically, monthly",
        None,
    )


def test_the_next_opens_on_its_first_day_and_closes_the_one_before(project):
    set_up(project, "2026-11-22")
    assert advance_periods(at("2026-11-30")) == 0
    assert advance_periods(at("2026-12-01")) == 1
    assert stored(project.id) == [
        ("2026-11-01", "2026-11-30", "closed"),
        ("2026-12-01", "2026-12-31", "open"),
    ]


def test_the_day_is_that_of_the_project(project):
    """A day begins in Tokyo fifteen hours before it does in Chicago."""
    tokyo = make_project(timezone="Asia/Tokyo")
    set_up(project, "2026-11-22")
    set_up(tokyo, "2026-11-22")
    assert advance_periods(at("2026-11-30T14:59:00+00:00")) == 0
    assert advance_periods(at("2026-11-30T15:00:00+00:00")) == 1
    assert len(stored(tokyo.id)) == 2
    assert advance_periods(at("2026-12-01T05:59:00+00:00")) == 0
    assert advance_periods(at("2026-12-01T06:00:00+00:00")) == 1
    assert len(stored(project.id)) == 2


def test_twice_or_late_makes_each_period_once_and_opens_one(project):
    set_up(project, "2026-11-22")
    assert advance_periods(at("2027-02-03")) == 3
    assert advance_periods(at("2027-02-03")) == 0
    assert advance_periods(at("2026-12-24")) == 0
    assert stored(project.id) == [
        ("2026-11-01", "2026-11-30", "closed"),
        ("2026-12-01", "2026-12-31", "closed"),
        ("2027-01-01", "2027-01-31", "closed"),
        ("2027-02-01", "2027-02-28", "open"),
    ]


def test_two_workers_at_the_same_moment_make_one_period(app, project):
    set_up(project, "2026-11-22")
    made = []

    def work():
        with app.app_context():
            made.append(advance_periods(at("2026-12-01")))
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [0, 0, 0, 1]
    with reading():
        assert len(stored(project.id)) == 2


def test_a_period_that_was_deleted_does_not_come_back(project):
    (made,) = set_up(project, "2026-11-22")
    periods.delete(made)
    assert advance_periods(at("2026-11-23")) == 0
    assert advance_periods(at("2026-12-01")) == 1


def test_a_period_that_was_closed_by_hand_stays_closed(project):
    (made,) = set_up(project, "2026-11-22")
    periods.close(made, user_id=None)
    assert advance_periods(at("2026-11-23")) == 0
    assert stored(project.id) == [("2026-11-01", "2026-11-30", "closed")]


def test_what_was_made_by_hand_is_neither_closed_nor_covered_again(project):
    periods.create(project.id, PeriodDates(date(2026, 11, 5), date(2026, 12, 4)), user_id=None)
    assert set_up(project, "2026-11-22") == []
    assert advance_periods(at("2026-12-04")) == 0
    assert advance_periods(at("2026-12-05")) == 1
    assert stored(project.id)[-1] == ("2026-12-05", "2026-12-31", "open")


def test_changing_the_rule_begins_after_what_is_there(project):
    set_up(project, "2026-11-22")
    assert set_up(project, "2026-11-22", monthly_end="14") == []
    schedule = db.session.get_one(PeriodSchedule, project.id)
    coming = period_schedules.coming(schedule, date(2026, 11, 30))
    assert (coming.start, coming.end) == (date(2026, 12, 1), date(2026, 12, 14))
    assert advance_periods(at("2026-12-16")) == 2
    assert stored(project.id)[-1] == ("2026-12-15", "2027-01-14", "open")


def test_a_changed_due_day_counts_from_the_next_period(project):
    (first,) = set_up(project, "2026-11-22")
    assert set_up(project, "2026-11-22", monthly_due="5", monthly_due_later="1") == []
    advance_periods(at("2026-12-01"))
    due = db.session.scalars(sa.select(BillingPeriod.due).order_by(BillingPeriod.start)).all()
    assert due == [date(2026, 11, 25), date(2027, 1, 5)]
    assert first.due == date(2026, 11, 25)


def test_never_cancels_a_former_rule(project):
    set_up(project, "2026-11-22")
    set_up(project, "2026-11-22", frequency="never")
    assert advance_periods(at("2027-05-01")) == 0
    assert len(stored(project.id)) == 1


def test_weeks_go_on_by_themselves(project):
    set_up(project, "2026-11-22", frequency="weekly", weekly_end="5", weekly_due="4")
    assert stored(project.id) == [("2026-11-22", "2026-11-28", "open")]
    assert advance_periods(at("2026-12-06")) == 2


def test_projects_without_a_rule_are_left_alone(project):
    make_period(make_project(), 7, is_open=True)
    db.session.commit()
    assert advance_periods(at("2027-05-01")) == 0


def test_the_form_for_a_period_by_hand_opens_with_the_usual_days(project):
    make_period(project, start=date(2026, 7, 1), end=date(2026, 7, 31))
    never = {"frequency": "never"}
    set_up(project, "2026-08-02", **never)
    today = date(2026, 8, 2)
    assert periods.proposal(project.id, today) == PeriodDates(
        date(2026, 8, 1), date(2026, 8, 31), date(2026, 8, 25)
    )
    days = {"default_start": "15", "default_end": "14", "default_due": "31"}
    set_up(project, "2026-08-02", **never, **days)
    assert periods.proposal(project.id, today) == PeriodDates(
        date(2026, 8, 15), date(2026, 9, 14), date(2026, 9, 30)
    )
    set_up(project, "2026-08-02", **never, default_start="10")
    assert periods.proposal(project.id, today) == PeriodDates(
        date(2026, 8, 10), date(2026, 9, 9), date(2026, 9, 25)
    )


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"frequency": "daily"}, "Choose how periods are made: “daily” is not one of the choices"),
        ({"monthly_end": "32"}, "Choose the last day from the list: “32” is not in it"),
        ({"monthly_end": ""}, "Choose the day on which a period ends"),
        ({"frequency": "weekly", "weekly_end": "7"}, "“7” is not in it"),
        ({"default_due": "٣"}, "Choose the usual due day from the list"),
        ({"due_rule": "always"}, "what the due date limits"),
    ],
)
def test_what_the_form_does_not_offer_is_refused(form, sentence):
    with pytest.raises(PeriodRefused, match=re.escape(sentence)):
        wanted(**form)


def test_fields_of_the_way_not_chosen_do_not_count():
    found = wanted(frequency="never", weekly_end="99")
    assert (found.frequency, found.end_day, found.due_rule) == (
        Frequency.NEVER,
        None,
        DueRule.CREATE,
    )


@pytest.mark.parametrize(
    ("values", "broken"),
    [
        ({"frequency": Frequency.MONTHLY, "end_day": 0}, "days_fit_frequency"),
        ({"frequency": Frequency.WEEKLY, "end_day": 7}, "days_fit_frequency"),
        ({"frequency": Frequency.NEVER, "end_day": 31}, "days_fit_frequency"),
        ({"frequency": Frequency.MONTHLY, "end_day": 31, "done_until": None}, "how_far"),
    ],
)
def test_the_database_refuses_a_rule_that_cannot_be(project, values, broken):
    known = None if values["frequency"] == Frequency.NEVER else date(2026, 1, 1)
    db.session.add(PeriodSchedule(**{"project_id": project.id, "done_until": known} | values))
    with pytest.raises(sa.exc.IntegrityError, match=broken):
        db.session.commit()


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (None, "Periods are made by hand"),
        (Monthly(31, 25), "Monthly from the 1st to the last day, due on the 25th"),
        (Monthly(14), "Monthly from the 15th to the 14th"),
        (
            Monthly(22, 31, True),
            "Monthly from the 23rd to the 22nd, due on the last day of the month after",
        ),
        (Weekly(5, 4), "Weekly from Sunday to Saturday, due on Friday"),
        (Weekly(6, 0, True), "Weekly from Monday to Sunday, due on Monday of the week after"),
    ],
)
def test_a_rule_reads_as_a_sentence(rule, words):
    assert period_words.in_words(rule) == words


def test_every_span_that_can_be_chosen_says_where_it_begins():
    months = dict(period_words.spans(Frequency.MONTHLY))
    assert len(months) == 31
    assert months[14] == "15th to the 14th of the next month"
    assert months[11] == "12th to the 11th of the next month"
    weeks = period_words.spans(Frequency.WEEKLY)
    assert weeks[0] == (5, "Sunday to Saturday")
    assert [end for end, _ in weeks] == [5, 6, 0, 1, 2, 3, 4]


def test_the_command_says_what_it_did(app, project):
    today = datetime.now(UTC).date()
    period_schedules.save(project.id, wanted(), date(today.year - 1, today.month, 1))
    run = app.test_cli_runner().invoke
    assert run(args=["period", "advance"]).output == "12 billing periods made.\n"
    assert run(args=["period", "advance"]).output == "0 billing periods made.\n"


@pytest.fixture
def behind(project):
    """A project whose period of this month has begun and is not there yet."""
    today = datetime.now(project.zone).date()
    (made,) = period_schedules.save(project.id, wanted(), today)
    before = made.start - DAY
    db.session.execute(sa.update(PeriodSchedule).values(done_until=before))
    periods.delete(made)
    return project.id


def test_the_worker_makes_the_period_without_anyone_looking(behind, worker):
    def is_made():
        with reading():
            return len(stored(behind)) == 1

    wait_for(is_made, what="the period")


@pytest.fixture
def site(app, bob):
    with app.app_context():
        project = make_project()
        join(bob, project, Access.READ_ONLY)
        db.session.commit()
        return project.id


def url(project_id, rest=""):
    return f"/projects/{project_id}/billing-periods{rest}"


MONTHLY = {"frequency": "monthly", "monthly_end": "31", "monthly_due": "25"}


def test_setting_up_makes_the_period_and_says_what_comes_next(client, site):
    assert "Periods are made by hand" in client.get(url(site)).text
    answer = client.post(url(site, "/set-up"), data=MONTHLY, follow_redirects=True)
    assert "Monthly from the 1st to the last day, due on the 25th" in answer.text
    assert re.search(r"next \w+ 1 – \d+, \d+, opens by itself on \w+ 1, \d+", answer.text)
    assert answer.text.count("badge-status open") == 1


def test_a_refused_set_up_keeps_what_was_chosen(client, site):
    wrong = MONTHLY | {"monthly_end": "99", "monthly_due": "7"}
    answer = client.post(url(site, "/set-up"), data=wrong)
    assert answer.status_code == 422
    assert "“99” is not in it" in answer.text
    assert '<option value="7" selected>7th' in answer.text
    assert '<details class="card schedule" open>' in answer.text


def test_only_administrators_set_up(app, member, stranger, site):
    page = member.get(url(site)).text
    assert "Periods are made by hand" in page
    assert "Set up" not in page
    assert member.post(url(site, "/set-up"), data=MONTHLY).status_code == 403
    assert stranger.post(url(site, "/set-up"), data=MONTHLY).status_code == 404
    with app.app_context():
        assert not period_schedules.of_project(site).rule
        assert not stored(site)


def test_the_set_up_shows_the_fields_of_what_is_chosen(server, tab, alice, site):
    tab.goto(f"{server}/sign-in")
    tab.get_by_label("E-mail").fill("alice@example.org")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    tab.goto(f"{server}{url(site)}")
    tab.get_by_text("Set up").click()
    expect(tab.locator(".of-monthly")).to_be_hidden()
    tab.get_by_label("Automatic, weekly").check()
    expect(tab.locator(".of-weekly")).to_be_visible()
    tab.get_by_label("Automatic, monthly").check()
    expect(tab.locator(".of-weekly")).to_be_hidden()
    assert_fits(tab)
    tab.get_by_role("button", name="Save").click()
    expect(tab.get_by_text("Monthly from the 1st to the last day")).to_be_visible()
    expect(tab.locator("table.periods tbody tr")).to_have_count(1)
    assert_fits(tab)
