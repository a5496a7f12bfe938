"""Workers share what is missing for a backup, and whatever becomes of them, it is compiled."""

import os
import re
import signal
import subprocess

import pytest
import sqlalchemy as sa
from rq import Worker
from rq.executions import Execution
from rq.job import Job
from rq.registry import StartedJobRegistry
from rq.serializers import JSONSerializer

import worker
from jobs import backups as backup_jobs
from jobs import liveness, queue, recovery, workers
from models import Backup, BackupStatus, db, utcnow
from services import backups, storage
from services.backups import preparing
from tests.backup_rows import NOW, add_attachments, add_invoice, ask, make_tower
from tests.conftest import wait_for
from tests.factories import make_attachment
from tests.programs import Program
from tests.test_backup_job import jobs_of


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    """Three of the smallest files each."""
    monkeypatch.setattr(preparing, "_BATCH_BYTES", 3 * preparing._SMALLEST)
    monkeypatch.setattr(preparing, "_INTERVAL", 0)


@pytest.fixture
def two_workers(environment):
    started = [Program(["worker.py"], environment) for _ in range(2)]
    yield started
    for process in started:
        process.terminate()
    for process in started:
        process.wait(20)


@pytest.fixture
def backup(context, tmp_path):
    invoice = add_invoice(make_tower(), "SC-4")
    add_attachments(invoice, tmp_path, 7)
    return ask(invoice.contract.project, invoice)


def jobs_in(name):
    return [(job.func_name.rpartition(".")[2], job.args) for job in queue(name).get_jobs()]


def registered(monkeypatch, count):
    """That many workers, none of which takes a job."""
    monkeypatch.setattr(backup_jobs, "workers", lambda: count)


def fan_out(monkeypatch, backup):
    registered(monkeypatch, 2)
    backup_jobs.compile_backup(backup.id)
    # What a test reads begins as a writer, and would keep the workers from writing.
    db.session.rollback()


def waiting_job(context, backup):
    return Job.fetch(
        backup_jobs.prepared_job_id(backup.id),
        connection=context.extensions["redis"],
        serializer=JSONSerializer,
    )


def run_batches():
    for job in queue("files").get_jobs():
        backup_jobs.prepare_batch(*job.args)


def test_what_is_missing_is_divided_and_all_of_it_is_there(backup):
    batches = preparing.batches_of(backup.id)

    assert [len(batch.sha256s) for batch in batches] == [3, 3, 1, 0]
    assert sum(map(len, batches)) == 8
    for batch in batches:
        preparing.prepare(backup.id, batch)
    assert preparing.batches_of(backup.id) == []
    db.session.refresh(backup)
    assert backup.status == BackupStatus.QUEUED
    # As if nothing had been done before: nobody said how much is missing.
    assert backup.documents_done == backup.documents_total == 8


def test_a_fragment_of_an_older_version_counts_as_missing(backup):
    for batch in preparing.batches_of(backup.id):
        preparing.prepare(backup.id, batch)
    sha256 = min(backups.frozen_request(backup).sha256s)
    path = storage.prepared(sha256)
    earlier = re.sub(rb"%DrawpackFragment \d", b"%DrawpackFragment 0", path.read_bytes())
    path.write_bytes(earlier)

    [batch] = preparing.batches_of(backup.id)

    assert batch.sha256s == [sha256]
    preparing.prepare(backup.id, batch)
    assert preparing.batches_of(backup.id) == []


def test_the_same_bytes_again_leave_the_fragment_as_it_is(backup, tmp_path):
    for batch in preparing.batches_of(backup.id):
        preparing.prepare(backup.id, batch)
    sha256 = min(backups.frozen_request(backup).sha256s)
    original = storage.original(sha256)
    before = original.stat().st_mtime_ns

    with original.open("rb") as same:
        storage.keep(same)
    assert original.stat().st_mtime_ns == before

    content = original.read_bytes()
    original.write_bytes(b"x" * len(content))
    (tmp_path / "again").write_bytes(content)
    with (tmp_path / "again").open("rb") as same:
        storage.keep(same)
    assert original.read_bytes() == content


def test_the_compile_waits_in_the_queue_and_holds_no_worker(context, monkeypatch, backup):
    fan_out(monkeypatch, backup)

    assert backup.status == BackupStatus.QUEUED
    assert backup.step == "Preparing the documents"
    assert backup.documents_done == 0
    assert [name for name, _ in jobs_in("files")] == ["prepare_batch"] * 4
    assert jobs_in("backups") == []
    assert waiting_job(context, backup).get_status() == "deferred"
    assert backup_jobs.is_queued(backup.id)


def test_with_one_worker_the_compile_prepares_by_itself(monkeypatch, backup):
    registered(monkeypatch, 1)
    backup_jobs.compile_backup(backup.id)

    assert backup.status == BackupStatus.DONE, backup.error
    assert jobs_in("files") == []


def test_a_second_copy_of_the_job_divides_nothing_again(monkeypatch, backup):
    fan_out(monkeypatch, backup)
    backup_jobs.compile_backup(backup.id)

    assert len(jobs_in("files")) == 4


def test_cancelled_while_it_is_prepared_it_is_cancelled_at_once(monkeypatch, backup):
    fan_out(monkeypatch, backup)

    assert backup.request_cancel()

    assert backup.status == BackupStatus.CANCELLED
    run_batches()
    assert not any((storage.data_dir() / "prepared").glob("*/*"))
    backup_jobs.compile_prepared(backup.id)
    db.session.refresh(backup)
    assert backup.status == BackupStatus.CANCELLED


def test_the_page_shows_how_far_the_preparing_is(client, monkeypatch, backup):
    fan_out(monkeypatch, backup)
    backup_jobs.prepare_batch(*queue("files").get_jobs()[0].args)

    page = client.get(f"/projects/{backup.project_id}/backups/{backup.id}").text

    assert "Preparing the documents" in page
    assert "of 8 documents" in page
    db.session.refresh(backup)
    assert backup.documents_done in {1, 3}


def test_a_sweep_leaves_alone_what_is_being_prepared(monkeypatch, backup):
    fan_out(monkeypatch, backup)

    assert recovery.sweep(NOW + recovery.GRACE * 2) == recovery.Swept(0, 0, 0)


def test_a_backup_whose_batches_are_gone_is_queued_again(context, monkeypatch, backup):
    fan_out(monkeypatch, backup)
    for job in queue("files").get_jobs():
        job.delete()

    assert not backup_jobs.is_queued(backup.id)
    assert recovery.sweep(NOW + recovery.GRACE * 2).queued == 1


def test_a_file_that_cannot_be_read_is_left_to_the_compile_which_names_it(context, tmp_path):
    invoice = add_invoice(make_tower(), "SC-4")
    attachment = make_attachment(invoice, b"%PDF-1.4 nothing", name="broken.pdf")
    gone = make_attachment(invoice, b"%PDF-1.4 gone", name="gone.pdf")
    backup = ask(invoice.contract.project, invoice)
    storage.original(gone.sha256).unlink()

    for batch in preparing.batches_of(backup.id):
        preparing.prepare(backup.id, batch)
    assert attachment.file.problem == "unreadable"
    backup_jobs.compile_prepared(backup.id)

    assert backup.status == BackupStatus.FAILED
    assert "“gone.pdf” is missing" in backup.error


def test_two_workers_make_the_backup(context, backup, two_workers):
    wait_for(lambda: workers() == 2, what="both workers")
    backup_id = backup.id
    db.session.rollback()
    db.session.rollback()
    backup_jobs.enqueue_compile(backup_id)
    wait_for(lambda: status_of(backup_id) == BackupStatus.DONE, seconds=60, what="the backup")
    db.session.refresh(backup)
    assert backup.pages
    assert backup.documents_done == backup.documents_total


def test_a_killed_batch_strands_nobody(context, monkeypatch, tmp_path, two_workers):
    invoice = add_invoice(make_tower(), "SC-4")
    add_attachments(invoice, tmp_path, 60)
    # An older row would be queued by the sweep of the workers too.
    backup = ask(invoice.contract.project, invoice, now=utcnow())
    backup_id = backup.id
    db.session.rollback()
    monkeypatch.setattr(preparing, "_BATCH_BYTES", 50 * preparing._SMALLEST)
    wait_for(lambda: workers() == 2, what="both workers")
    fan_out(monkeypatch, backup)
    horse = wait_for(lambda: jobs_of(two_workers[0].pid), what="a batch that runs").pop()

    os.kill(horse, signal.SIGKILL)

    wait_for(lambda: status_of(backup_id) == BackupStatus.DONE, seconds=60, what="the backup")


def status_of(backup_id):
    status = db.session.scalar(sa.select(Backup.status).where(Backup.id == backup_id))
    db.session.rollback()
    return status


@pytest.mark.parametrize("beginning", [liveness.beginning, liveness._by_ps])
def test_when_a_process_began_is_known_with_and_without_proc(beginning):
    began = beginning(os.getpid())
    assert began == beginning(os.getpid())
    assert began not in {beginning(1), None}
    (gone := subprocess.Popen(["true"])).wait()
    assert beginning(gone.pid) is None


def test_only_jobs_of_workers_that_are_gone_are_taken_up(context, two_workers):
    wait_for(lambda: workers() == 2, what="both workers")
    redis = context.extensions["redis"]
    [living, _] = Worker.all(connection=redis)
    registry = StartedJobRegistry(queue=queue("files"))
    jobs = {}
    # Another process has its number.
    reused = Worker([queue("files")], connection=redis, serializer=JSONSerializer)
    reused.register_birth()
    redis.hset(reused.key, "pid", two_workers[1].pid)
    for name in (living.name, reused.name, "gone"):
        job = jobs[name] = queue("files").create_job("jobs.drawings.draw", args=(999,))
        job.set_status("started")
        job.save()
        with redis.pipeline() as pipeline:
            Execution.create(job, 3600, pipeline, worker_name=name)
            pipeline.execute()

    worker.take_up_lost_jobs()

    assert jobs["gone"].get_status() == "failed"
    assert jobs[reused.name].get_status() == "failed"
    assert registry.get_job_ids(cleanup=False) == [jobs[living.name].id]
