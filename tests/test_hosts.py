"""What must hold when web server, workers and database are on several hosts."""

import os
import socket
from datetime import UTC, datetime, timedelta

import pytest

from jobs.liveness import is_alive
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
    registered = datetime.now(UTC)
    nobody = 2**22 + 1
    assert is_alive(nobody, registered, "another-host")
    assert not is_alive(nobody, registered, socket.gethostname())
    assert is_alive(os.getppid(), registered, socket.gethostname())
