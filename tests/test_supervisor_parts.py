"""The parts of the supervisor by themselves."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from supervisor import checks, redis_server
from supervisor.checks import CannotStart
from supervisor.house import MOST_CRASHES, Resident
from supervisor.keeper import kill_session
from supervisor.processes import Keeper, Program, Running
from tests.conftest import free_port, wait_for


@pytest.mark.parametrize("place", ["file/data", "/proc/drawpack"])
def test_a_folder_that_cannot_be_written_is_named(tmp_path, place):
    (tmp_path / "file").touch()

    with pytest.raises(CannotStart, match=r"cannot write to its data folder .*/(data|drawpack) "):
        checks.claimed(tmp_path / place).__enter__()


def test_a_full_disk_is_named(tmp_path):
    with pytest.raises(CannotStart, match=r"^The disk is full: .* needs at least \d+ MB"):
        checks.check_space(tmp_path, needed=2**62)


def test_a_port_that_does_not_exist_is_named():
    with pytest.raises(CannotStart, match="between 1 and 65535, not 70000"):
        checks.check_port("127.0.0.1", 70000)


def test_an_address_of_another_machine_is_named():
    with pytest.raises(CannotStart, match=r"“192\.0\.2\.1” is not an address of this machine"):
        checks.check_port("192.0.2.1", free_port())


def test_a_port_that_was_just_left_is_free():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            server.accept()[0].close()

    checks.check_port("127.0.0.1", port)


def test_an_old_redis_on_the_path_is_passed_over(tmp_path, monkeypatch):
    old = tmp_path / "redis-server"
    old.write_text("#!/bin/sh\necho Redis server v=5.0.14 sha=0\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(sys, "path", [])

    with pytest.raises(redis_server.NoRedisServer, match="sudo apt install redis-server"):
        redis_server.find_server()


def test_a_recent_redis_on_the_path_is_taken(tmp_path, monkeypatch):
    recent = tmp_path / "valkey-server"
    recent.write_text("#!/bin/sh\necho Valkey server v=8.1.4 sha=0\n")
    recent.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    assert redis_server.find_server() == str(recent)


@pytest.fixture
def keeper(tmp_path):
    lock = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    with Keeper(lock) as keeper:
        yield keeper
    os.close(lock)


def test_what_keeps_crashing_is_given_up_with_its_last_words(tmp_path, keeper):
    program = Program("The clock", ["sh", "-c", "echo out of ink; exit 3"], tmp_path / "clock.log")
    clock = Resident(program, keeper)
    starts = []

    def run_for_ever():
        for now in range(1000):
            if clock.running and clock.running not in starts:
                starts.append(clock.running)
                wait_for(lambda: clock.running.exit_code() is not None)
            clock.look_after(now)

    with pytest.raises(CannotStart) as failure:
        run_for_ever()

    assert len(starts) == MOST_CRASHES
    assert str(failure.value).startswith("The clock stopped 5 times within a minute")
    assert "It last said: “out of ink”" in str(failure.value)


def test_grandchildren_end_with_their_program(tmp_path, keeper):
    script = f"sleep 50 & echo $! > {tmp_path}/pid; exec sleep 51"
    running = Running(Program("The clock", ["sh", "-c", script], tmp_path / "clock.log"), keeper)
    pid = int(wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text()))
    assert os.getsid(pid) != os.getsid(0)

    assert running.stop(is_hurried=lambda: False)

    wait_for(lambda: not is_alive(pid), seconds=5, what="the end of the grandchild")


def test_killing_a_session_that_is_gone_does_nothing():
    child = subprocess.Popen(["true"], start_new_session=True)
    child.wait()

    kill_session(child.pid)


def is_alive(pid):
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_a_log_that_has_grown_large_is_put_aside(tmp_path, keeper):
    log = tmp_path / "clock.log"
    log.write_bytes(b"tick\n" * 4_500_000)

    Running(Program("The clock", ["true"], log), keeper).stop(is_hurried=lambda: False)

    assert log.stat().st_size == 0
    assert (tmp_path / "clock.log.1").stat().st_size == 22_500_000


def test_a_log_that_grows_large_while_it_is_written_is_put_aside(tmp_path, keeper):
    log = tmp_path / "clock.log"
    code = (
        "import sys, time; print('x' * 22_000_000, flush=True); time.sleep(0.5);"
        "sys.stdin.read(); print('after', flush=True); time.sleep(60)"
    )
    running = Running(Program("The clock", [sys.executable, "-c", code], log), keeper)
    wait_for(lambda: log.stat().st_size > 22_000_000, what="the long line")
    running.keep_log_short()
    wait_for(lambda: log.read_text() == "after\n", what="the line after it")
    running.stop(is_hurried=lambda: False)

    assert (tmp_path / "clock.log.1").stat().st_size > 22_000_000
