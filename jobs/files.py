"""Looking into files that arrived."""

from collections.abc import Sequence

from flask import current_app
from rq import Retry

from jobs import enqueue, is_lost, queue
from jobs.known import KnownJob
from services import files

#: Seconds: more than the child process may take on the clock.
TIMEOUT = 240
_QUEUE = "files"


def inspect_file(sha256: str) -> None:
    files.inspect(sha256)


def enqueue_inspect(sha256: str) -> bool:
    """False when the queue cannot be reached; the next sweep then queues the file."""
    return enqueue(
        _QUEUE,
        inspect_file,
        sha256,
        timeout=TIMEOUT,
        job_id=_job_id(sha256),
        # A worker that was killed says nothing of the file.
        retry=Retry(max=2),
    )


def is_idle() -> bool:
    """Whether no job about files waits or runs. Raises RedisError."""
    found = queue(_QUEUE)
    return found.count == 0 and found.started_job_registry.get_job_count(cleanup=False) == 0


def unknown(sha256s: Sequence[str]) -> list[str]:
    """Those of the files that no job was ever begun for. Raises RedisError."""
    jobs = KnownJob.fetch_many(
        [_job_id(sha256) for sha256 in sha256s], current_app.extensions["redis"]
    )
    pairs = zip(sha256s, jobs, strict=True)
    return [sha256 for sha256, job in pairs if job is None or is_lost(job)]


def _job_id(sha256: str) -> str:
    return f"inspect-{sha256}"
