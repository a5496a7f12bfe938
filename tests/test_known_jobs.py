"""What a worker does with what lies in Redis, whoever wrote it there."""

import importlib
import json
import pickle
import socket
import zlib
from pathlib import Path

import pytest
from rq import Callback, Queue
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.webhook import Webhook

import jobs
from jobs import imports, known, recovery
from jobs.files import inspect_file
from jobs.recovery import GRACE
from models import ImportJob, ImportStatus, StoredFile, db, utcnow
from services.system import outside
from tests.backup_rows import add_invoice, ask, make_tower
from tests.factories import make_file
from worker import take_up_lost_jobs

DIGEST = "0" * 64


class Bomb:
    """Unpickled, it leaves a mark."""

    def __init__(self, mark):
        self.mark = str(mark)

    def __reduce__(self):
        return Path.touch, (Path(self.mark),)


def leave_a_mark(job, connection, *_):
    """A callback; the job's origin says where."""
    connection.set("marked", job.id)


@pytest.fixture
def stranger(context):
    """Who can write to Redis: the queue of files without any list."""
    return Queue("files", connection=context.extensions["redis"], serializer=JSONSerializer)


def written(stranger, job_id, **fields):
    """A good job, with these fields of its hash changed."""
    job = stranger.enqueue("jobs.files.inspect_file", DIGEST, job_id=job_id)
    stranger.connection.hset(job.key, mapping=fields)


def packed(name, arguments=(), instance=None, **kwargs):
    return zlib.compress(json.dumps([name, instance, arguments, kwargs]).encode())


def test_a_worker_does_nothing_but_our_jobs_and_says_so_once(stranger, work, tmp_path):
    mark = tmp_path / "mark"
    stranger.enqueue("os.mkdir", str(mark), job_id="any-function")
    stranger.enqueue("jobs.recovery.sweep", job_id="a-chore")
    stranger.enqueue("jobs.known.db", job_id="no-function")
    for word in ("success", "failure", "stopped"):
        callback = {f"on_{word}": Callback(leave_a_mark)}
        stranger.enqueue("jobs.files.inspect_file", DIGEST, job_id=f"on-{word}", **callback)
    written(stranger, "pickled", data=zlib.compress(pickle.dumps(Bomb(mark))))
    written(stranger, "pickled-meta", meta=pickle.dumps(Bomb(mark)))
    written(stranger, "pickled-result", result=pickle.dumps(Bomb(mark)))
    written(stranger, "method", data=packed("__class__", instance="text"))
    written(stranger, "keyword", data=packed("jobs.files.inspect_file", sha256=DIGEST))
    written(stranger, "nested", data=packed("jobs.files.inspect_file", [[[DIGEST]]]))
    way_out = packed("jobs.backups.prepare_batch", [1, [], {"1": "../../../etc/secret"}])
    written(stranger, "path", data=way_out)
    written(stranger, "no-json", data=b"{")
    written(stranger, "no-status", status="nonsense")
    written(stranger, "forging", data=packed("a\n2026-11-23 ERROR forged" + "x" * 999))
    stranger.connection.rpush(stranger.key, "no id", DIGEST)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        hook = Webhook(address, "finished")
        stranger.enqueue("jobs.files.inspect_file", DIGEST, job_id="hook", webhooks=[hook])
        digest = make_file(b"no PDF").sha256
        db.session.commit()
        jobs.enqueue("files", inspect_file, digest, timeout=9)

        said = work().stderr

        listening.setblocking(False)
        with pytest.raises(BlockingIOError):
            listening.accept()
    assert db.session.get_one(StoredFile, digest).facts
    assert not mark.exists()
    assert not stranger.connection.exists("marked")
    warned = [line for line in said.splitlines() if " INFO " not in line]
    assert len(warned) == said.count("is refused: ") == 16
    for sentence in (
        "a job in the queue is refused: “os.mkdir” is no job of this release (any-function)",
        "a job in the queue is refused: “jobs.recovery.sweep” is no job of this release (a-chore)",
        "is refused: it carries something to call besides its function (on-failure)",
        "is refused: it carries something to call besides its function (hook)",
        "is refused: it cannot be read (pickled)",
        "is refused: it cannot be read (no id)",
        "is refused: this release gives “jobs.files.inspect_file” other parameters (nested)",
    ):
        assert sentence in said
    assert "forged" + "x" * 99 not in said
    # Nobody keeps for ever what nobody does.
    assert 0 < stranger.connection.ttl(Job.key_for("any-function")) <= 7 * 24 * 3600


def test_a_lost_job_calls_nothing_either(stranger):
    job = stranger.enqueue("jobs.files.inspect_file", DIGEST, on_failure=Callback(leave_a_mark))
    stranger.pop_job_id()
    with stranger.connection.pipeline() as pipeline:
        Execution.create(job, 100, pipeline, worker_name="gone")
        pipeline.execute()
    take_up_lost_jobs()
    assert not stranger.connection.exists("marked")
    assert not stranger.started_job_registry.get_job_count(cleanup=False)


def test_a_lost_job_without_its_id_stops_no_worker(stranger):
    job = stranger.enqueue("jobs.backups.compile_backup")
    stranger.pop_job_id()
    with stranger.connection.pipeline() as pipeline:
        Execution.create(job, 100, pipeline, worker_name="gone")
        pipeline.execute()
    take_up_lost_jobs()
    assert job.get_status() == "failed"


def test_workers_that_there_cannot_be_keep_nobody_from_work(context, stranger):
    redis = stranger.connection
    redis.sadd(
        "rq:workers", "garbage", b"\xff", "rq:worker:number", "rq:worker:date", "rq:worker:gone"
    )
    redis.hset("rq:worker:number", "pid", "many")
    redis.hset("rq:worker:date", "last_heartbeat", "yesterday")
    redis.sadd("rq:workers", "rq:worker:text")
    redis.set("rq:worker:text", "no hash")
    # Begun by one of them.
    stranger.enqueue("jobs.files.inspect_file", DIGEST)
    stranger.pop_job_id()

    take_up_lost_jobs()

    assert {each.name for each in outside.queue(utcnow())} == {"Queue", "Workers"}


def test_every_job_of_the_list_is_there_and_nothing_else_can_be_queued(context):
    for name in known.JOBS:
        module, _, function = name.rpartition(".")
        found = getattr(importlib.import_module(module), function)
        assert known.name_of(found) == name
    with pytest.raises(ValueError, match=r"jobs\.recovery\.sweep is not among JOBS"):
        jobs.enqueue("files", recovery.sweep, timeout=9)


def test_what_an_older_release_queued_otherwise_is_done_all_the_same(context, stranger, tmp_path):
    """Under the same ids, by names that no worker knows any more, and pickled."""
    project = make_tower()
    backup = ask(project, add_invoice(project, "SC-1"))
    waiting_upload = ImportJob(title="tower.zip", folder="0", status=ImportStatus.UPLOADED)
    db.session.add(waiting_upload)
    file = make_file(b"no PDF")
    db.session.commit()
    old = Queue("backups", connection=stranger.connection)
    old.enqueue("jobs.old.compile", backup.id, job_id=f"backup-{backup.id}")
    old.enqueue("jobs.old.check", waiting_upload.id, job_id=f"check-{waiting_upload.id}")
    old.enqueue("jobs.old.look_into", file.sha256, job_id=f"inspect-{file.sha256}")

    recovery.sweep(utcnow() + GRACE * 2)
    imports.sweep(utcnow() + GRACE * 2)

    found = {(job.func_name, *job.args) for name in jobs.QUEUES for job in jobs.queue(name).jobs}
    assert found == {
        ("jobs.backups.compile_backup", backup.id),
        ("jobs.imports.work_on", waiting_upload.id),
        ("jobs.files.inspect_file", file.sha256),
    }
