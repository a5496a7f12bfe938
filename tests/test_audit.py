"""The record of who did what: complete, append-only, and provably unchanged."""

import csv
import io
from datetime import timedelta

import pytest
import sqlalchemy as sa

from models import Access, AuditEntry, BackupStatus, Project, User, db, utcnow, writing
from services import audit, backups
from services.audit.reading import PAGE_SIZE
from supervisor.database import MIGRATIONS, upgrade
from tests.backup_rows import make_backup
from tests.conftest import PASSWORD, join, sign_in
from tests.factories import make_contract, make_invoice, make_period, make_project
from tests.test_migrations import empty  # noqa: F401 - a fixture


def entries():
    return db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()


def actions():
    return [entry.action for entry in entries()]


def add(count=3):
    for number in range(count):
        audit.note("settings.changed", detail={"number": number})


def test_an_entry_knows_who_did_what_where_and_from_which_address(app, client):
    with app.app_context():
        project = make_project(number="26-014")
        contract = make_contract(project, number="SC-001")
        invoice = make_invoice(contract, period=make_period(project), status="draft")
        db.session.commit()
        page = f"/projects/{project.id}/invoices/{invoice.id}/status"

    assert client.post(page, data={"new_status": "approved", "seen": "draft"}).status_code == 303

    with app.app_context():
        entry = entries()[-1]
        assert entry.action == "invoice.status_changed"
        assert (entry.email, entry.actor) == ("alice@example.org", "Alice Adams")
        assert (entry.project_number, entry.address) == ("26-014", "127.0.0.1")
        assert entry.detail == {"status": "approved", "count": 1, "invoices": ["SC-001 #1"]}


@pytest.mark.sqlite("test_postgresql.py has the same for the other triggers")
def test_the_database_itself_refuses_to_change_or_drop_an_entry(context):
    add()

    for statement in (
        "UPDATE audit_entry SET email = 'x@example.org'",
        "DELETE FROM audit_entry WHERE id = 2",
        "INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry WHERE id = 2",
    ):
        with pytest.raises(sa.exc.IntegrityError, match="only added to"), writing():
            db.session.execute(sa.text(statement))

    assert len(entries()) == 3


def test_a_migrated_database_refuses_it_too(empty):  # noqa: F811
    upgrade(MIGRATIONS, utcnow())
    add(1)

    with pytest.raises(sa.exc.IntegrityError, match="only added to"), writing():
        db.session.execute(sa.text("DELETE FROM audit_entry"))


TAMPERING = {
    "changed": ("UPDATE audit_entry SET detail = '{\"number\": 7}' WHERE id = 2", 2, "was changed"),
    "removed": ("DELETE FROM audit_entry WHERE id = 2", 3, "the entry before it"),
    "moved": ("UPDATE audit_entry SET at = '2020-01-01 00:00:00' WHERE id = 1", 1, "was changed"),
}


def disarm():
    """Do what an intruder with the database in hands would do first."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(sa.text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        return
    for trigger in ("no_update", "no_delete", "no_replace"):
        db.session.execute(sa.text(f"DROP TRIGGER audit_entry_{trigger}"))


@pytest.mark.parametrize("name", TAMPERING)
def test_tampering_is_found_and_the_first_broken_entry_named(app, context, name):
    statement, broken, reason = TAMPERING[name]
    add()
    with writing():
        disarm()
        db.session.execute(sa.text(statement))

    answer = app.test_cli_runner().invoke(args=["audit", "verify"])

    assert answer.exit_code == 1
    assert f"BROKEN at entry {broken}: " in answer.stderr
    assert reason in answer.stderr


def test_a_cut_end_is_noticed_by_who_kept_a_hash(app, context):
    add()
    run = app.test_cli_runner().invoke
    answer = run(args=["audit", "verify"])
    assert answer.exit_code == 0
    assert answer.stdout.startswith("3 entries, unbroken.")
    last = answer.stdout.split()[-1]
    assert run(args=["audit", "verify", "--seen", last]).exit_code == 0

    with writing():
        disarm()
        db.session.execute(sa.text("DELETE FROM audit_entry WHERE id = 3"))

    assert run(args=["audit", "verify"]).exit_code == 0
    answer = run(args=["audit", "verify", "--seen", last])
    assert answer.exit_code == 1
    assert "an entry that was seen before is gone" in answer.stderr


def test_an_act_that_is_rolled_back_leaves_no_entry(context):
    def fail_half_way():
        with writing():
            audit.record("settings.changed")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()

    assert entries() == []


def test_an_unknown_action_is_a_mistake_of_ours(context):
    with pytest.raises(ValueError, match="no action"), writing():
        audit.record("settings.chagned")


def test_hostile_text_is_recorded_readably(app, context):
    hostile = "a\x00b\ud800 =1+1 \u202e"
    audit.note("settings.changed", detail={"text": hostile, "list": [hostile]}, address="x" * 999)

    assert app.test_cli_runner().invoke(args=["audit", "verify"]).exit_code == 0
    assert entries()[0].detail["text"] == "ab? =1+1 \u202e"


def test_signing_in_failing_to_and_out_is_recorded_without_what_was_typed(app, alice):
    browser = sign_in(app, "alice@example.org")
    browser.post("/sign-out")
    browser.post("/sign-in", data={"email": "alice@example.org", "password": "wrong password"})
    browser.post("/sign-in", data={"email": "my secret password", "password": PASSWORD})

    with app.app_context():
        found = entries()
        assert actions() == ["session.started", "session.ended", *["session.refused"] * 2]
        assert [row.detail.get("person") for row in found[2:]] == [
            "alice@example.org",
            "an address without an account",
        ]
        assert "secret" not in repr([vars(row) for row in found])


def test_people_members_and_periods_leave_entries(app, client, bob):
    with app.app_context():
        project = make_project()
        db.session.commit()
        page = f"/projects/{project.id}"
    posts = {
        f"{page}/members": {"email": "bob@example.org", "access": "standard"},
        f"{page}/members/{bob}": {"access": "admin"},
        f"{page}/members/{bob}/remove": {},
        f"/people/{bob}/administrator": {},
        f"/people/{bob}/no-administrator": {},
        f"/people/{bob}/deactivate": {},
        f"/people/{bob}/activate": {},
        f"{page}/billing-periods": {"start": "2026-11-01", "end": "2026-11-30", "due": ""},
        f"{page}/billing-periods/1": {"start": "2026-11-02", "end": "2026-11-30", "due": ""},
        f"{page}/billing-periods/1/close": {},
        f"{page}/billing-periods/1/open": {"reason": "A late invoice"},
        f"{page}/billing-periods/1/delete": {},
    }
    for address, form in posts.items():
        assert client.post(address, data=form).status_code == 303, address

    with app.app_context():
        assert actions()[1:] == [
            "member.added", "member.changed", "member.removed",
            "person.promoted", "person.demoted", "person.deactivated", "person.activated",
            "period.created", "period.changed", "period.closed", "period.reopened",
            "period.deleted",
        ]  # fmt: skip
        changed = entries()[2]
        assert changed.detail == {
            "person": "bob@example.org", "before": "standard", "access": "admin"
        }  # fmt: skip


def test_of_two_who_end_a_backup_only_the_winner_leaves_an_entry(context):
    backup = make_backup(make_project(), status=BackupStatus.QUEUED)
    db.session.commit()

    assert backups.cancel(backup)
    assert not backups.cancel(backup)

    assert actions() == ["backup.cancelled"]


def test_the_page_filters_pages_and_is_for_administrators(app, client, stranger):
    with app.app_context():
        project = make_project(number="26-014")
        db.session.commit()
        number = project.id
        with writing():
            for each in range(PAGE_SIZE + 5):
                audit.record("settings.changed", project=number, detail={"what": f"row {each}"})

    newest = client.get("/audit?project=26-014&action=settings.changed").text
    assert f"row {PAGE_SIZE + 4}" in newest
    assert ">Older<" in newest
    assert "row 4<" not in newest
    with app.app_context():
        sixth = db.session.scalars(sa.select(AuditEntry.id).order_by(AuditEntry.id)).all()
    older = client.get(f"/audit?project=26-014&before={sixth[7]}").text
    assert "row 4<" in older
    assert ">Newest<" in older
    today = utcnow().date()
    tomorrow = today + timedelta(days=1)
    assert "Nothing found" in client.get(f"/audit?from={tomorrow}").text
    assert "row 7<" in client.get(f"/audit?from={today}&to={today}&before={sixth[20]}").text
    assert "Nothing found" in client.get("/audit?person=nobody@example.org&project_id=7").text
    assert client.get("/audit?from=yesterday").status_code == 422
    assert client.get("/audit?before=99999999999999999999999").status_code == 200
    assert stranger.get("/audit").status_code == 404
    assert stranger.get("/audit.csv").status_code == 404


def test_a_projects_administrator_sees_the_record_of_that_project_only(app, member, bob):
    with app.app_context():
        mine, other = make_project(), make_project()
        join(bob, mine, Access.ADMIN)
        db.session.commit()
        audit.note("settings.changed", project=mine.id, detail={"what": "of mine"})
        audit.note("settings.changed", project=other.id, detail={"what": "of another"})
        audit.note("settings.changed", detail={"what": "of the installation"})
        page = f"/projects/{mine.id}/audit"
        elsewhere = f"/projects/{other.id}/audit"

    text = member.get(page).text
    assert "of mine" in text
    assert "of another" not in text
    assert "of the installation" not in text
    assert "of another" not in member.get(f"{page}.csv").text
    assert member.get(elsewhere).status_code == 404


def test_a_new_project_with_the_id_of_a_deleted_one_does_not_inherit_its_record(app, client):
    with app.app_context():
        project = make_project()
        db.session.commit()
        number = project.id
        audit.note("settings.changed", project=number, detail={"what": "long ago"})
        with writing():
            db.session.execute(sa.delete(Project).where(Project.id == number))
        with writing():
            db.session.add(Project(id=number, number="NEW", name="New"))

    assert "long ago" not in client.get(f"/projects/{number}/audit").text


def test_the_csv_file_is_safe_in_a_spreadsheet(app, client, alice):
    with app.app_context():
        db.session.get_one(User, alice).name = "=HYPERLINK(1)"
        db.session.commit()
    client.post("/sign-out")
    with app.app_context():
        audit.note("settings.changed", user=db.session.get_one(User, alice), detail={"a": "=1"})
    browser = sign_in(app, "alice@example.org")

    answer = browser.get("/audit.csv?action=settings.changed")

    assert answer.headers["Content-Disposition"].endswith('.csv"')
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row["Name"] for row in rows] == ["'=HYPERLINK(1)"]
    assert rows[0]["Details"] == '{"a": "=1"}'


def test_a_download_is_recorded_once_however_it_is_fetched(app, client):
    with app.app_context():
        backup = make_backup(make_project())
        db.session.commit()
        page, sha256 = f"/projects/{backup.project_id}/backups/{backup.id}/file", backup.sha256
    client.get(page, headers={"Range": "bytes=0-9"}).close()
    client.get(page, headers={"Range": "bytes=10-"}).close()
    client.get(page, headers={"If-None-Match": f'"{sha256}"'}).close()
    client.head(page).close()
    with app.app_context():
        assert actions().count("backup.downloaded") == 1

    other = sign_in(app, "alice@example.org")
    other.get(f"{page}?inline=1", headers={"Range": "bytes=1-"}).close()
    with app.app_context():
        assert actions().count("backup.viewed") == 1
