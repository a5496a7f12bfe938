"""What Redis knows about the work, for whoever watches: a few commands, however much there is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

from flask import current_app
from redis import Redis
from rq.registry import DeferredJobRegistry, FailedJobRegistry, ScheduledJobRegistry
from rq.registry import StartedJobRegistry as Started

from jobs import QUEUES, queue, workers
from jobs.running import BUCKETS, COUNTS

#: Of a function: what may stand in a label.
_NAME = re.compile(r"[A-Za-z_]{1,60}")
#: Where a job can be, beside waiting in its queue.
_REGISTRIES = {
    "running": Started,
    "deferred": DeferredJobRegistry,
    "scheduled": ScheduledJobRegistry,
    "failed": FailedJobRegistry,
}


@dataclass(frozen=True, slots=True)
class JobTimes:
    """How often a job ended so, cumulated by seconds as Prometheus wants it, and their sum."""

    kind: str
    result: str
    buckets: list[tuple[str, int]]
    seconds: float


def depths() -> Iterator[tuple[str, str, int]]:
    """Queue, state and how many jobs. Raises RedisError."""
    redis: Redis = current_app.extensions["redis"]
    with redis.pipeline(transaction=False) as pipe:
        asked = []
        for name in QUEUES:
            pipe.llen(queue(name).key)
            asked.append((name, "waiting"))
            for state, registry in _REGISTRIES.items():
                pipe.zcard(registry(queue=queue(name)).key)
                asked.append((name, state))
        for (name, state), count in zip(asked, pipe.execute(), strict=True):
            yield name, state, count


def workers_known() -> int:
    """Raises RedisError."""
    return workers()


def job_times() -> Iterator[JobTimes]:
    """Every kind of job that has ended since Redis counts. Raises RedisError."""
    redis: Redis = current_app.extensions["redis"]
    read = dict(filter(None, map(_count, redis.hgetall(COUNTS).items())))
    for kind, result in sorted({(kind, result) for kind, result, _ in read}):
        counted, buckets = 0, []
        for bound in (*map(str, BUCKETS), "+Inf"):
            counted += int(read.get((kind, result, bound), 0))
            buckets.append((bound, counted))
        yield JobTimes(kind, result, buckets, read.get((kind, result, "seconds"), 0.0))


def _count(said: tuple[Any, Any]) -> tuple[tuple[str, str, str], float] | None:
    """None for what no worker of ours has written: a monitor must see the rest all the same."""
    try:
        kind, result, bound = said[0].decode().split("|")
        value = float(said[1])
    except ValueError:
        return None
    return ((kind, result, bound), value) if _NAME.fullmatch(kind) and isfinite(value) else None
