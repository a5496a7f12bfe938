"""The jobs that there are, and how what lies in Redis becomes one of them or is refused.

RQ calls whatever function a job names, and callbacks and addresses that it carries. Whoever can
write to Redis can write any; ours are these, with ids, and carry nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Self

from redis import Redis
from redis.exceptions import RedisError
from rq.exceptions import NoSuchJobError
from rq.job import Job, parse_job_id
from rq.serializers import JSONSerializer

#: Names and parameters are a contract with the jobs that lie in Redis when an installation is
#: brought up to date. What an older release called otherwise is refused; its row is queued anew.
JOBS = frozenset(
    {
        "jobs.backups.compile_backup",
        "jobs.backups.compile_prepared",
        "jobs.backups.prepare_batch",
        "jobs.drawings.draw",
        "jobs.drawings.draw_many",
        "jobs.files.inspect_file",
        "jobs.imports.work_on",
        "jobs.installation.export_everything",
        "jobs.installation.save_installation",
        "jobs.mail.send_backup_link",
        "jobs.mail.send_mail",
        "jobs.signing.check",
        "jobs.signing.fetch",
        "jobs.signing.send",
        "jobs.signing.void",
        "jobs.waiting_mail.send",
        "jobs.waiting_mail.send_password_reset",
    }
)
#: What RQ would call, or send something to, besides the function.
_CALLS = ("success_callback_name", "failure_callback_name", "stopped_callback_name", "webhooks")
#: Of a name that a stranger may have written.
_SHOWN = 80


class Refused(NoSuchJobError):
    """What lies in Redis is no job of ours; says why. To RQ there is no such job: it goes on."""


class KnownJob(Job):
    """A job of the list, in JSON: whatever reads jobs from Redis reads them as this class.

    Always JSON: parts of RQ say nothing of a serializer, and would unpickle.
    """

    def __init__(
        self,
        id: str | None = None,  # noqa: A002
        connection: Redis | None = None,
        serializer: object = None,  # noqa: ARG002
    ) -> None:
        super().__init__(id, connection, JSONSerializer)

    @classmethod
    def fetch(
        cls,
        id: str,  # noqa: A002
        connection: Redis | None = None,
        serializer: object = None,  # noqa: ARG003
    ) -> Self:
        """Raises NoSuchJobError, and Refused for what is none of ours."""
        try:
            return super().fetch(id, connection)  # type: ignore[return-value]
        except (NoSuchJobError, RedisError):
            raise
        except Exception as e:
            raise Refused("it cannot be read") from e

    @classmethod
    def fetch_many(
        cls,
        job_ids: Iterable[str],
        connection: Redis,
        serializer: object = None,  # noqa: ARG003
    ) -> list[Job | None]:
        """None for each that is not there, or none of ours."""
        ids = [parse_job_id(job_id) for job_id in job_ids]
        with connection.pipeline(transaction=False) as pipe:
            for job_id in ids:
                pipe.hgetall(cls.key_for(job_id))
            found = pipe.execute()
        return [cls._of(*each, connection) for each in zip(ids, found, strict=True)]

    @classmethod
    def _of(cls, job_id: str, values: Mapping[bytes, bytes], connection: Redis) -> Self | None:
        try:
            job = cls(job_id, connection)
            job.restore(values)
        except (NoSuchJobError, ValueError):
            return None
        return job

    def restore(self, raw_data: Mapping[bytes, bytes]) -> None:
        """Raises Refused."""
        if any(raw_data.get(name.encode()) for name in _CALLS):
            raise Refused("it carries something to call besides its function")
        try:
            super().restore(raw_data)
            name, arguments = self.func_name, self.args
            is_plain = self.instance is None and not self.kwargs and isinstance(self.meta, dict)
        except NoSuchJobError:
            raise
        # Whatever a stranger, or a release that packed them otherwise, has written.
        except Exception as e:
            raise Refused("it cannot be read") from e
        if name not in JOBS:
            raise Refused(f"“{str(name)[:_SHOWN]}” is no job of this release")
        if not is_plain or not isinstance(arguments, list) or not all(map(_is_told, arguments)):
            raise Refused(f"this release gives “{name}” other parameters")


def name_of(job: Any) -> str:
    """As Redis holds it. Raises ValueError for a function that is not in the list."""
    name = f"{job.__module__}.{job.__qualname__}"
    if name not in JOBS:
        raise ValueError(f"{name} is not among JOBS of jobs/known.py: no worker would do it.")
    return name


def _is_told(argument: object) -> bool:
    """Whether it is an id or an address, or some digests, or digests by ids."""
    if isinstance(argument, dict):
        argument = list(argument.values())
    if isinstance(argument, list):
        # They become names of files.
        return all(isinstance(each, str) and each.isalnum() for each in argument)
    return isinstance(argument, int | str)
