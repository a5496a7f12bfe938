"""Files of backups that go after a while, and what stays of them."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from jobs import housekeeping
from models import Access, AuditEntry, Backup, BackupStatus, db, utcnow, writing
from services import backups, retention
from services.backups import places
from services.delivery import links
from services.retention import Rule
from services.system.contents import named_files
from services.system.snapshots import snapshot
from tests.axe import assert_accessible
from tests.backup_rows import make_backup
from tests.conftest import PASSWORD, join
from tests.factories import make_project

NOW = utcnow()


@pytest.fixture
def project(context):
    project = make_project()
    db.session.commit()
    return project


def made(project, days_ago, **values):
    at = NOW - timedelta(days=days_ago)
    backup = make_backup(project, **({"finished_at": at, "requested_at": at} | values))
    db.session.commit()
    return backup.id


def there():
    """The backups whose files are on the disk."""
    db.session.rollback()
    ids = db.session.scalars(sa.select(Backup.id).order_by(Backup.id))
    return [backup_id for backup_id in ids if places.folder(backup_id).exists()]


def test_nothing_goes_unless_somebody_says_so(project):
    old = made(project, 4000)

    assert housekeeping.apply_retention(NOW) == 0
    assert there() == [old]


def test_files_go_after_so_many_days_but_for_those_that_are_held(project, tmp_path):
    old, held, young = made(project, 91), made(project, 91), made(project, 89)
    retention.hold(db.session.get(Backup, held))
    retention.choose(Rule(days=90))

    assert retention.count_expired(NOW) == 1
    assert housekeeping.apply_retention(NOW) == 1
    assert there() == [held, young]
    row = db.session.get(Backup, old)
    assert row.files_removed_at == NOW
    assert (row.status, row.manifest["pages"]) == (BackupStatus.DONE, 3)
    assert backups.files_of(row) == []
    assert housekeeping.apply_retention(NOW) == 0
    acts = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "backup.expired"))
    assert [act.subject_id for act in acts] == [old]
    # A backup of the installation misses nothing.
    snapshot(tmp_path / "copy.db")
    named = named_files(tmp_path / "copy.db")
    assert not [name for name in named if name.startswith(f"backups/{old}/")]

    retention.release(db.session.get(Backup, held))
    assert housekeeping.apply_retention(NOW) == 1
    assert there() == [young]


def test_the_newest_of_each_project_stay(project):
    other = make_project(number="other")
    first, second, third = made(project, 3), made(project, 2), made(project, 1)
    failed = made(project, 0, status=BackupStatus.FAILED)
    alone = made(other, 500)
    retention.choose(Rule(last=2))

    assert housekeeping.apply_retention(NOW) == 1
    assert there() == [second, third, failed, alone]
    assert db.session.get(Backup, first).files_removed_at


def test_what_is_not_finished_is_never_touched(project):
    running = made(project, 400, status=BackupStatus.RUNNING, finished_at=None)
    retention.choose(Rule(days=1))

    assert housekeeping.apply_retention(NOW) == 0
    assert there() == [running]


def test_only_a_backup_with_files_can_be_held_and_a_held_one_not_deleted(project):
    failed = db.session.get(Backup, made(project, 1, status=BackupStatus.FAILED))
    with pytest.raises(retention.CannotKeep):
        retention.hold(failed)
    held = db.session.get(Backup, made(project, 1))
    retention.hold(held)
    with pytest.raises(backups.IsKept, match="Release it first"):
        backups.delete(held)
    retention.release(held)
    backups.delete(held)


@pytest.fixture
def gone(app, project):
    """The address of a backup whose file retention has removed, and its public link."""
    backup_id = made(project, 91)
    backup = db.session.get(Backup, backup_id)
    link = links.create(backup, utcnow())
    link.is_public = True
    db.session.commit()
    retention.choose(Rule(days=90))
    retention.apply(NOW)
    address = links.url_of(link).removeprefix(app.config["BASE_URL"])
    path = f"/projects/{project.id}/backups/{backup_id}"
    db.session.rollback()
    return path, address


def test_a_download_says_when_it_went_and_the_record_stays(app, client, gone):
    path, address = gone
    for each in (f"{path}/file", f"{path}/originals", f"{address}/file"):
        answer = client.get(each)
        assert answer.status_code == 410
        assert "was removed on" in answer.text
    page = client.get(path).text
    assert "by the company’s retention setting" in page
    assert f"{path}/file" not in page
    assert "was removed on" in client.get(address).text
    manifest = client.get(f"{path}/manifest")
    assert json.loads(manifest.data)["pages"] == 3
    assert "Removed" in client.get(path.rpartition("/")[0]).text
    # A stranger with a dead link learns nothing.
    assert app.test_client().get("/b/nonsense/file").status_code == 404


def test_holding_is_for_who_compiles(app, client, member, bob):
    with app.app_context():
        project = make_project()
        join(bob, project, Access.STANDARD)
        path = f"/projects/{project.id}/backups/{made(project, 1)}"
        db.session.remove()

    assert member.post(f"{path}/hold").status_code == 403
    assert client.post(f"{path}/hold").status_code == 303
    page = client.get(path).text
    assert "Held" in page
    assert f'href="{path}/delete"' not in page
    assert client.post(f"{path}/delete").status_code == 422
    assert client.post(f"{path}/hold", data={"held": "no"}).status_code == 303
    assert f'href="{path}/delete"' in client.get(path).text


def test_the_rule_is_a_setting_of_the_company(app, client, member):
    def answer(**values):
        return client.post("/company/retention", data=values)

    assert member.post("/company/retention", data={"rule": "forever"}).status_code in {403, 404}
    assert answer(rule="days", days="90").status_code == 303
    assert 'name="days" inputmode="numeric" maxlength="6" value="90"' in client.get("/company").text
    for strange in ("", "0", "-1", "1e9", "999999999999", "٣", "nan"):
        refused = answer(rule="days", days=strange)
        assert refused.status_code == 422
        assert "from 1 to 36,500" in refused.text
    assert answer(rule="").status_code == 422
    assert answer(rule="last", last="5", days="x").status_code == 303
    with app.app_context():
        assert retention.current() == Rule(last=5)
    assert answer(rule="forever").status_code == 303
    with app.app_context():
        assert retention.current() == Rule()
        assert client.post("/company/dictionary", data={"dictionary": "owners"}).status_code == 303


def test_the_page_is_usable_by_everybody(server, alice, tab):
    tab.goto(f"{server}/sign-in")
    tab.fill("[name=email]", "alice@example.org")
    tab.fill("[name=password]", PASSWORD)
    tab.click("main button")
    tab.wait_for_url("**/projects")
    tab.goto(f"{server}/company")
    tab.get_by_label("Remove them after").check()
    tab.get_by_label("Days").fill("365")
    tab.get_by_role("button", name="Save how long they stay").click()
    tab.get_by_text("The retention of backups is saved.").wait_for()
    assert_accessible(tab)


def test_a_backup_that_is_held_back_while_a_page_deletes_it_stays(context, monkeypatch):
    backup = make_backup(make_project())
    db.session.commit()
    backup_id = backup.id

    def just_before():
        db.session.rollback()
        with context.app_context():
            retention.hold(db.session.get_one(Backup, backup_id))
            db.session.remove()
        return writing()

    monkeypatch.setattr(backups, "writing", just_before)
    with pytest.raises(backups.IsKept):
        backups.delete(backup)
    assert places.folder(backup_id).exists()
