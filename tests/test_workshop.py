"""A child works through many files; what goes wrong with one of them takes only its child away."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from binder import isolation
from binder.isolation import ChildFailed
from binder.limits import Limits
from binder.workshop import Workshop


def handle(request):
    """Runs in the child: whatever the test asks for."""
    what, amount = request["do"], request.get("amount", 0)
    if what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "raise":
        raise ValueError("a broken file")
    if what == "sleep":
        time.sleep(amount)
    if what == "eat":
        return {"eaten": len(bytearray(amount))}
    if what == "compute":
        end = time.process_time() + amount
        while time.process_time() < end:
            pass
    if what == "talk":
        return {"text": "x" * amount}
    return {"child": os.getpid(), "open": [p.name for p in Path("/proc/self/fd").iterdir()]}


@pytest.fixture
def workshop():
    made = Workshop(handle, Limits(wall_seconds=5, memory=200 << 20))
    yield made
    made.close()


def test_one_that_never_stops_talking_is_not_listened_to(monkeypatch):
    """What has taken a child over could fill the memory of whoever reads its answer."""
    monkeypatch.setattr(isolation, "LONGEST_ANSWER", 1 << 20)
    workshop = Workshop(handle, Limits())
    with pytest.raises(ChildFailed, match="output too large"):
        workshop.ask({"do": "talk", "amount": 3 << 20})
    assert len(workshop.ask({"do": "talk", "amount": 1 << 19})["text"]) == 1 << 19
    workshop.close()
    with pytest.raises(ChildFailed, match="output too large"):
        isolation.run_limited(lambda: {"text": "x" * (3 << 20)}, Limits())


@pytest.mark.parametrize(
    "said", [b"nonsense\n", b"[]\n", b"7\n", b"[" * 100_000 + b"\n", b"\xff\n"]
)
def test_an_answer_that_is_none_is_a_crash(said):
    """As of a child that something has taken over."""

    def answer_by_hand(_):
        for descriptor in range(3, 64):
            with suppress(OSError):
                os.write(descriptor, said)
        os._exit(0)

    with pytest.raises(ChildFailed, match="crashed"):
        Workshop(answer_by_hand, Limits()).ask({})
    with pytest.raises(ChildFailed, match="crashed"):
        isolation.run_limited(lambda: answer_by_hand(0), Limits())


def child(workshop):
    return workshop.ask({"do": "tell"})["child"]


def test_one_child_answers_many_requests(workshop):
    assert child(workshop) == child(workshop) != os.getpid()


@pytest.mark.parametrize("what", ["die", "raise"])
def test_a_crash_takes_only_its_own_child(workshop, what):
    before = child(workshop)
    with pytest.raises(ChildFailed) as failed:
        workshop.ask({"do": what})
    assert failed.value.why == "crashed"
    assert child(workshop) != before


def test_a_hang_ends_in_time():
    workshop = Workshop(handle, Limits(wall_seconds=0.3))
    started = time.monotonic()
    with pytest.raises(ChildFailed) as failed:
        workshop.ask({"do": "sleep", "amount": 60})
    assert failed.value.why == "too slow"
    assert time.monotonic() - started < 5
    workshop.close()


def test_each_file_has_its_own_processor_time():
    workshop = Workshop(handle, Limits(cpu_seconds=2, wall_seconds=30))
    for _ in range(3):
        workshop.ask({"do": "compute", "amount": 1})
    with pytest.raises(ChildFailed) as failed:
        workshop.ask({"do": "compute", "amount": 20})
    assert failed.value.why == "too slow"
    workshop.close()


def test_memory_is_limited(workshop):
    with pytest.raises(ChildFailed) as failed:
        workshop.ask({"do": "eat", "amount": 1 << 30})
    assert failed.value.why == "out of memory"
    assert workshop.ask({"do": "eat", "amount": 1000}) == {"eaten": 1000}


def test_long_answers_arrive_whole(workshop):
    assert len(workshop.ask({"do": "talk", "amount": 3_000_000})["text"]) == 3_000_000


def test_the_child_holds_nothing_of_its_parent(workshop):
    ours, theirs = os.pipe()
    # 0 to 2, its two pipes, the sink for complaints, and the folder that is being listed.
    assert len(workshop.ask({"do": "tell"})["open"]) <= 7
    os.close(theirs)
    # With another holder of its other end this would block.
    assert os.read(ours, 1) == b""
    os.close(ours)


def test_a_fork_of_the_parent_gets_a_child_of_its_own(workshop):
    ours = child(workshop)
    read_end, write_end = os.pipe()
    fork = os.fork()
    if fork == 0:
        os.write(write_end, b"%d" % child(workshop))
        workshop.close()
        os._exit(0)
    os.waitpid(fork, 0)
    assert int(os.read(read_end, 20)) != ours
    assert child(workshop) == ours
    os.close(read_end)
    os.close(write_end)


def test_a_child_that_went_away_is_replaced(workshop):
    before = child(workshop)
    os.kill(before, signal.SIGKILL)
    os.waitid(os.P_PID, before, os.WEXITED | os.WNOWAIT)
    assert child(workshop) != before
