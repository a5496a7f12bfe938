"""What the product leans on is locked, forgetful, away or slow."""

import sqlite3
import threading
import time
from contextlib import closing

import httpx

from bench.breaking.browser import RECIPIENTS
from bench.breaking.installation import wait_for
from bench.breaking.scene import Scene


def locked(scene: Scene, seconds: float = 30) -> list[str]:
    """Somebody else holds SQLite's write lock while a compile runs and people click."""
    told, waited = [], []
    scene.forget_prepared()
    backup = scene.compile(4)
    running = "SELECT status = 'running' FROM backup WHERE id = ?"
    wait_for(lambda: scene.records.one(running, backup), "the compile")
    with closing(sqlite3.connect(scene.records.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        end = time.monotonic() + seconds
        write = threading.Thread(target=lambda: waited.append(_write(scene)))
        write.start()
        while time.monotonic() < end:
            if scene.browser.get(f"/projects/{scene.project}/backups").status_code >= 500:
                told.append("a page cannot be read meanwhile")
                break
            time.sleep(0.5)
        write.join()
        other.execute("ROLLBACK")
    if waited != [httpx.codes.SERVICE_UNAVAILABLE]:
        told.append(f"who wants to write is answered with {waited}")
    told += scene.settle()
    row = scene.records.all("SELECT status, error FROM backup WHERE id = ?", backup)[0]
    if row["status"] != "done":
        told.append(f"the compile that ran is {row['status']}: {row['error']}")
    return told


def _write(scene: Scene) -> int:
    from bench.breaking.browser import Browser  # noqa: PLC0415 - another session

    browser = Browser(scene.house.url)
    with browser.http:
        browser.http.cookies.update(scene.browser.http.cookies)
        browser.look("/projects")
        return browser.post(
            f"/projects/{scene.project}/delivery/recipients", email="late@example.org", name=""
        ).status_code


def redis_lost(scene: Scene, times: int = 3) -> list[str]:
    """Redis forgets everything while all kinds of work wait and run."""
    told = []
    for _ in range(times):
        scene.forget_prepared()
        backups = [scene.compile(3), scene.compile(1, send_on="1")]
        scene.attach(4)
        time.sleep(scene.random.uniform(0, 3))
        with scene.house.redis() as redis:
            redis.flushall()
        told += scene.settle()
        for backup in filter(None, backups):
            status = scene.records.one("SELECT status FROM backup WHERE id = ?", backup)
            if status != "done":
                told.append(f"backup {backup} is {status}")
    return told + scene.unlisted()


def redis_files_lost(scene: Scene) -> list[str]:
    """Redis is killed and its files are gone when it starts again."""
    import shutil  # noqa: PLC0415

    scene.forget_prepared()
    backup = scene.compile(3)
    scene.house.kill("redis", scene.random)
    shutil.rmtree(scene.data / "redis", ignore_errors=True)
    (scene.data / "redis").mkdir(exist_ok=True)
    told = scene.settle()
    status = scene.records.one("SELECT status FROM backup WHERE id = ?", backup)
    return told if status == "done" else [*told, f"the backup is {status}"]


def mail_down(scene: Scene) -> list[str]:
    """The mail server is away; then it is back."""
    scene.mailbox.close()
    backup = _compiled(scene)
    state = _mails(scene, backup)
    told = [] if set(state) == {"queued"} else [f"while it is away the mails are {state}"]
    if not all("could not be reached" in error for error in _errors(scene, backup)):
        told.append("the page does not say that the server could not be reached")
    scene.mailbox.open()
    return told + scene.settle() + _all_have_it(scene, backup)


def mail_slow(scene: Scene) -> list[str]:
    """The mail server takes each mail and answers after ten seconds; we wait five for anything
    else."""
    scene.mailbox.pause = 10
    backup = _compiled(scene, is_awaited=False)
    told = scene.settle()
    scene.mailbox.pause = 0
    return told + _all_have_it(scene, backup)


def mail_refusing(scene: Scene) -> list[str]:
    """“Later” (4xx) is tried again, “never” (5xx) is not."""
    scene.mailbox.refusal = "451 4.3.0 Try again later"
    backup = _compiled(scene)
    told = [] if set(_mails(scene, backup)) == {"queued"} else ["a 4xx is not tried again"]
    scene.mailbox.refusal = ""
    told += scene.settle() + _all_have_it(scene, backup)
    scene.mailbox.refusal = "550 5.1.1 No such user"
    backup = _compiled(scene)
    state, tries = set(_mails(scene, backup)), _tries(scene, backup)
    if state != {"failed"} or set(tries) != {1}:
        told.append(f"after a 5xx the mails are {state}, tried {tries}")
    scene.mailbox.refusal = ""
    return told + scene.settle()


def _compiled(scene: Scene, *, is_awaited: bool = True) -> int:
    """A backup for all recipients, whose mails were tried once."""
    backup = scene.compile(1, send_on="1")
    assert backup is not None
    if is_awaited:
        tried = "SELECT count(*) FROM mail_delivery WHERE backup_id = ? AND tries > 0" + (
            " AND state <> 'sending'"
        )
        count = len(RECIPIENTS) + 1
        wait_for(lambda: scene.records.one(tried, backup) == count, "the first tries")
    return backup


def _column(scene: Scene, backup: int, name: str) -> list[object]:
    rows = scene.records.all(f"SELECT {name} AS it FROM mail_delivery WHERE backup_id = ?", backup)
    return [row["it"] for row in rows]


def _mails(scene: Scene, backup: int) -> list[str]:
    return [str(each) for each in _column(scene, backup, "state")]


def _errors(scene: Scene, backup: int) -> list[str]:
    return [str(each) for each in _column(scene, backup, "error")]


def _tries(scene: Scene, backup: int) -> list[object]:
    return _column(scene, backup, "tries")


def _all_have_it(scene: Scene, backup: int) -> list[str]:
    missing = [
        address
        for address in (*RECIPIENTS, "alice@example.org")
        if scene.mailbox.got[address, str(backup)] != 1
    ]
    return [f"of backup {backup} these have not exactly one mail: {missing}"] if missing else []
