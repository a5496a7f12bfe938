"""Runs background jobs: `python worker.py`.

`--burst` drains the queues and exits. `--alone` promises that all workers of these queues run on
this machine, so that jobs which a crash left “started” are taken up again at once instead of
minutes later.
"""

import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable

from flask import current_app
from redis.exceptions import RedisError
from rq import Queue
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import as_text

from app import create_app
from jobs import (
    QUEUES,
    housekeeping,
    imports,
    installation,
    killed,
    leftovers,
    periods,
    queue,
    recovery,
    schedules,
    signing,
)
from jobs.liveness import fresh_name, is_alive, listed
from jobs.running import LastingWorker, TracedJob
from models import be_patient, db

log = logging.getLogger(__name__)

#: What nobody asks for, and how often it is done in seconds. Lost rows: with the heartbeat's limit
#: this stays below a minute. Billing periods begin within a minute after midnight.
CHORES: dict[Callable[[], object], int] = {
    recovery.sweep: 15,
    imports.sweep: 15,
    leftovers.sweep: 60 * 60,
    periods.advance_periods: 60,
    signing.check_envelopes: 60,
    schedules.make_due_backups: 60,
    installation.save_when_due: 60,
    housekeeping.apply_retention: 600,
    housekeeping.sweep_orphans: 24 * 60 * 60,
    housekeeping.trim_cache: 600,
    housekeeping.clean_store: 24 * 60 * 60,
}


def main() -> None:
    with create_app(pages=False).app_context():
        be_patient()
        is_burst = "--burst" in sys.argv
        if not is_burst:
            start_sweeper()
            wait_for_redis()
        if "--alone" in sys.argv:
            take_up_lost_jobs()
        worker = LastingWorker(
            [queue(name) for name in QUEUES],
            name=fresh_name(),
            connection=current_app.extensions["redis"],
            serializer=JSONSerializer,
            job_class=TracedJob,
            work_horse_killed_handler=killed.on_killed,
            # Short lives, so that the job of a killed worker is noticed within a minute.
            worker_ttl=30,
            maintenance_interval=15,
        )
        # RQ forks a process per job; each inherits this context and, because this process itself
        # keeps no connection, opens one of its own.
        worker.work(burst=is_burst, with_scheduler=True, logging_level="WARNING")


def wait_for_redis() -> None:
    """Its absence, or a disk on which it can write nothing, is no reason to end: the pages say so,
    and the rows wait."""
    while True:
        try:
            current_app.extensions["redis"].set("drawpack:begins", os.getpid(), ex=60)
        except RedisError:
            time.sleep(1)
        else:
            return


def take_up_lost_jobs() -> None:
    """Queue again, or mark failed, what killed workers of this machine left “started”."""
    redis = current_app.extensions["redis"]
    # Several start at once after a crash: what one has taken up is not taken up again.
    with redis.lock("drawpack:taking-up", timeout=60):
        lost = [job for name in QUEUES for job in _lost_of(queue(name))]
    for job in lost:
        killed.on_killed(job)
    db.session.remove()
    db.engine.dispose()


def _lost_of(of: Queue) -> list[Job]:
    """The jobs of a queue whose worker is no more; their executions are ended."""
    redis, registry, lost = of.connection, of.started_job_registry, []
    begun = [
        Execution(execution_id, job_id, redis)
        for job_id, execution_id in registry.get_job_and_execution_ids(cleanup=False)
    ]
    # Read after these: whoever began one of them is on the list.
    living = {each.name for each in listed(redis) if is_alive(each.name, each.pid, each.hostname)}
    for each in begun:
        # Not the job's own word: until its process has begun that names who ran it before.
        if as_text(redis.hget(each.key, "worker_name") or b"") in living:
            continue
        # Its time has run out, whatever it was given.
        redis.zadd(registry.key, {each.composite_key: 0}, xx=True)
        if job := of.fetch_job(each.job_id):
            lost.append(job)
    registry.cleanup()
    return lost


def start_sweeper() -> None:
    """A forked child for the chores: it ends with us, and a long job does not hold it up."""
    fork = multiprocessing.get_context("fork")
    fork.Process(target=_sweep_for, args=(os.getpid(),), daemon=True).start()


def _sweep_for(worker: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What deletes waits until whoever started this with a wrong setting could notice.
    start = time.monotonic()
    due = {chore: start + 600 * (seconds > 3600) for chore, seconds in CHORES.items()}
    while os.getppid() == worker:
        for chore, seconds in CHORES.items():
            if time.monotonic() >= due[chore]:
                due[chore] = time.monotonic() + seconds
                _do(chore)
        time.sleep(1)


def _do(chore: Callable[[], object]) -> None:
    try:
        chore()
    except Exception:
        # A locked database or an absent Redis is better next time.
        log.exception("%s failed", chore.__name__)
    finally:
        db.session.remove()


if __name__ == "__main__":
    main()
