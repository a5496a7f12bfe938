"""What must hold once all is quiet, whatever was killed, lost or full before."""

import json
from collections.abc import Iterator
from contextlib import suppress
from hashlib import file_digest
from pathlib import Path
from typing import Any

from flask import Flask

from app import create_app
from bench.breaking.installation import TooSlow, wait_for
from bench.breaking.mailbox import Mailbox
from bench.breaking.records import Records
from models import db, utcnow
from services import leftovers
from services.system import contents


class Invariants:
    """Looks at one installation again and again; bytes that were right once are read again only by
    `everything`."""

    def __init__(self, data: Path, mailbox: Mailbox) -> None:
        self.data, self.mailbox = data, mailbox
        self.records = Records(data / "drawpack.db")
        self._right: dict[str, str] = {}
        self._app: Flask | None = None

    def broken(self) -> list[str]:
        """One sentence for each thing that is not as it must be."""
        return [
            *self._of_database(),
            *self._of_backups(),
            *self._of_files(),
            *self._of_mails(),
            *self._of_leftovers(),
        ]

    def everything(self) -> list[str]:
        """The same, with every byte read anew."""
        self._right.clear()
        return self.broken()

    def visible(self) -> list[str]:
        """What can be seen in the folder of backups at any moment is whole, also in the moment of a
        power cut."""
        found = []
        for folder in sorted((self.data / "backups").glob("*")):
            manifest = next(folder.glob("*.json"), None)
            for pdf in folder.glob("*.pdf"):
                told = json.loads(manifest.read_text()) if manifest else {}
                if told.get("sha256") != self._digest(pdf):
                    found.append(f"a partial file can be seen: {pdf.name} of backup {folder.name}")
        return found

    def _of_database(self) -> Iterator[str]:
        said = self.records.one("PRAGMA integrity_check")
        if said != "ok":
            yield f"the database is damaged: {said}"
        if self.records.all("PRAGMA foreign_key_check"):
            yield "a row points at nothing"

    def _of_backups(self) -> Iterator[str]:
        rows = self.records.all("SELECT * FROM backup")
        for row in rows:
            yield from self._of_backup(row)
        known = {str(row["id"]) for row in rows if row["status"] == "done"}
        for folder in (self.data / "backups").glob("*"):
            if folder.name not in known:
                yield f"the folder of backup {folder.name} lies there without a finished row"
        query = "SELECT subject_id, count(*) AS n FROM audit_entry WHERE action = 'backup.done'"
        for row in self.records.all(f"{query} GROUP BY subject_id HAVING n > 1"):
            yield f"backup {row['subject_id']} was done {row['n']} times"

    def _of_backup(self, row: dict[str, Any]) -> Iterator[str]:
        name = f"backup {row['id']} ({row['status']})"
        if row["status"] == "done":
            folder = (self.data / row["path"]).parent
            if self._digest(self.data / row["path"]) != row["sha256"]:
                yield f"{name} has other bytes than its row says"
            odd = [each.name for each in folder.iterdir() if each.suffix not in {".pdf", ".json"}]
            yield from (f"{name}: {each} lies beside it" for each in odd)
        elif row["status"] == "failed":
            if not (row["error"] or "").strip().endswith("."):
                yield f"{name} does not say why in a sentence"
        elif row["status"] != "cancelled":
            yield f"{name} is not at its end"

    def _of_files(self) -> Iterator[str]:
        with self._context():
            named = contents.named_files(self.data / "drawpack.db")
        for name, digest in named.items():
            if self._right.get(name) == digest:
                continue
            if self._digest(self.data / name) != digest:
                yield f"{name} is not there with the SHA-256 that the database names"
            else:
                self._right[name] = digest

    def _of_mails(self) -> Iterator[str]:
        yield from self.mailbox.twice()
        for row in self.records.all("SELECT * FROM mail_delivery WHERE backup_id IS NOT NULL"):
            count = self.mailbox.got[row["email"], str(row["backup_id"])]
            if (row["state"], count) == ("sent", 0):
                yield f"mail {row['id']} is said to be sent and never came"

    def _of_leftovers(self) -> Iterator[str]:
        """After a sweep that believes that everything is old."""
        left: list[Path] = []

        def is_clear() -> bool:
            leftovers.sweep(utcnow() + 2 * leftovers.KEPT_FOR)
            left[:] = leftovers.unfinished()
            return not left

        # No row tells of jobs that prepare documents ahead, and those make files meanwhile.
        with self._context(), suppress(TooSlow):
            wait_for(is_clear, "a clear folder", 10)
        yield from (f"left behind: {path.relative_to(self.data)}" for path in left)

    def _context(self) -> Any:
        if self._app is None:
            self._app = create_app(
                {
                    "DATA_DIR": self.data,
                    "SQLALCHEMY_DATABASE_URI": f"sqlite:///{self.data / 'drawpack.db'}",
                },
                pages=False,
            )
        return self._app.app_context()

    def close(self) -> None:
        if self._app is not None:
            with self._app.app_context():
                db.session.remove()
                db.engine.dispose()
            self._app = None

    def _digest(self, path: Path) -> str:
        try:
            with path.open("rb") as file:
                return file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            return ""
