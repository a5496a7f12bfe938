"""The whole product under its supervisor, with real processes that are really killed."""

import os
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Timer

import pytest
from redis import Redis
from rq import Retry

import settings
from app import create_app
from models import Backup, BackupStatus, Project, db, utcnow
from supervisor import redis_server
from tests.conftest import ROOT, free_port, wait_for
from tests.held import Held

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc")


class Product:
    """What `make run` starts, in a data folder of its own."""

    def __init__(self, data, **environment):
        self.data = data
        self.port = free_port()
        self.environment = {
            "DRAWPACK_DATA_DIR": str(data),
            "DRAWPACK_PORT": str(self.port),
            "DRAWPACK_LOAD_DEMO": "no",
            "DRAWPACK_WORKERS": "1",
            "PATH": os.environ["PATH"],
            **environment,
        }

    def start(self, command=(sys.executable, "-m", "supervisor")):
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.greeting = ""
        for line in self.process.stdout:
            self.greeting += line
            if "Ctrl-C" in line:
                return self
        self.stop()
        raise AssertionError(f"it did not start:\n{self.greeting}")

    def is_live(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz") as answer:
                return answer.read() == b"ok\n"
        except OSError:
            return False

    def family(self):
        """Command line by process id, of all that were started for this data folder."""
        mark = f"DRAWPACK_DATA_DIR={self.data}\0"
        found = {}
        for folder in Path("/proc").iterdir():
            try:
                environment = (folder / "environ").read_bytes().decode(errors="replace")
                command = (folder / "cmdline").read_bytes().decode(errors="replace")
                # Valkey writes its title over its environment.
                if mark in environment or f"{self.data}/redis.sock" in command:
                    found[int(folder.name)] = command.replace("\0", " ")
            except (OSError, ValueError):
                continue
        return found

    def members(self, word):
        return {pid for pid, command in self.family().items() if word in command}

    def redis(self):
        return Redis.from_url(settings.default_redis_url(self.data))

    def hold_a_job(self, name="held", redis=None):
        """Have a worker do what takes as long as the test wants."""
        held = Held(self.data, name, self.execute)
        with redis or self.redis() as connection:
            held.enqueue(connection, retry=Retry(max=2))
        held.wait_until_begun()
        return held

    def execute(self, statement):
        with closing(sqlite3.connect(self.data / "drawpack.db", timeout=10)) as connection:
            found = connection.execute(statement).fetchall()
            connection.commit()
            return found

    def is_done(self, held):
        [[facts]] = self.execute(f"SELECT facts FROM stored_file WHERE sha256 = '{held.digest}'")
        return facts is not None

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(30)
        self.process.stdout.close()
        return code


@pytest.fixture(autouse=True, scope="module")
def ctrl_c():
    """Tests that a shell runs in the background ignore it, and what they start would, too."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def product(tmp_path):
    product = Product(tmp_path / "data")
    yield product.start()
    product.stop()
    wait_for(lambda: not product.family(), what="the end of all processes")


@pytest.fixture(scope="module")
def lasting(tmp_path_factory):
    """One product for the tests that leave it as they found it."""
    product = Product(tmp_path_factory.mktemp("lasting") / "data")
    yield product.start()
    product.stop()


def start_refused(environment):
    """Standard error of a start that must fail."""
    answer = subprocess.run(
        [sys.executable, "-m", "supervisor"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert answer.returncode == 1
    assert answer.stdout == ""
    return answer.stderr


def test_one_command_serves_the_product_and_says_where(lasting):
    assert lasting.is_live()
    assert f"http://localhost:{lasting.port}\n" in lasting.greeting


def test_the_first_visitor_gets_a_key_that_is_in_no_log(lasting):
    key = (lasting.data / "setup-key").read_text()

    assert f"/setup?key={key}\n" in lasting.greeting
    assert all(key not in log.read_text() for log in (lasting.data / "logs").iterdir())


def test_a_second_start_on_the_same_data_is_refused(lasting):
    error = start_refused(lasting.environment | {"DRAWPACK_PORT": str(free_port())})

    assert error == (
        f"Drawpack is running already with the data in {lasting.data} "
        f"(process {lasting.process.pid}). "
        "Stop it first, or set DRAWPACK_DATA_DIR to another folder.\n"
    )
    assert lasting.is_live()


def test_a_port_in_use_is_named(lasting, tmp_path):
    error = start_refused(lasting.environment | {"DRAWPACK_DATA_DIR": str(tmp_path / "other")})

    assert error.startswith(f"Port {lasting.port} is in use by another program.")
    assert error.count("\n") == 1


def test_a_redis_that_does_not_answer_is_named_without_its_password(tmp_path):
    product = Product(tmp_path, DRAWPACK_REDIS_URL=f"redis://:secret@127.0.0.1:{free_port()}/0")

    error = start_refused(product.environment)

    assert error.startswith("DRAWPACK_REDIS_URL: no Redis server answers at redis://127.0.0.1:")
    assert "secret" not in error
    assert not product.family()


@pytest.mark.parametrize("word", ["worker.py", "gunicorn", "unixsocket:"])
def test_what_is_killed_is_started_again(lasting, word):
    leader = next(pid for pid in lasting.members(word) if os.getsid(pid) == pid)
    before = {pid for pid in lasting.members(word) if os.getsid(pid) == leader}
    others = lasting.members(word) - before
    os.kill(leader, signal.SIGKILL)

    wait_for(lambda: lasting.members(word) - before - others, what=f"another {word}")
    wait_for(lasting.is_live, what="the web server")
    wait_for(lambda: redis_server.answers(settings.default_redis_url(lasting.data)), what="Redis")
    held = lasting.hold_a_job(word)
    held.finish()
    wait_for(lambda: lasting.is_done(held), what="the job")
    assert not before & set(lasting.family())


def test_a_running_job_may_finish_before_the_end(product):
    held = product.hold_a_job()
    Timer(2, held.finish).start()

    assert product.stop() == 0

    assert product.is_done(held)
    assert not product.family()


def test_a_second_interrupt_does_not_wait_for_the_job(product):
    held = product.hold_a_job()
    product.process.send_signal(signal.SIGINT)
    assert "may finish first" in product.process.stdout.readline()

    assert product.stop(signal.SIGINT) == 0

    assert not product.family()
    assert not product.is_done(held)


def leave_a_backup_running(data):
    """A row as a killed compile leaves it; returns a function that asks for its status."""
    path = data / "drawpack.db"
    app = create_app({"DATA_DIR": data, "SQLALCHEMY_DATABASE_URI": f"sqlite:///{path}"})
    with app.app_context():
        db.session.add(
            Backup(
                project=Project(number="26-014", name="Dam"),
                number=1,
                request={},
                status=BackupStatus.RUNNING,
                heartbeat_at=utcnow() - timedelta(minutes=1),
            )
        )
        db.session.commit()
        db.session.remove()
        db.engine.dispose()

    def status():
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute("SELECT status FROM backup").fetchone()[0]

    return status


def test_killed_itself_it_leaves_nothing_and_takes_up_the_work_next_time(product):
    held = product.hold_a_job()

    product.stop(signal.SIGKILL)
    wait_for(lambda: not product.family(), seconds=5, what="the end of all processes")
    held.let_go()
    status = leave_a_backup_running(product.data)
    product.start()

    wait_for(lambda: status() == "failed", what="the sweep")

    held.wait_until_begun(seconds=60)
    product.stop(signal.SIGKILL)


def test_a_queue_that_lost_its_files_half_way_keeps_nobody_from_starting(tmp_path):
    files = tmp_path / "data" / "redis" / "appendonlydir"
    files.mkdir(parents=True)
    (files / "appendonly.aof.manifest").touch()
    product = Product(tmp_path / "data").start()

    assert "The files of the queue are damaged and were put aside" in product.greeting
    assert redis_server.answers(settings.default_redis_url(product.data))
    assert (product.data / "redis-damaged" / "appendonlydir").exists()
    assert product.stop() == 0


def test_it_ends_with_the_make_that_started_it(tmp_path):
    product = Product(tmp_path / "data", MAKELEVEL="1")
    product.start(["sh", "-c", '"$0" -m supervisor; true', sys.executable])

    product.stop(signal.SIGKILL)

    wait_for(lambda: not product.family(), what="the end of all processes")


def test_an_absent_redis_of_ones_own_is_waited_for(tmp_path):
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    command = [redis_server.find_server(), "--port", str(port), "--save", "", "--dir", tmp_path]
    redis = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    wait_for(lambda: redis_server.answers(url), what="Redis")
    product = Product(tmp_path / "data", DRAWPACK_REDIS_URL=url).start()
    redis.kill()
    redis.wait()
    first = product.members("worker.py")
    for pid in first:
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: product.members("worker.py") - first, what="another worker")
    assert product.is_live()

    redis = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    wait_for(lambda: redis_server.answers(url), what="Redis")
    product.hold_a_job(redis=Redis.from_url(url)).finish()

    assert product.stop() == 0
    redis.terminate()
    redis.wait()


def test_a_long_path_moves_the_socket_to_the_temporary_folder(tmp_path):
    data = tmp_path / ("long" * 30)
    product = Product(data).start()
    try:
        assert redis_server.answers(settings.default_redis_url(data))
        assert not list(data.glob("*.sock"))
    finally:
        product.stop()
