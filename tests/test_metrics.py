"""What Prometheus reads, and who may."""

import os
import signal

import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from app import create_app
from jobs import queue, running, waiting_mail
from jobs.figures import job_times
from models import BackupStatus, db
from services import audit, storage
from services.system import figures
from tests.backup_rows import make_backup
from tests.conftest import free_port, wait_for
from tests.factories import make_project
from tests.held import Held, execute
from tests.test_backup_job import jobs_of

TOKEN = "a secret of enough letters"


@pytest.fixture
def watched(app):
    """The same installation, with a monitor."""
    other = create_app(
        {
            "DATA_DIR": app.config["DATA_DIR"],
            "METRICS_TOKEN": TOKEN,
            "WTF_CSRF_ENABLED": False,
        }
    )
    yield other
    other.extensions["redis"].close()
    with other.app_context():
        db.engine.dispose()


def look(app):
    """Every number by its name and labels."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = app.test_client().get("/metrics", headers=headers)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_without_a_token_there_are_no_metrics_and_with_one_only_for_who_knows_it(
    app, watched, client
):
    assert client.get("/metrics").status_code == 404
    asking = watched.test_client()
    for header in (None, "Bearer wrong", TOKEN[:-1], "Bearer ünïcode"):
        headers = {"Authorization": header.encode().decode("latin-1")} if header else {}
        assert asking.get("/metrics", headers=headers).status_code == 401


def test_rows_queues_and_requests_are_numbers(app, watched):
    with app.app_context():
        project = make_project()
        make_backup(project)
        make_backup(project, status=BackupStatus.QUEUED)
        db.session.commit()
        audit.note("system.saved")
        waiting_mail.enqueue_password_reset("nobody@example.org")

    seen = look(watched)
    assert seen["drawpack_backups", "done"] == 1
    assert seen["drawpack_backups", "queued"] == 1
    assert seen["drawpack_backups", "failed"] == 0
    assert seen["drawpack_mails", "sent"] == 0
    assert seen["drawpack_queue_jobs", "mail", "waiting"] == 1
    assert seen["drawpack_queue_jobs", "backups", "waiting"] == 0
    assert seen["drawpack_workers",] == 0
    assert seen["drawpack_disk_free_bytes",] > 0
    assert seen["drawpack_saved_timestamp_seconds",] > 1_700_000_000
    assert seen["drawpack_backup_waiting_seconds",] >= 0
    assert {seen["drawpack_up", part] for part in ("queue", "database", "disk")} == {1}
    again = look(watched)
    asked = ("drawpack_requests_total", "200", "GET", "metrics.show")
    assert again[asked] == seen.get(asked, 0) + 1
    assert again["drawpack_request_seconds_count", "metrics.show"] >= 1


def test_without_redis_the_rest_is_told(watched):
    redis = watched.extensions["redis"]
    watched.extensions["redis"] = Redis.from_url(f"redis://127.0.0.1:{free_port()}/0")
    seen = look(watched)
    watched.extensions["redis"].close()
    watched.extensions["redis"] = redis

    assert seen["drawpack_up", "queue"] == 0
    assert seen["drawpack_up", "database"] == 1
    assert ("drawpack_queue_jobs", "mail", "waiting") not in seen


def test_jobs_of_all_processes_are_counted_also_one_that_was_killed(context, worker):
    wait_for(lambda: context.extensions["redis"].scard("rq:workers"), what="the worker")
    waiting_mail.enqueue_password_reset("nobody@example.org")
    queue("mail").enqueue("jobs.mail.send_mail")
    held = Held(storage.data_dir(), "held", execute)
    held.enqueue(context.extensions["redis"], meta={"request": "told-before"})

    def counted():
        return {(row.kind, row.result): row for row in job_times()}

    wait_for(lambda: len(counted()) == 2, what="two jobs")
    held.wait_until_begun()
    [horse] = jobs_of(worker.pid)
    os.kill(horse, signal.SIGKILL)
    wait_for(lambda: ("inspect_file", "killed") in counted(), what="the death")

    rows = counted()
    assert set(rows) == {
        ("send_password_reset", "done"),
        ("send_mail", "failed"),
        ("inspect_file", "killed"),
    }
    buckets = dict(rows["send_password_reset", "done"].buckets)
    assert buckets["+Inf"] == 1
    assert list(buckets) == [*map(str, running.BUCKETS), "+Inf"]


def test_what_a_stranger_counts_in_redis_hides_nothing(watched, client):
    strange = {"draw|done|1": "many", "draw": "1", "a|b|c|d": "1", "x{}\n|done|1": "1",
               b"\xff|done|1": "1", "draw|done|seconds": "nan", "draw|done|0.5": "2"}  # fmt: skip
    with watched.app_context():
        watched.extensions["redis"].hset(running.COUNTS, mapping=strange)
        [row] = job_times()
        assert (row.kind, dict(row.buckets)["+Inf"], row.seconds) == ("draw", 2, 0)
    look(watched)


@pytest.mark.sqlite("its plan; a server may rightly read a small table as a whole")
def test_a_look_reads_indexes_only(context):
    """However many rows there are, nobody waits for a monitor."""
    asked = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *a: asked.append(a[2:4]))
    figures.backups(), figures.mails(), figures.saved_at()
    db.session.rollback()
    plans = [
        row[3]
        for statement, values in asked
        if statement.startswith("SELECT")
        for row in db.session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {statement}", values
        )
    ]
    assert len(plans) >= 3
    assert all("INDEX" in plan for plan in plans), plans


def test_a_method_that_nobody_knows_is_counted_with_the_others(watched):
    for number in range(3):
        watched.test_client().open("/sign-in", method=f"AAA{number}")
    asked = {key for key in look(watched) if key[0].startswith("drawpack_requests")}
    assert not any("AAA" in str(key) for key in asked)
    assert any("other" in str(key) for key in asked)
