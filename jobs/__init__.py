"""Background jobs: one function per job, ids in, nothing out.

A job's dotted path and its parameters are stored in Redis, so both are a contract with the jobs
already queued: rename neither without draining first.
"""

import logging
from collections.abc import Callable
from typing import Any

from flask import current_app
from redis.exceptions import RedisError
from rq import Queue, Retry
from rq.serializers import JSONSerializer

#: In the order a worker looks at them: what somebody waits for comes first.
QUEUES = ("backups", "mail", "files")

log = logging.getLogger(__name__)


def queue(name: str) -> Queue:
    # JSON, not pickle: who can write to Redis must not be able to run code here.
    return Queue(name, connection=current_app.extensions["redis"], serializer=JSONSerializer)


def enqueue(
    name: str,
    job: Callable[..., object],
    *args: int | str,
    timeout: int,
    retry: Retry | None = None,
    **options: Any,
) -> bool:
    """Queue `job`; False when Redis cannot be reached. Call it after the commit.

    The row that the job works on is the truth: what is not queued now is queued by the next sweep.
    """
    try:
        queue(name).enqueue(job, *args, job_timeout=timeout, retry=retry, **options)
    except RedisError:
        log.warning("could not queue %s%r: Redis cannot be reached", job.__name__, args)
        return False
    return True


def queue_is_reachable() -> bool:
    try:
        return bool(current_app.extensions["redis"].ping())
    except RedisError:
        return False
