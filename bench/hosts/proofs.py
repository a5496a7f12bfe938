"""What must be true afterwards, each with what was found."""

import shutil
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

from bench.hosts.trial import WORKERS, Trial

#: What is asked, what was found, whether it is well.
Result = tuple[str, object, bool]


def of_mails(trial: Trial, rows: list[dict[str, Any]]) -> list[Result]:
    states = trial.query("SELECT state, count(*) AS many FROM mail_delivery GROUP BY state")
    sent = len([each for each in trial.inbox.recipients if "invited" not in each])
    found = ", ".join(f"{row['many']} {row['state']}" for row in states)
    is_true = sent == len(rows) and {row["state"] for row in states} == {"sent"}
    return [("one mail for each backup, none twice", f"{sent} arrived; {found}", is_true)]


def of_files(trial: Trial, project: int, rows: list[dict[str, Any]]) -> list[Result]:
    own = trial.environment("web")
    flask = str(Path(sys.executable).parent / "flask")
    verified = trial.network.run("web", [flask, "storage", "verify"], own).strip()
    same = 0
    done = [row for row in rows if row["status"] == "done"]
    for row in done:
        at = f"/projects/{project}/backups/{row['id']}/file"
        whole = trial.ask(at)
        rest = trial.ask(at, None, Range="bytes=1000000-")
        same += sha256(whole).hexdigest() == row["sha256"] and rest == whole[1_000_000:]
    downloads = f"{same} of {len(done)}"
    kept = list((trial.network.folder / "web" / "backups").glob("*/*.pdf"))
    return [
        ("every file in the store as rows name it", verified.splitlines()[-1], True),
        (
            "downloads from the web host, whole and resumed",
            downloads,
            same == len(done),
        ),
        ("PDFs on the web host's own disk", len(kept), not kept),
    ]


def of_bytes(trial: Trial, row: dict[str, Any]) -> Result:
    """The same request again, on hosts whose caches are empty."""
    for host in WORKERS:
        for folder in ("files", "prepared", "drawn", "backups"):
            shutil.rmtree(trial.network.folder / host / folder, ignore_errors=True)
    trial.query(f"DELETE FROM mail_delivery WHERE backup_id = {row['id']}")
    trial.query(f"UPDATE backup SET status = 'queued' WHERE id = {row['id']}")
    trial.wait("the same request again", trial.are_over)
    again = next(each for each in trial.backups() if each["id"] == row["id"])
    is_same = (again["status"], again["sha256"]) == ("done", row["sha256"])
    return "the same request on empty caches: the same bytes", again["status"], is_same


def are_done(rows: list[dict[str, Any]]) -> bool:
    return bool(rows) and all(row["status"] == "done" for row in rows)


def counted(rows: list[dict[str, Any]]) -> str:
    counts = Counter(row["status"] for row in rows)
    return ", ".join(f"{many} {status}" for status, many in counts.items())


def words(rows: list[dict[str, Any]]) -> str:
    return " / ".join(sorted({str(row["error"]) for row in rows}))
