"""A job that takes as long as a test wants: it looks into a file whose bytes do not come."""

import os
from contextlib import suppress
from hashlib import sha256

import sqlalchemy as sa
from rq import Queue
from rq.serializers import JSONSerializer

from models import db
from tests.conftest import wait_for


def execute(statement):
    """In the database of the test's own application."""
    db.session.execute(sa.text(statement))
    db.session.commit()


class Held:
    """The job `jobs.files.inspect_file` of a file that `name` stands for.

    `execute` runs a statement in the installation's database and commits.
    """

    def __init__(self, data, name, execute):
        self.digest = sha256(name.encode()).hexdigest()
        self._path = data / "files" / self.digest[:2] / self.digest
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Who opens it to read waits for somebody who writes.
        os.mkfifo(self._path)
        self._end = None
        execute(
            "INSERT INTO stored_file (sha256, size, created) "
            f"VALUES ('{self.digest}', 1, '2026-08-31 12:00:00')"
        )

    def enqueue(self, connection, **options):
        files = Queue("files", connection=connection, serializer=JSONSerializer)
        job_id = f"inspect-{self.digest}"
        return files.enqueue("jobs.files.inspect_file", self.digest, job_id=job_id, **options)

    def wait_until_begun(self, seconds=30):
        """Until a process reads it, which then waits for `finish`, or its death."""
        wait_for(self._is_read, what="the job", seconds=seconds)

    def _is_read(self):
        with suppress(OSError):
            self._end = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK)
        return self._end is not None

    def let_go(self):
        """After its process has been killed, so that the next one is noticed."""
        os.close(self._end)
        self._end = None

    def finish(self):
        os.write(self._end, b"no PDF")
        self.let_go()
