"""The life of a running backup, as its row sees it."""

import pytest

from models import Backup, BackupStatus, db, reading
from services.backups import pulse
from services.backups.pulse import Lost, Pulse
from tests.conftest import wait_for
from tests.factories import make_project


@pytest.fixture
def running(context, monkeypatch):
    """The id of a running backup whose heart beats fast."""
    monkeypatch.setattr(pulse, "INTERVAL", 0.01)
    backup = Backup(project_id=make_project().id, number=1, request={})
    db.session.add(backup)
    db.session.commit()
    with reading():
        backup.claim()
        return backup.id


def test_a_listener_that_has_gone_does_not_stop_the_heart(running):
    heard = []

    def listen(progress):
        heard.append(progress)
        raise BrokenPipeError

    with Pulse(running, 1, listen):
        wait_for(lambda: len(heard) > 2)

    backup = db.session.get_one(Backup, running)
    assert backup.heartbeat_at > backup.started_at


def test_a_row_that_was_given_up_stops_its_maker(running):
    with Pulse(running, 1) as heart:
        with reading():
            assert db.session.get_one(Backup, running).fail("Given up.")
        wait_for(heart.should_stop)
        with pytest.raises(Lost):
            heart.check()

    assert db.session.get_one(Backup, running).status == BackupStatus.FAILED


def test_progress_never_goes_back(running):
    with Pulse(running, 3) as heart:
        heart.report(pulse.Progress("Drawing", 2, 3, 20))
        heart.report(pulse.Progress("Linking", 0, 3, 0))

        assert heart.progress == pulse.Progress("Linking", 2, 3, 20)
