"""Background jobs: one function per job, ids in, nothing out.

A worker does those of `jobs.known.JOBS` and nothing else that lies in Redis.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import current_app
from redis.exceptions import RedisError
from rq import Queue, Retry, Worker
from rq.exceptions import NoSuchJobError
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from jobs.known import KnownJob, name_of
from services import tracing

#: In the order a worker looks at them: what somebody waits for comes first.
QUEUES = ("backups", "mail", "files")

_UNDER_WAY = {JobStatus.QUEUED, JobStatus.STARTED, JobStatus.SCHEDULED}

log = logging.getLogger(__name__)


def queue(name: str) -> Queue:
    return Queue(
        name,
        connection=current_app.extensions["redis"],
        job_class=KnownJob,
        # Not pickle: nothing is made of it but ids.
        serializer=JSONSerializer,
    )


def enqueue(
    name: str,
    job: Callable[..., object],
    *args: int | str | Sequence[str] | Mapping[str, str],
    timeout: int,
    retry: Retry | None = None,
    **options: Any,
) -> bool:
    """Queue `job`; False when Redis cannot be reached. Call it after the commit.

    The row that the job works on is the truth: what is not queued now is queued by the next sweep.
    """
    try:
        queue(name).enqueue(
            name_of(job),
            *args,
            job_timeout=timeout,
            retry=retry,
            # Its lines in the log belong to the request, or job, that asked for it.
            meta={"request": tracing.request_id()},
            **options,
        )
    except RedisError:
        # Without its arguments, which may be somebody's address.
        log.warning("could not queue %s: Redis cannot be reached", job.__name__)
        return False
    return True


def is_under_way(job_id: str) -> bool:
    """Whether a job of this id waits, runs or will be tried again, by its own word. Raises
    RedisError."""
    job = _job(job_id)
    if job is None:
        return False
    if job.get_status() == JobStatus.DEFERRED:
        return any(is_under_way(other) for other in job.dependency_ids)
    return job.get_status() in _UNDER_WAY


def will_come(job_id: str) -> bool:
    """The same for who would queue it anew: one that `is_lost` does not come. Raises RedisError."""
    job = _job(job_id)
    if job is None:
        return False
    if job.get_status() == JobStatus.DEFERRED:
        # It comes to its turn with the last of those that it waits for, if that still comes.
        return any(will_come(other) for other in job.dependency_ids)
    return job.get_status() in _UNDER_WAY and not is_lost(job)


def _job(job_id: str) -> KnownJob | None:
    try:
        return KnownJob.fetch(job_id, connection=current_app.extensions["redis"])
    except NoSuchJobError:
        return None


def is_lost(job: Job) -> bool:
    """Whether it says that it waits, and nobody will begin it. Raises RedisError.

    So ends what a worker took from its queue when it was killed, or a Redis without room refused
    it, before it could note that it begins. One that is taken at this very moment seems lost too:
    no harm to who queues it anew, for a second copy of a job does nothing.
    """
    if job.get_status(refresh=False) != JobStatus.QUEUED:
        return False
    of = queue(job.origin)
    if current_app.extensions["redis"].lpos(of.key, job.id) is not None:
        return False
    begun = of.started_job_registry.get_job_and_execution_ids(cleanup=False)
    return all(job_id != job.id for job_id, _ in begun)


def workers() -> int:
    """How many workers have shown themselves lately. Raises RedisError."""
    return Worker.count(connection=current_app.extensions["redis"])


def worker_is_there() -> bool:
    """Whether any worker has shown itself lately. Raises RedisError."""
    return workers() > 0


def queue_is_reachable() -> bool:
    try:
        return bool(current_app.extensions["redis"].ping())
    except RedisError:
        return False
