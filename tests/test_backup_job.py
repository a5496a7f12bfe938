"""From the request to the mail through a real worker, Redis and mail server; and their absences."""

import os
import signal
import subprocess
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from redis import Redis

from jobs import mail as mail_jobs
from jobs import queue, recovery
from models import Backup, BackupStatus, Invoice, MailDelivery, MailState, db, utcnow
from models.backup import LOST_AFTER
from services.backups import places
from services.delivery import trying
from tests.backup_rows import add_attachments, add_invoice, make_tower
from tests.conftest import free_port, wait_for


@pytest.fixture
def project(app, tmp_path):
    with app.app_context():
        tower = make_tower()
        invoice = add_invoice(tower, "SC-4")
        add_attachments(invoice, tmp_path, 3)
        db.session.commit()
        return SimpleNamespace(
            id=tower.id, invoice=invoice.id, home=f"/projects/{tower.id}/backups"
        )


def press_compile(client, project):
    answer = client.post(project.home, data={"invoice": project.invoice})
    assert answer.status_code == 303
    return answer.location


def add_work(app, project, tmp_path, count=60):
    """Enough documents that a compile takes seconds."""
    with app.app_context():
        add_attachments(db.session.get(Invoice, project.invoice), tmp_path, count)
        db.session.commit()


def has_begun(app):
    """Whether something lies in the dark."""
    return any((app.config["DATA_DIR"] / "work").glob("backup-*"))


def row(app):
    with app.app_context():
        found = db.session.scalar(sa.select(Backup).order_by(Backup.id.desc()))
        db.session.expunge(found)
        return found


def links(message):
    return [line for line in message.get_body(("plain",)).get_content().split() if "://" in line]


def test_the_requester_gets_one_mail_whose_link_leads_to_the_file(app, client, work, smtp, project):
    url = press_compile(client, project)

    work()

    backup = row(app)
    assert backup.status == BackupStatus.DONE, backup.error
    [message] = smtp.messages
    assert message["To"] == "alice@example.org"
    assert message["Subject"] == f"Ready: {backup.file_name}"
    address, page = links(message)
    assert page == app.config["BASE_URL"] + url
    path = address.removeprefix(app.config["BASE_URL"])
    assert client.get(f"{path}/file", buffered=True).data.startswith(b"%PDF")
    for kind in ("plain", "html"):
        words = message.get_body((kind,)).get_content()
        for fact in (backup.file_name, f"{backup.pages} pages", "1 invoice of 1 contract"):
            assert fact in words
    assert client.get(f"{url}/file", buffered=True).data.startswith(b"%PDF")
    shown = client.get(url).text
    assert "alice@example.org" in shown
    assert ">Sent<" in shown


def test_the_same_job_twice_compiles_once_and_mails_once(app, client, work, smtp, project):
    press_compile(client, project)
    with app.app_context():
        queue("backups").enqueue("jobs.backups.compile_backup", 1)
        queue("mail").enqueue("jobs.mail.send_backup_link", 1)
    work()
    with app.app_context():
        queue("mail").enqueue("jobs.mail.send_backup_link", 1)
    work()
    assert len(smtp.messages) == 1


def test_a_failed_compile_mails_why(app, client, work, smtp, project):
    url = press_compile(client, project)
    with app.app_context():
        for path in (app.config["DATA_DIR"] / "files").glob("*/*"):
            path.write_bytes(b"rotten")

    work()

    backup = row(app)
    assert backup.status == BackupStatus.FAILED
    [message] = smtp.messages
    assert message["Subject"].startswith("Not compiled: ")
    assert backup.error in message.get_body(("plain",)).get_content()
    assert links(message) == [app.config["BASE_URL"] + url]


def test_a_mail_server_that_is_away_is_tried_again_and_said_on_the_page(
    app, client, work, environment, project
):
    environment["DRAWPACK_MAIL_PORT"] = str(free_port())
    url = press_compile(client, project)
    work()
    backup = row(app)
    assert backup.status == BackupStatus.DONE
    page = client.get(url).text
    assert "could not be reached" in page
    assert "It is tried again." in page
    with app.app_context():
        mail = db.session.scalars(sa.select(MailDelivery)).one()
        assert (mail.state, mail.tries) == (MailState.QUEUED, 1)
        assert mail.next_try_at == mail.tried_at + trying.WAITS[0]


def test_a_mail_that_could_not_be_sent_goes_out_when_the_server_is_back(
    app, client, work, smtp, environment, project
):
    port, environment["DRAWPACK_MAIL_PORT"] = environment["DRAWPACK_MAIL_PORT"], str(free_port())
    press_compile(client, project)
    work()
    environment["DRAWPACK_MAIL_PORT"] = port
    with app.app_context():
        mail_jobs.enqueue_backup_mail(1)
    work()
    assert len(smtp.messages) == 1
    with app.app_context():
        mail = db.session.scalars(sa.select(MailDelivery)).one()
        assert (mail.state, mail.error, mail.tries) == (MailState.SENT, None, 2)


def test_cancelling_stops_a_running_job_and_leaves_no_file(app, client, project, tmp_path, worker):
    add_work(app, project, tmp_path)
    url = press_compile(client, project)
    wait_for(lambda: row(app).status == BackupStatus.RUNNING, what="the worker")
    client.post(f"{url}/cancel")

    wait_for(lambda: row(app).is_finished, what="the end")
    assert row(app).status == BackupStatus.CANCELLED
    with app.app_context():
        assert not places.folder(1).exists()
    assert not has_begun(app)
    assert "was cancelled" in client.get(url).text


def test_a_killed_job_is_said_by_its_worker_at_once(app, client, project, tmp_path, worker):
    add_work(app, project, tmp_path)
    url = press_compile(client, project)
    horse = hold_half_way(app, worker)

    os.kill(horse, signal.SIGKILL)

    wait_for(lambda: row(app).is_finished, what="the row's end")
    assert "worker was stopped" in row(app).error
    with app.app_context():
        assert not places.folder(1).exists()
    assert not has_begun(app)

    again = client.post(f"{url}/run-again").location
    wait_for(lambda: row(app).status == BackupStatus.DONE, seconds=60, what="the second run")
    assert "Download" in client.get(again).text


def hold_half_way(app, worker):
    """Stop the process of the job when it has made half a file, however fast it is."""
    [horse] = wait_for(lambda: jobs_of(worker.pid), what="the job")

    def step():
        os.kill(horse, signal.SIGCONT)
        time.sleep(0.01)
        os.kill(horse, signal.SIGSTOP)
        return has_begun(app)

    wait_for(step, what="a half-made file")
    return horse


def jobs_of(pid):
    """Processes of jobs: RQ gives each a group of its own, unlike its scheduler and our sweeper."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,pgid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    pairs = [line.split() for line in listed.stdout.splitlines()]
    return {int(child) for child, group in pairs if child == group}


def test_a_killed_worker_is_noticed_within_a_minute(app, client, project, tmp_path, worker):
    add_work(app, project, tmp_path)
    url = press_compile(client, project)
    horse = hold_half_way(app, worker)
    os.killpg(worker.pid, signal.SIGKILL)
    # RQ gives the job's process a group of its own.
    os.kill(horse, signal.SIGKILL)
    worker.wait()
    assert row(app).status == BackupStatus.RUNNING
    assert timedelta(seconds=45) >= LOST_AFTER

    # The clock of the row is turned back instead of waiting for half a minute.
    with app.app_context():
        db.session.execute(sa.update(Backup).values(heartbeat_at=utcnow() - LOST_AFTER))
        db.session.commit()
    assert has_begun(app)
    page = client.get(url).text

    assert "worker was stopped" in page
    assert "Run again" in page
    with app.app_context():
        assert not places.folder(1).exists()
    assert not has_begun(app)


def test_with_redis_stopped_the_request_is_kept_and_said_and_done_later(
    app, client, work, environment, project
):
    redis = app.extensions["redis"]
    app.extensions["redis"] = Redis.from_url(f"redis://127.0.0.1:{free_port()}/0")
    url = press_compile(client, project)
    page = client.get(url).text
    assert "The queue cannot be reached" in page
    assert "Nothing is lost" in page
    with app.app_context():
        assert recovery.sweep(utcnow() + recovery.GRACE).queued == 0

    app.extensions["redis"].close()
    app.extensions["redis"] = redis
    with app.app_context():
        assert recovery.sweep(utcnow() + recovery.GRACE).queued == 1
    work()
    assert row(app).status == BackupStatus.DONE
    assert "Download" in client.get(url).text


def test_without_a_worker_the_page_says_so(client, project):
    url = press_compile(client, project)
    assert "No worker is running" in client.get(url).text


def test_a_running_backup_beats_while_one_document_takes_long(
    app, client, project, worker, tmp_path
):
    add_work(app, project, tmp_path)
    press_compile(client, project)
    wait_for(lambda: row(app).status == BackupStatus.RUNNING, what="the worker")
    first = row(app).heartbeat_at
    wait_for(
        lambda: row(app).heartbeat_at > first or row(app).is_finished, seconds=5, what="a beat"
    )
    wait_for(lambda: row(app).is_finished, seconds=60, what="the end")
