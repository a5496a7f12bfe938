"""A private PostgreSQL server for tests: its own folder, a unix socket, nothing kept.

`python -m tests.postgresql COMMAND…` runs a command with one, its address in
DRAWPACK_TEST_DATABASE (`make test-postgres`).
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from pwd import getpwnam

import psycopg
from psycopg import sql

#: What a test database has as its owner; it is nobody's password anywhere.
USER = "drawpack"
#: Where Debian and Fedora install the server, which they keep off PATH.
PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
#: Nothing here outlives the run, so nothing need reach the disk.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_connections": "200",
    "autovacuum": "off",
}


def programs():
    """The folder with `initdb` and `postgres`, the newest; None where there is no server."""
    found = [Path(path) for path in os.environ["PATH"].split(os.pathsep)]
    found += sorted(
        (folder for place in PLACES for folder in Path("/").glob(place[1:])),
        key=lambda folder: int("".join(filter(str.isdigit, folder.parent.name)) or 0),
        reverse=True,
    )
    return next((each for each in found if (each / "initdb").exists()), None)


def unprivileged():
    """The options of a process that may run the server, which refuses root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            account = getpwnam(name)
        except KeyError:
            continue
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    raise RuntimeError("there is no account that may run PostgreSQL")


@contextmanager
def server():
    """Start one; yields the address of its first database, as DRAWPACK_DATABASE_URL has it."""
    place = programs()
    who = unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="drawpack-pg-"))
    try:
        if who:
            os.chown(folder, who["user"], who["group"])
        options = {"cwd": folder, "stdout": subprocess.DEVNULL, **who}
        make = [place / "initdb", "--pgdata=data", f"--username={USER}", "--auth=trust"]
        more = ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
        subprocess.run([*make, *more], check=True, **options)
        settings = [part for pair in SETTINGS.items() for part in ("-c", "=".join(pair))]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [place / "postgres", "-D", "data", "-k", str(folder), *settings],
                stderr=log,
                **options,
            )
        try:
            url = f"postgresql://{USER}@/postgres?host={folder}"
            _wait_for(url, process, folder / "log")
            yield url
        finally:
            # At once: nothing of it is kept.
            process.send_signal(signal.SIGQUIT)
            process.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(url, process, log):
    end = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}") from None
            time.sleep(0.02)
        else:
            return


def other_database(url, name):
    """The address of another database of the same server."""
    place, _, options = url.partition("?")
    return f"{place.rpartition('/')[0]}/{name}?{options}"


def create(url, name, template="template0"):
    """Make a database; returns its address."""
    statement = "CREATE DATABASE {} TEMPLATE {}"
    with psycopg.connect(url, autocommit=True) as connection:
        # By files is half the work of page by page; before version 15 there is no other way.
        if connection.info.server_version >= 150_000:
            statement += " STRATEGY file_copy"
        connection.execute(_naming(statement, name, template))
    return other_database(url, name)


def drop(url, name):
    """Send everybody away who still uses it, and delete it."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_naming("DROP DATABASE IF EXISTS {} WITH (FORCE)", name))


def _naming(statement, *names):
    return sql.SQL(statement).format(*map(sql.Identifier, names))


def main():
    if programs() is None:
        sys.exit("There is no PostgreSQL server here (Debian, Ubuntu: apt-get install postgresql).")
    with server() as url:
        environment = {**os.environ, "DRAWPACK_TEST_DATABASE": url}
        sys.exit(subprocess.run(sys.argv[1:], env=environment, check=False).returncode)


if __name__ == "__main__":
    main()
