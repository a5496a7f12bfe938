"""What Redis knows about the work, for whoever watches: a few commands, however much there is."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import current_app
from redis import Redis
from rq.registry import DeferredJobRegistry, FailedJobRegistry, ScheduledJobRegistry
from rq.registry import StartedJobRegistry as Started

from jobs import QUEUES, queue, workers
from jobs.running import BUCKETS, COUNTS

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
    read = {_text(key): _text(value) for key, value in redis.hgetall(COUNTS).items()}
    for kind, result in sorted({tuple(key.split("|")[:2]) for key in read}):
        counted, buckets = 0, []
        for bound in (*map(str, BUCKETS), "+Inf"):
            counted += int(read.get(f"{kind}|{result}|{bound}", 0))
            buckets.append((bound, counted))
        seconds = float(read.get(f"{kind}|{result}|seconds", 0))
        yield JobTimes(kind, result, buckets, seconds)


def _text(said: bytes | str) -> str:
    return said if isinstance(said, str) else said.decode()
