"""The workers on RQ's list, without what no worker can have written there."""

import logging

from redis import Redis
from redis.exceptions import ResponseError
from rq import Worker
from rq.utils import as_text
from rq.worker import BaseWorker

log = logging.getLogger(__name__)


def workers(redis: Redis) -> list[BaseWorker]:
    """Raises RedisError."""
    found = [_worker(redis, key) for key in redis.smembers(Worker.redis_workers_keys)]
    return [each for each in found if each is not None]


def _worker(redis: Redis, key: bytes | str) -> BaseWorker | None:
    try:
        return Worker.find_by_key(as_text(key), connection=redis)
    # RQ checks nothing of it: what kind of entry it is, names, numbers, dates, queues.
    except (ResponseError, ValueError, TypeError, AssertionError):
        log.warning("an entry among the workers in Redis makes no sense and is passed over")
        return None
