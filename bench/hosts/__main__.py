"""Drawpack over eight hosts, of which one dies and one is cut off: `python -m bench.hosts`.

Web, Redis, PostgreSQL, an object store, a mail server and three workers, each in a network
namespace with a name and process numbers of its own. An upload is imported, backups are compiled;
one worker is killed while it compiles, another loses its network while it does. Prints what became
of everything; exit 1 unless all of it is true. Needs root, PostgreSQL, iproute2 and the
development requirements; takes some minutes and ends by itself after twelve.
"""

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from bench.hosts.network import Network
from bench.hosts.proofs import Result, are_done, counted, of_bytes, of_files, of_mails, words
from bench.hosts.trial import HOSTS, WORKERS, Trial

BACKUPS = 8


def main() -> int:
    if os.geteuid() != 0:
        raise SystemExit("Network namespaces need root.")
    folder = Path(mkdtemp(prefix="drawpack-hosts-"))
    # PostgreSQL runs as somebody else.
    folder.chmod(0o755)
    with Network(HOSTS, folder) as network:
        trial = Trial(network)
        try:
            results = _scenario(trial)
        finally:
            if hasattr(trial, "mail"):
                trial.mail.stop()
    for what, found, is_true in results:
        print(f"{'ok' if is_true else 'NOT SO':<7} {what:<60} {found}")
    is_well = all(is_true for _, _, is_true in results)
    if is_well:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"The logs are in {folder}.")
    return 0 if is_well else 1


def _scenario(trial: Trial) -> list[Result]:
    trial.start_servers()
    trial.start_web()
    trial.say("Redis, PostgreSQL, the object store, the mail server and the web host run")
    for host in WORKERS:
        trial.start_worker(host)
    trial.token = trial.on_web("begin")["token"]
    trial.say("a ZIP was uploaded on the web host")
    trial.wait("the import", lambda: trial.on_web("confirm")["status"] == "done", 1)
    project = trial.on_web("project")
    chosen = [number for number in project["contracts"] if _may_compile(trial, project, number)]
    trial.say(f"a worker imported it; {len(chosen)} contracts can be compiled")
    _ask_for(trial, project["id"], chosen, BACKUPS)
    died = _strike(trial, "killed", lambda host: trial.network.kill(trial.workers[host]), ())
    cut = _strike(trial, "cut off", trial.network.cut_off, (died[0],))
    trial.wait("the end of the others", lambda: _are_over_but(trial, cut[1]))
    trial.wait("the word on the two", trial.are_over)
    trial.say("every backup has ended")
    trial.network.connect(cut[0])
    trial.say(f"{cut[0]} has its network again")
    first = trial.backups()
    failed = [row for row in first if row["status"] != "done"]
    _ask_for(trial, project["id"], chosen, len(failed))
    trial.wait("the second run", trial.are_over)
    time.sleep(20)
    rows = trial.backups()
    return [
        ("backups asked for, all ended", counted(first), len(first) == BACKUPS),
        ("of the hosts that were struck: failed, in words", words(failed), bool(failed)),
        ("asked for again, all done", counted(rows[BACKUPS:]), are_done(rows[BACKUPS:])),
        *of_mails(trial, rows),
        *of_files(trial, project["id"], rows),
        of_bytes(trial, next(row for row in rows if row["status"] == "done")),
    ]


def _may_compile(trial: Trial, project: dict[str, Any], contract: str) -> bool:
    answer = trial.ask(f"/projects/{project['id']}/preflight", {"contracts": [contract]})
    return not json.loads(answer)["blocking"]


def _ask_for(trial: Trial, project: int, contracts: list[str], count: int) -> None:
    for _ in range(count):
        trial.ask(f"/projects/{project}/backups", {"contracts": contracts})
    trial.say(f"{count} backups asked for")


def _strike(
    trial: Trial, what: str, strike: Callable[[str], None], but: tuple[str, ...]
) -> tuple[str, int]:
    """Do it to a worker that compiles right now; which one, and the backup."""
    host, backup = trial.wait(
        "a worker that compiles",
        lambda: next((each for each in trial.compiling().items() if each[0] not in but), None),
        0.02,
    )
    strike(host)
    trial.say(f"{host} is {what} while it compiles backup {backup}")
    return host, backup


def _are_over_but(trial: Trial, backup: int) -> bool:
    rows = trial.backups()
    return all(row["status"] not in {"queued", "running"} for row in rows if row["id"] != backup)


if __name__ == "__main__":
    sys.exit(main())
