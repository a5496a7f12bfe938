"""What must hold when web server, workers and database are on several hosts."""

import os
import socket
from datetime import UTC, datetime, timedelta

import pytest
from rq import Worker

from jobs import liveness, queue, worker_is_there
from jobs.running import LastingWorker
from models import clock, utcnow

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_clock():
    yield
    clock.compare(NOON, NOON, NOON)


@pytest.mark.parametrize("seconds", [-3600, -5, 5, 3600])
def test_a_host_whose_clock_is_off_goes_by_that_of_the_database(seconds):
    off = timedelta(seconds=seconds)
    assert clock.compare(NOON + off, NOON, NOON) == off
    assert abs(utcnow() - datetime.now(UTC) - off) < timedelta(seconds=1)


def test_what_the_answer_took_on_its_way_is_not_taken_for_an_error():
    later = NOON + timedelta(seconds=8)
    assert clock.compare(NOON + timedelta(seconds=7), NOON, later) == timedelta()
    assert clock.compare(NOON + timedelta(milliseconds=300), NOON, NOON) == timedelta()


def test_a_worker_of_another_host_is_not_judged_by_our_processes():
    nobody, parent = 2**22 + 1, os.getppid()
    name = f"abc-{liveness.beginning(parent)}"
    assert liveness.is_alive(name, nobody, "another-host")
    assert not liveness.is_alive(name, nobody, socket.gethostname())
    assert liveness.is_alive(name, parent, socket.gethostname())


def test_who_has_the_number_of_a_worker_that_is_gone_is_not_taken_for_it():
    assert not liveness.is_alive("abc-1", os.getppid(), socket.gethostname())
    assert not liveness.is_alive(liveness.fresh_name(), os.getpid(), socket.gethostname())


def test_a_worker_that_redis_forgot_is_on_the_list_with_its_next_heartbeat(context):
    """It loses its data, or its clock jumps ahead, as after a sleep of the machine."""
    redis = context.extensions["redis"]
    worker = LastingWorker([queue("mail")], connection=redis, name=liveness.fresh_name())
    worker.register_birth()
    redis.flushdb()
    assert not worker_is_there()

    worker.heartbeat()
    assert worker_is_there()
    [listed] = Worker.all(connection=redis)
    assert (listed.name, listed.pid) == (worker.name, os.getpid())
    assert listed.queue_names() == ["mail"]
    assert redis.ttl(worker.key) > 0

    redis.flushdb()
    with redis.pipeline() as pipe:
        worker.heartbeat(90, pipeline=pipe)
        assert not worker_is_there()
        pipe.execute()
    assert worker_is_there()
