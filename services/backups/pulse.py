"""The life of a running backup: its row hears of it from a thread of its own."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self

import sqlalchemy as sa
from flask import Flask, current_app

from binder.assemble import Progress
from binder.errors import BinderError, Cancelled
from models import Backup, db

#: Seconds between two beats, and so between two changes of the progress that people see. Far
#: below `models.backup.HEARTBEAT`, so that somebody else's long transaction costs no life.
INTERVAL = 1.0

log = logging.getLogger(__name__)


class Lost(BinderError):
    """The row is no longer running: it was given up as lost, or deleted."""


class Pulse:
    """Beats while it is entered, and carries progress to the row and a wish to stop back from it.

    A thread, because one document can take longer than a heartbeat may, and because the maker of a
    backup must not wait for a database that is busy elsewhere.
    """

    def __init__(
        self, backup_id: int, documents: int, listen: Callable[[Progress], None] | None = None
    ) -> None:
        self._backup_id = backup_id
        self._listen = listen
        self._progress = Progress("Starting", 0, documents, 0)
        self._end: BinderError | None = None
        self._over = threading.Event()
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001
        self._thread = threading.Thread(target=self._run, args=(app,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def progress(self) -> Progress:
        """What was reported last."""
        return self._progress

    def report(self, progress: Progress) -> None:
        """Note how far it is. A later phase that starts to count anew takes nothing back."""
        self._progress = Progress(
            progress.step,
            max(progress.documents_done, self._progress.documents_done),
            progress.documents_total,
            max(progress.pages_done, self._progress.pages_done),
        )

    def step(self, step: str) -> None:
        """Another step, with the same counts. Raises as `check` does."""
        now = self._progress
        self.report(Progress(step, now.documents_done, now.documents_total, now.pages_done))
        self.check()

    def check(self) -> None:
        """Raise `Cancelled` or `Lost` where the row asks for it."""
        if self._end is not None:
            raise self._end

    def should_stop(self) -> bool:
        return self._end is not None

    def _run(self, app: Flask) -> None:
        with app.app_context():
            while not self._over.wait(INTERVAL):
                try:
                    self._beat()
                except sa.exc.OperationalError:
                    # A busy or full database; the next beat may do better.
                    log.warning("backup %s: a heartbeat could not be noted", self._backup_id)
                finally:
                    db.session.remove()

    def _beat(self) -> None:
        progress = self._progress
        stop = Backup.beat(
            self._backup_id,
            step=progress.step[:100],
            documents_done=progress.documents_done,
            documents_total=progress.documents_total,
            pages_done=progress.pages_done,
        )
        if stop is None:
            self._end = Lost("This backup was given up while it was still being compiled.")
        elif stop:
            self._end = Cancelled("Cancelled.")
        if self._listen:
            # A terminal that was closed must not stop the heart of what goes on without it.
            with suppress(OSError):
                self._listen(progress)
