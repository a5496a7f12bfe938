import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from threading import Barrier, Thread

from rq import Retry
from rq.executions import Execution
from rq.job import JobStatus
from rq.scheduler import RQScheduler

import settings
from jobs import queue, workers
from jobs.running import LastingWorker
from services import storage
from tests.conftest import wait_for
from tests.held import Held, execute
from tests.programs import Program
from tests.test_backup_job import jobs_of
from worker import take_up_lost_jobs

_TELL = """
import json, os, sys
import worker
from app import create_app

app = create_app(pages=False)
print(json.dumps({"modules": sorted({name.split(".")[0] for name in sys.modules}),
                  "addresses": [str(rule) for rule in app.url_map.iter_rules()]}))
"""
#: What only pages, commands or a few jobs need, each some megabytes in every job.
_STAYS_OUT = {
    "alembic",
    "blueprints",
    "demo",
    "flask_smorest",
    "httpx",
    "obstore",
    "openpyxl",
    "prometheus_client",
    "rich",
}


def test_a_worker_carries_neither_pages_nor_what_few_jobs_need(tmp_path):
    # A process of its own: the programs of `tests.programs` have everything imported.
    done = subprocess.run(
        [sys.executable, "-c", _TELL], cwd=settings.ROOT, check=True,
        env=os.environ | {"DRAWPACK_DATA_DIR": str(tmp_path)}, capture_output=True, text=True,
    )  # fmt: skip
    told = json.loads(done.stdout.splitlines()[-1])
    assert not _STAYS_OUT & set(told["modules"])
    assert told["addresses"] == ["/static/<path:filename>"]
    assert {"jobs", "services", "binder"} <= set(told["modules"])


def test_a_redis_that_can_write_nothing_is_waited_for(context, environment):
    redis = context.extensions["redis"]
    # It refuses what it refuses on a full disk.
    redis.config_set("min-replicas-to-write", 1)
    worker = Program(["worker.py"], environment)
    try:
        time.sleep(2)
        assert worker.returncode is None
        redis.config_set("min-replicas-to-write", 0)
        wait_for(workers, what="the worker")
    finally:
        redis.config_set("min-replicas-to-write", 0)
        worker.terminate()
        worker.wait(20)


def test_a_job_that_a_living_worker_has_begun_is_not_lost(context, worker):
    wait_for(workers, what="the worker")
    held = Held(storage.data_dir(), "held", execute)
    job = held.enqueue(context.extensions["redis"])
    held.wait_until_begun()
    wait_for(lambda: job.get_status() == JobStatus.STARTED, what="the job")
    # Until its process says so, a job that is tried again names the worker that was killed with it.
    job.connection.hset(job.key, "worker_name", "who was killed")

    take_up_lost_jobs()

    assert job.get_status() == JobStatus.STARTED
    assert queue("files").started_job_registry.get_job_count() == 1
    for horse in jobs_of(worker.pid):
        os.kill(horse, signal.SIGKILL)


def test_a_job_of_a_killed_worker_is_taken_up_once_by_all_that_start(app):
    with app.app_context():
        job = queue("files").enqueue("jobs.files.inspect_file", "0" * 64, retry=Retry(max=2))
        assert queue("files").pop_job_id() == job.id
        with job.connection.pipeline() as pipeline:
            Execution.create(job, 100, pipeline, worker_name="who was killed")
            pipeline.execute()
        start = Barrier(4)

    def take_up():
        with app.app_context():
            start.wait()
            take_up_lost_jobs()

    threads = [Thread(target=take_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with app.app_context():
        assert queue("files").job_ids == [job.id]
        job.refresh()
        assert job.retries_left == 1


def test_a_scheduler_that_does_not_listen_yet_keeps_no_worker_from_ending(context):
    """As in the moment after its fork: what it is told then is lost."""
    fork = multiprocessing.get_context("fork")
    begun = fork.Event()
    worker = LastingWorker([queue("mail")], connection=context.extensions["redis"], name="w")
    worker.scheduler = RQScheduler(worker.queues, connection=worker.connection)
    worker.scheduler._process = fork.Process(target=deaf_at_first, args=(begun,))
    worker.scheduler._process.start()
    assert begun.wait(20)
    waiting = Thread(target=worker.stop_scheduler, daemon=True)
    waiting.start()
    waiting.join(20)

    assert not waiting.is_alive()
    assert worker.scheduler._process.exitcode == -signal.SIGTERM


def deaf_at_first(begun):
    def lose(*_):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

    signal.signal(signal.SIGTERM, lose)
    begun.set()
    while True:
        time.sleep(60)
