"""What happens to a row whose job died."""

from typing import Any

from rq.job import Job

from models import Backup, db

KILLED = "The worker was stopped while it compiled this backup. Run it again."


def on_killed(job: Job, *_: Any) -> None:
    """The job's process died (SIGKILL, out of memory), so no callback of RQ has run."""
    if job.func_name == "jobs.backups.compile_backup":
        backup = db.session.get(Backup, job.args[0])
        if backup is not None:
            backup.fail(KILLED)
    # Called in the worker's own process: leave no connection for its next fork.
    db.session.remove()
    db.engine.dispose()
