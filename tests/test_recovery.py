"""Rows whose job died or never came to the queue."""

import time
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

import pytest
import sqlalchemy as sa
from flask import current_app
from rq.job import JobStatus

from jobs import backups as backup_jobs
from jobs import killed, queue, recovery
from jobs import mail as mail_jobs
from jobs.recovery import GRACE, Swept
from models import (
    Backup,
    BackupStatus,
    ImportJob,
    ImportStatus,
    MailDelivery,
    MailKind,
    MailState,
    User,
    db,
)
from models.backup import HEARTBEAT, LOST_AFTER
from services import backups
from services.backups import places
from services.delivery import mails, trying
from services.delivery.trying import NEWS
from tests.backup_rows import NOW, add_invoice, ask, make_tower
from tests.databases import somebody_writing
from tests.factories import make_file

NOTHING = Swept(lost=0, queued=0, mails=0)


@pytest.fixture
def backup(context):
    project = make_tower()
    user = User(email="dana@example.org", name="Dana Reyes", password_hash="")
    db.session.add(user)
    db.session.commit()
    return ask(project, add_invoice(project, "SC-1"), user=user.id)


def set_row(backup, **values):
    db.session.execute(sa.update(Backup).where(Backup.id == backup.id).values(**values))
    db.session.commit()


def jobs_in(name):
    return [(job.func_name, job.args) for job in queue(name).get_jobs()]


def test_a_row_that_beats_is_left_alone(backup):
    set_row(backup, status="running", heartbeat_at=NOW)
    assert recovery.sweep(NOW + HEARTBEAT) == NOTHING
    assert backup.status == BackupStatus.RUNNING


def test_a_row_without_a_heartbeat_fails_with_a_sentence_and_loses_its_files(backup):
    set_row(backup, status="running", heartbeat_at=NOW)
    half = places.dark(backup.id) / "half.pdf"
    half.write_bytes(b"%PDF")
    places.folder(backup.id).mkdir()

    assert recovery.sweep(NOW + LOST_AFTER + timedelta(seconds=1)).lost == 1

    assert backup.status == BackupStatus.FAILED
    assert backup.error == "The worker was stopped while it compiled this backup. Run it again."
    assert not places.folder(backup.id).exists()
    assert not half.parent.exists()
    assert jobs_in("mail") == [("jobs.mail.send_backup_link", [backup.id])]


def test_a_lost_row_that_was_to_be_cancelled_is_cancelled(backup):
    set_row(backup, status="running", heartbeat_at=NOW, is_cancel_requested=True)
    recovery.sweep(NOW + LOST_AFTER + timedelta(seconds=1))
    assert backup.status == BackupStatus.CANCELLED


def test_a_waiting_row_without_a_job_is_queued_again_once(backup):
    assert recovery.sweep(NOW + GRACE * 2).queued == 1
    assert recovery.sweep(NOW + GRACE * 2).queued == 0
    assert jobs_in("backups") == [("jobs.backups.compile_backup", [backup.id])]


def test_a_row_that_was_stored_just_now_is_left_to_who_stored_it(backup):
    assert recovery.sweep(NOW) == NOTHING


def test_a_row_whose_job_waits_is_left_alone(backup):
    backup_jobs.enqueue_compile(backup.id)
    assert recovery.sweep(NOW + GRACE * 2).queued == 0


def test_a_job_that_was_taken_and_never_begun_is_queued_again_once(backup):
    backup_jobs.enqueue_compile(backup.id)
    # As by a worker that was killed right then, or that a Redis without room refused.
    assert queue("backups").pop_job_id() == backup_jobs.job_id(backup.id)

    assert recovery.sweep(NOW + GRACE * 2).queued == 1
    assert recovery.sweep(NOW + GRACE * 2).queued == 0


@pytest.fixture
def failed(backup):
    """A backup whose end was told to nobody yet."""
    set_row(backup, status="failed", error="No.", finished_at=NOW)
    mails.queue_for(backup, MailKind.FAILED, NOW)
    db.session.commit()
    return backup


def test_who_was_not_told_is_told_later_but_not_days_later(failed):
    assert recovery.sweep(NOW + GRACE * 2).mails == 1
    assert recovery.sweep(NOW + GRACE * 2).mails == 0

    assert recovery.sweep(NOW + NEWS * 2).mails == 0
    row = db.session.scalars(sa.select(MailDelivery)).one()
    assert (row.state, row.error) == (MailState.FAILED, trying.OLD)


@pytest.mark.parametrize("state", ["sent", "failed", "sending"])
def test_who_was_told_or_cannot_be_told_is_not_queued_again(failed, state):
    db.session.execute(sa.update(MailDelivery).values(state=state, tried_at=NOW))
    db.session.commit()
    assert recovery.sweep(NOW + GRACE * 2) == NOTHING


def test_a_mail_whose_next_try_is_not_due_waits(failed):
    later = NOW + timedelta(minutes=5)
    db.session.execute(sa.update(MailDelivery).values(next_try_at=later, tries=2))
    db.session.commit()
    assert recovery.sweep(NOW + timedelta(minutes=4)).mails == 0
    assert recovery.sweep(later + GRACE).mails == 1


def test_a_mail_whose_process_died_is_given_up_and_says_so(failed):
    db.session.execute(sa.update(MailDelivery).values(state="sending", tried_at=NOW))
    db.session.commit()
    recovery.sweep(NOW + trying.LOST_AFTER)
    assert db.session.scalars(sa.select(MailDelivery.state)).one() == MailState.SENDING
    recovery.sweep(NOW + trying.LOST_AFTER * 2)
    row = db.session.scalars(sa.select(MailDelivery)).one()
    assert (row.state, row.error) == (MailState.FAILED, trying.LOST)


def test_a_mail_that_is_queued_is_not_queued_again(failed):
    backup = failed
    mail_jobs.enqueue_backup_mail(backup.id)
    assert recovery.sweep(NOW + GRACE * 2).mails == 0


def test_a_clock_that_was_set_back_hides_no_dead_process(backup):
    set_row(backup, status="running", heartbeat_at=NOW + timedelta(hours=1))
    patience = LOST_AFTER.total_seconds()
    assert recovery.sweep(NOW, elapsed=100).lost == 0
    set_row(backup, heartbeat_at=NOW + timedelta(hours=1, seconds=1))
    assert recovery.sweep(NOW, elapsed=101 + patience).lost == 0

    assert recovery.sweep(NOW, elapsed=102 + 2 * patience).lost == 1

    assert backup.status == BackupStatus.FAILED


@contextmanager
def writing_for(seconds):
    """Somebody else is in the middle of a transaction for so long."""
    app, has_begun = current_app._get_current_object(), Event()

    def write():
        with somebody_writing(app):
            has_begun.set()
            time.sleep(seconds)

    writer = Thread(target=write)
    writer.start()
    has_begun.wait()
    yield
    writer.join()


def test_who_could_not_say_that_he_lives_is_not_called_dead(backup):
    half = places.dark(backup.id) / "half.pdf"
    half.write_bytes(b"%PDF")
    set_row(backup, status="running", heartbeat_at=NOW)
    with writing_for(1.5):
        assert recovery.sweep(NOW + LOST_AFTER * 2).lost == 0
    assert recovery.sweep(NOW + LOST_AFTER * 2).lost == 0
    assert (backup.status, half.exists()) == (BackupStatus.RUNNING, True)

    recovery._held.until -= 5
    assert recovery.sweep(NOW + LOST_AFTER * 2).lost == 1


@pytest.mark.parametrize("back", [timedelta(minutes=1), timedelta(hours=2), timedelta(days=3)])
def test_a_clock_that_was_set_back_makes_no_row_wait(failed, back):
    assert recovery.sweep(NOW - back).mails == 1
    set_row(failed, status="queued")
    assert recovery.sweep(NOW - back).queued == 1


def test_a_clock_that_was_set_back_makes_no_mail_wait_longer_than_between_two_tries(failed):
    wait = trying.WAITS[1]
    tried = {"tries": 2, "next_try_at": NOW + wait}
    db.session.execute(sa.update(MailDelivery).values(tried))
    db.session.commit()
    assert recovery.sweep(NOW - GRACE).mails == 0
    assert recovery.sweep(NOW - wait).mails == 1


def test_who_lives_while_the_clock_is_set_ahead_is_not_called_dead(backup):
    set_row(backup, status="running", heartbeat_at=NOW)
    assert recovery.sweep(NOW).lost == 0
    ahead = timedelta(hours=2)
    recovery._held.offset -= ahead.total_seconds()

    assert recovery.sweep(NOW + ahead).lost == 0
    recovery._held.until -= 5
    assert recovery.sweep(NOW + ahead).lost == 1


def test_a_file_that_nobody_was_asked_to_look_into_is_queued_once(context):
    file = make_file(b"%PDF-1.7 cut off")
    file.created = NOW
    db.session.commit()

    recovery.sweep(NOW + GRACE * 2)
    assert jobs_in("files") == [("jobs.files.inspect_file", [file.sha256])]
    recovery.sweep(NOW + GRACE * 2)
    assert len(jobs_in("files")) == 1

    # Taken and never begun.
    taken = queue("files").pop_job_id()
    recovery.sweep(NOW + GRACE * 2)
    assert jobs_in("files") == [("jobs.files.inspect_file", [file.sha256])]

    # Tried in vain: another try would end the same way.
    queue("files").pop_job_id()
    queue("files").fetch_job(taken).set_status(JobStatus.FAILED)
    recovery.sweep(NOW + GRACE * 2)
    assert jobs_in("files") == []


def test_a_finished_file_is_never_removed(backup):
    backups.compile(backup.id)
    assert not backups.give_up(backup)
    assert backups.pdf_of(backup)


def test_the_command_says_what_it_did(app, backup):
    answer = app.test_cli_runner().invoke(args=["backup", "sweep"])
    assert answer.exit_code == 0
    assert answer.output == "0 lost backups marked, 1 backup and 0 mails queued again.\n"


class Killed:
    """A job as RQ hands it over when its process died."""

    started_at, meta, id = None, {}, "killed"

    def __init__(self, func_name, *args):
        self.func_name, self.args = func_name, args
        self.connection = queue("mail").connection


def test_a_mail_whose_process_was_killed_says_so_at_once(failed):
    mail = db.session.scalars(sa.select(MailDelivery)).one()
    for job in (Killed("jobs.mail.send_mail", mail.id), Killed("jobs.mail.send_backup_link", 1)):
        db.session.execute(sa.update(MailDelivery).values(state="sending", tried_at=NOW))
        db.session.commit()
        killed.on_killed(job)
        row = db.session.scalars(sa.select(MailDelivery)).one()
        assert (row.state, row.error) == (MailState.FAILED, trying.LOST)


def test_an_import_whose_process_was_killed_says_so_at_once(context):
    row = ImportJob(title="p.zip", folder="f" * 32, status=ImportStatus.IMPORTING)
    db.session.add(row)
    db.session.commit()
    killed.on_killed(Killed("jobs.imports.work_on", row.id))
    row = db.session.scalars(sa.select(ImportJob)).one()
    assert (row.status, "was stopped" in row.error) == (ImportStatus.FAILED, True)
