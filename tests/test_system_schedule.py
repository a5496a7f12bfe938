"""Backups of the installation that nobody has to think of."""

from datetime import timedelta

import pytest

from jobs import installation, recovery
from models import AuditEntry, WaitingMail, db, utcnow
from services import storage
from services.system import inside, saving_plan
from services.system.result import State
from tests.conftest import make_user
from tests.test_system_backups import data

__all__ = ["data"]


@pytest.fixture
def folder(app, data, environment, tmp_path):
    path = tmp_path / "backups"
    path.mkdir()
    environment["DRAWPACK_BACKUP_DIR"] = str(path)
    app.config["BACKUP_DIR"] = path
    return path


def snapshots(folder):
    return [path.name for path in sorted((folder / "snapshots").iterdir())]


def due(app, **later):
    with app.app_context():
        queued = installation.save_when_due(utcnow() + timedelta(**later))
        db.session.remove()
        return queued


def looked(app, **later):
    with app.app_context():
        return inside.backup(utcnow() + timedelta(**later))


def test_without_the_setting_none_is_made(app, data):
    assert not due(app)


def test_it_is_made_by_a_worker_and_again_after_a_day(app, folder, work):
    assert due(app)
    assert not due(app), "it is queued already"
    work()

    (name,) = snapshots(folder)
    assert not due(app)
    assert not due(app, hours=23)
    result = looked(app)
    assert (result.state, str(folder) in result.sentence) == (State.OK, True)
    assert looked(app, hours=50).state == State.FAILED
    assert due(app, hours=25)
    # The clock of the worker says that it is not due; the second in the queue does nothing.
    work()
    assert snapshots(folder) == [name]


def test_a_failure_is_seen_and_mailed_once_to_administrators(app, folder, work, smtp):
    make_user(app, "bob@example.org", "Bob")
    (folder / "letter.txt").write_text("something else")
    due(app)
    work()

    said = [message.get_body(("plain",)).get_content() for message in smtp.messages]
    assert [message["To"] for message in smtp.messages] == ["alice@example.org"]
    assert "holds something else" in said[0]
    result = looked(app)
    assert result.state == State.FAILED
    assert "holds something else" in result.sentence

    assert not due(app, minutes=50)
    assert due(app, minutes=61)
    with app.app_context():
        with pytest.raises(saving_plan.SystemBackupError):
            saving_plan.save_now(utcnow())
        assert saving_plan.news() is None
        (folder / "letter.txt").unlink()
        saving_plan.save_now(utcnow())
        assert inside.backup(utcnow()).state == State.OK
        kinds = db.session.scalars(db.select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert [kind for kind in kinds if kind.startswith("system.")] == [
            "system.save_failed",
            "system.save_failed",
            "system.saved",
        ]
        db.session.remove()


def test_a_failure_is_mailed_though_its_worker_died_before_it_told(app, folder, work, smtp):
    make_user(app, "bob@example.org", "Bob")
    (folder / "letter.txt").write_text("something else")
    with app.app_context():
        with pytest.raises(saving_plan.SystemBackupError):
            saving_plan.save_now(utcnow())
        db.session.remove()

    assert not due(app), "the next try waits"
    assert not due(app)
    work()

    assert [message["To"] for message in smtp.messages] == ["alice@example.org"]
    with app.app_context():
        assert saving_plan.tell(utcnow()) is None
        mails = db.session.scalars(db.select(WaitingMail)).all()
        assert [(each.topic, each.state) for each in mails] == [("saving_failed", "sent")]
        db.session.remove()


def test_the_mail_waits_for_a_queue_that_is_gone(app, folder, work, smtp):
    (folder / "letter.txt").write_text("something else")
    with app.app_context():
        with pytest.raises(saving_plan.SystemBackupError):
            saving_plan.save_now(utcnow())
        assert saving_plan.tell(utcnow())
        recovery.sweep(utcnow() + timedelta(minutes=1))
        db.session.remove()
    work()

    assert [message["To"] for message in smtp.messages] == ["alice@example.org"]


def test_one_that_lacks_lost_files_is_no_success(app, folder):
    with app.app_context():
        digest = db.session.scalars(db.text("SELECT sha256 FROM stored_file")).one()
        storage.original(digest).unlink()
        saving_plan.save_now(utcnow())
        result = inside.backup(utcnow())
        assert result.state == State.FAILED
        assert digest in result.sentence
        assert saving_plan.news() is not None
        saving_plan.save_now(utcnow() + timedelta(hours=1))
        assert saving_plan.news() is None
        db.session.remove()


def test_a_clock_that_was_set_back_does_not_stop_them(app, folder):
    with app.app_context():
        saving_plan.save_now(utcnow() + timedelta(days=400))
        assert saving_plan.is_due(utcnow())
        db.session.remove()
