"""Backups that are made by themselves; the clock is a parameter."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from jobs import schedules as schedule_jobs
from jobs.mail import send_mail
from models import (
    Access,
    Backup,
    BackupSchedule,
    InvoiceStatus,
    MailDelivery,
    MailKind,
    Membership,
    Occasion,
    Project,
    User,
    db,
)
from services import periods
from services.delivery import schedules
from services.delivery.schedules import SetUp
from tests.backup_rows import add_invoice, make_tower
from tests.factories import make_period

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 8, 31, 18, 5, tzinfo=UTC)


@pytest.fixture
def tower(context, alice):
    """A project whose August is open, with an approved invoice in July and a draft in August."""
    project = make_tower()
    project.periods.append(make_period(project, 8, is_open=True))
    first = add_invoice(project, "SC-1", position=2)
    add_invoice(project, "SC-2", position=3, status=InvoiceStatus.APPROVED)
    add_invoice(project, "SC-3", position=3, status=InvoiceStatus.DRAFT)
    project.july = first
    db.session.commit()
    return project


def set_up(project, user_id, occasion, day=None, minute=0, statuses=(), now=NOW):
    schedules.save(project, SetUp(occasion, day, minute, tuple(statuses)), user_id, now)


def made():
    return db.session.scalars(sa.select(Backup).order_by(Backup.id)).all()


def numbers_in(backup):
    return [row["contract"] for row in backup.request["invoices"]]


def result():
    return db.session.scalars(sa.select(BackupSchedule.last_result)).one()


@pytest.mark.parametrize(
    ("occasion", "day", "now", "wanted"),
    [
        (Occasion.WEEKLY, 0, "2026-08-31T12:00", "2026-08-31T17:30"),
        (Occasion.WEEKLY, 0, "2026-08-31T17:30", "2026-09-07T17:30"),
        (Occasion.WEEKLY, 6, "2026-08-31T12:00", "2026-09-06T17:30"),
        (Occasion.MONTHLY, 31, "2026-09-01T12:00", "2026-09-30T17:30"),
        (Occasion.MONTHLY, 31, "2027-02-01T12:00", "2027-02-28T17:30"),
        (Occasion.MONTHLY, 1, "2026-12-01T18:00", "2027-01-01T17:30"),
        # The clocks go back on Nov 1 and forward on Mar 14.
        (Occasion.WEEKLY, 6, "2026-10-31T12:00", "2026-11-01T17:30"),
        (Occasion.WEEKLY, 6, "2027-03-13T12:00", "2027-03-14T17:30"),
    ],
)
def test_the_next_time_is_one_of_the_projects_clock(occasion, day, now, wanted):
    def local(text):
        return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)

    rule = SetUp(occasion, day, 17 * 60 + 30, ())
    assert schedules.next_run(rule, NEW_YORK, local(now)) == local(wanted)


def test_closing_a_period_makes_the_backup_of_its_invoices_once(tower, alice):
    set_up(tower, alice, Occasion.PERIOD_CLOSED)
    assert schedule_jobs.make_due_backups(NOW) == 0

    periods.close(tower.periods[2], user_id=alice)
    assert [schedule_jobs.make_due_backups(NOW) for _ in range(3)] == [1, 0, 0]

    [backup] = made()
    assert numbers_in(backup) == ["SC-2", "SC-3"]
    assert backup.is_for_recipients
    assert backup.requested_by_id == alice
    assert result() == "Backup 1 was asked for (Aug 1 – 28, 2026, any status)."


def test_only_the_chosen_statuses_go_in(tower, alice):
    set_up(tower, alice, Occasion.PERIOD_CLOSED, statuses=["approved"])
    periods.close(tower.periods[2], user_id=alice)
    schedule_jobs.make_due_backups(NOW)
    assert numbers_in(made()[0]) == ["SC-2"]


def test_what_was_closed_before_is_not_made_up_for(tower, alice):
    periods.close(tower.periods[2], user_id=alice)
    set_up(tower, alice, Occasion.PERIOD_CLOSED)
    assert schedule_jobs.make_due_backups(NOW) == 0


def test_a_period_that_was_opened_again_meanwhile_is_left_out(tower, alice):
    set_up(tower, alice, Occasion.PERIOD_CLOSED)
    periods.close(tower.periods[2], user_id=alice)
    periods.open_again(tower.periods[2], "A late invoice", user_id=alice)
    assert schedule_jobs.make_due_backups(NOW) == 0


def test_the_clock_runs_once_however_long_it_was_off(tower, alice):
    set_up(tower, alice, Occasion.WEEKLY, day=0, minute=17 * 60)
    monday = datetime(2026, 8, 31, 17, tzinfo=NEW_YORK)
    assert schedule_jobs.make_due_backups(monday - timedelta(minutes=1)) == 0
    assert schedule_jobs.make_due_backups(monday + timedelta(weeks=5, minutes=3)) == 1
    assert schedule_jobs.make_due_backups(monday + timedelta(weeks=5, minutes=4)) == 0
    assert numbers_in(made()[0]) == ["SC-2", "SC-3"]


def test_of_two_workers_who_saw_the_same_one_makes_it(tower, alice):
    set_up(tower, alice, Occasion.WEEKLY, day=0, minute=17 * 60)
    seen = db.session.scalars(sa.select(BackupSchedule.next_run_at)).one()
    is_as_seen = BackupSchedule.next_run_at == seen
    later = seen + timedelta(weeks=1)

    assert schedules._claim(tower.id, is_as_seen, next_run_at=later)
    assert not schedules._claim(tower.id, is_as_seen, next_run_at=later)


def test_a_later_run_of_the_same_period_takes_the_place_of_the_earlier(tower, alice):
    set_up(tower, alice, Occasion.WEEKLY, day=0)
    for week in (1, 2):
        schedule_jobs.make_due_backups(NOW + timedelta(weeks=week))
    assert len({backup.selection_key for backup in made()}) == 1


def test_what_preflight_forbids_is_mailed_to_who_set_it_up(tower, alice, smtp):
    set_up(tower, alice, Occasion.MONTHLY, day=1, statuses=["pending_owner_approval"])

    assert schedule_jobs.make_due_backups(NOW + timedelta(days=40)) == 0

    assert made() == []
    row = db.session.scalars(sa.select(MailDelivery)).one()
    assert (row.kind, row.email) == (MailKind.BLOCKED, "alice@example.org")
    send_mail(row.id)
    [message] = smtp.messages
    assert message["Subject"] == "Backup not made: Harbor Tower"
    text = message.get_body(("plain",)).get_content()
    assert "- There is no invoice to compile (Aug 1 – 28, 2026, Pending Owner Approval)." in text
    assert result().startswith("Not made: There is no invoice")


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_administrator": False}])
def test_it_runs_only_while_who_set_it_up_may_compile(tower, alice, change):
    set_up(tower, alice, Occasion.WEEKLY, day=0)
    db.session.execute(sa.update(User).values(**change))
    db.session.commit()
    assert schedule_jobs.make_due_backups(NOW + timedelta(weeks=1)) == 0
    assert result() == "Not made: Alice Adams may not compile here."


def test_a_projects_own_administrator_may(tower, bob):
    db.session.add(Membership(user_id=bob, project_id=tower.id, access=Access.ADMIN))
    set_up(tower, bob, Occasion.WEEKLY, day=0)
    assert schedule_jobs.make_due_backups(NOW + timedelta(weeks=1)) == 1


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"occasion": "daily"}, "Choose when backups are made"),
        ({"occasion": "weekly", "weekday": "7", "time": "09:00"}, "Choose the day"),
        ({"occasion": "weekly", "weekday": "²", "time": "09:00"}, "Choose the day"),
        ({"occasion": "monthly", "month_day": "0", "time": "09:00"}, "Choose the day"),
        ({"occasion": "monthly", "month_day": "9" * 30, "time": "09:00"}, "Choose the day"),
        ({"occasion": "weekly", "weekday": "1", "time": "25:00"}, "Give the time as 17:30."),
        ({"occasion": "never", "status": "paid"}, "is not a status of an invoice"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused_in_one_sentence(app, client, form, said):
    with app.app_context():
        project_id = make_tower().id
    answer = client.post(f"/projects/{project_id}/delivery/schedule", data=form)
    assert answer.status_code == 422
    assert said in answer.text


def test_the_page_keeps_the_schedule_and_says_when_it_runs_next(app, client):
    with app.app_context():
        project_id = make_tower().id
    page = f"/projects/{project_id}/delivery"
    form = {"occasion": "monthly", "month_day": "31", "time": "17:30", "status": "approved"}
    assert client.post(f"{page}/schedule", data=form).status_code == 303
    text = client.get(page).text
    assert 'value="monthly" checked' in text
    assert "5:30 PM, for Alice Adams." in text
    with app.app_context():
        schedule = db.session.get(BackupSchedule, project_id)
        zone = db.session.get(Project, project_id).zone
        assert schedule.next_run_at.astimezone(zone).hour == 17
        assert schedule.statuses == ["approved"]
