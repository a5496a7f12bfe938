"""Runs background jobs: `python worker.py` (`--burst` drains the queues and exits)."""

import sys

from rq import Worker
from rq.serializers import JSONSerializer

from app import create_app
from jobs import QUEUES, queue
from jobs.recovery import on_killed


def main() -> None:
    app = create_app()
    with app.app_context():
        worker = Worker(
            [queue(name) for name in QUEUES],
            connection=app.extensions["redis"],
            serializer=JSONSerializer,
            work_horse_killed_handler=on_killed,
            # Short lives, so that the job of a killed worker is noticed within a minute.
            worker_ttl=30,
            maintenance_interval=15,
        )
        # RQ forks a process per job; each inherits this context and, because this process itself
        # never queries, opens a database connection of its own.
        worker.work(burst="--burst" in sys.argv, with_scheduler=True, logging_level="WARNING")


if __name__ == "__main__":
    main()
