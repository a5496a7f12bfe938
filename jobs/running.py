"""Who runs jobs, and what happens around each: its lines in the log name the request that asked for
it, and its end is counted."""

import logging
import time
from datetime import UTC, timedelta
from typing import Any, Self

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Worker, worker_registration
from rq.job import Job

from jobs.known import KnownJob, Refused
from models import utcnow
from services import tracing

#: A hash in Redis, so that all workers of all machines count together. AOF keeps it; where Redis
#: loses it the counting begins anew, which whoever reads counters expects.
COUNTS = "drawpack:jobs"
#: Seconds; a job falls into the first that it does not exceed.
BUCKETS = (0.1, 0.5, 1, 5, 15, 60, 300, 1800)
#: How long what was refused stays in Redis, for whoever wants to look at it.
_KEPT = timedelta(days=7)
#: Seconds; the scheduler looks once in a second whether it was told to end.
_MOMENT = 2

log = logging.getLogger(__name__)


class LastingWorker(Worker):
    """A worker that stays on the list of those that live.

    RQ enters it at its start only, and Redis forgets it where its data is lost, and where the clock
    jumps ahead by more than a heartbeat lasts: after a sleep of the machine, for instance.
    """

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        super().heartbeat(timeout, pipeline)
        connection = self.connection if pipeline is None else pipeline
        connection.hset(self.key, mapping=self.serialize())
        worker_registration.register(self, pipeline)

    def stop_scheduler(self) -> None:
        """RQ tells it once to end, and waits. One that was forked in this very moment does not
        listen yet, and the worker would wait for ever: it is told until it has ended."""
        # RQ has no other name for it.
        scheduler = self.scheduler._process if self.scheduler else None  # noqa: SLF001
        while scheduler is not None and scheduler.is_alive():
            scheduler.terminate()
            scheduler.join(_MOMENT)


class TracedJob(KnownJob):
    """As the worker runs it: in a process of its own, which ends with it."""

    @classmethod
    def fetch(
        cls,
        id: str,  # noqa: A002
        connection: Redis | None = None,
        serializer: object = None,  # noqa: ARG003
    ) -> Self:
        """What the worker has taken from a queue. It passes over what is refused."""
        try:
            return super().fetch(id, connection)
        except Refused as e:
            log.warning("a job in the queue is refused: %s (%s)", e, id[:80])
            if connection is not None:
                connection.expire(cls.key_for(id), _KEPT)
            raise

    def perform(self) -> Any:
        tracing.follow(_request_of(self), job=self.id)
        began, result = time.monotonic(), "failed"
        try:
            returned = super().perform()
            result = "done"
        finally:
            note(self.connection, kind_of(self), result, time.monotonic() - began)
        return returned


def _request_of(job: Job) -> str:
    """The id of the request that asked for it, if Redis holds one that a log may."""
    told = str(job.meta.get("request", ""))
    return told if tracing.SANE.fullmatch(told) else tracing.fresh()


def kind_of(job: Job) -> str:
    """The name of what it runs; its arguments may name people."""
    return str(job.func_name).rpartition(".")[2]


def note(redis: Redis, kind: str, result: str, seconds: float) -> None:
    """Say and count that a job has ended; `result` is done, failed or killed."""
    tracing.event("job", f"{kind} {result}", seconds=round(seconds, 3))
    bucket = next((str(each) for each in BUCKETS if seconds <= each), "+Inf")
    try:
        with redis.pipeline() as pipe:
            pipe.hincrby(COUNTS, f"{kind}|{result}|{bucket}", 1)
            pipe.hincrbyfloat(COUNTS, f"{kind}|{result}|seconds", round(seconds, 3))
            pipe.execute()
    except RedisError:
        # Nobody waits for a number.
        return


def note_killed(job: Job) -> None:
    """Of a process that could not say anything any more; called in the worker's own."""
    tracing.follow(_request_of(job), job=job.id)
    began = job.started_at
    seconds = (utcnow() - began.replace(tzinfo=began.tzinfo or UTC)).total_seconds() if began else 0
    note(job.connection, kind_of(job), "killed", max(seconds, 0))
    tracing.unfollow()
