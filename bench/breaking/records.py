"""What the installation says of itself, read from its database by other means than its own."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.breaking.installation import Installation, wait_for

_WAITING = {
    "backups that wait or run": "SELECT count(*) FROM backup WHERE status IN ('queued', 'running')",
    "imports that wait or run": "SELECT count(*) FROM import_job"
    " WHERE status IN ('uploaded', 'checking', 'confirmed', 'importing')",
    "mails on their way": "SELECT count(*) FROM mail_delivery WHERE state IN ('queued', 'sending')",
    "other mails on their way": "SELECT count(*) FROM waiting_mail"
    " WHERE state IN ('queued', 'sending')",
    "files nobody looked into": "SELECT count(*) FROM stored_file WHERE facts IS NULL",
}


@dataclass(frozen=True, slots=True)
class Records:
    database: Path

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(f"{self.database.as_uri()}?mode=rw", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            yield connection

    def all(self, query: str, *values: object) -> list[dict[str, Any]]:
        with self._open() as connection:
            return [dict(row) for row in connection.execute(query, values)]

    def one(self, query: str, *values: object) -> Any:
        with self._open() as connection:
            return connection.execute(query, values).fetchone()[0]

    def execute(self, statement: str, *values: object) -> None:
        with self._open() as connection:
            connection.execute(statement, values)
            connection.commit()

    def waiting(self) -> list[str]:
        """What is not finished, in words; nothing once all is quiet."""
        counts = {what: self.one(query) for what, query in _WAITING.items()}
        return [f"{count} {what}" for what, count in counts.items() if count]

    def wait_until_quiet(self, seconds: float = 120) -> None:
        """Raises TooSlow with what is still under way."""
        said: list[str] = []

        def is_quiet() -> bool:
            said[:] = self.waiting()
            return not said

        try:
            wait_for(is_quiet, "the end of all work", seconds)
        except Exception as e:
            raise type(e)(f"{e}: {', '.join(said)}") from e


def of(installation: Installation) -> Records:
    return Records(installation.data / "drawpack.db")
