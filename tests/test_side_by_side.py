"""Work that a command shares among processes of its own."""

import os
import signal
import time
from functools import partial

import pytest

from services.side_by_side import Helpers
from tests.conftest import PATIENCE


def meet(folder, name):
    """End once two processes are at it."""
    (folder / str(os.getpid())).touch()
    deadline = time.monotonic() + PATIENCE / 1000
    while len(list(folder.iterdir())) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)


def note(folder, name):
    (folder / name).write_text(str(os.getpid()))


def die_of(folder, name):
    if name == "b":
        os.kill(os.getpid(), signal.SIGKILL)
    note(folder, name)


def refuse(name):
    raise ValueError(name)


def test_two_helpers_work_at_the_same_time(tmp_path):
    with Helpers(2) as helpers:
        helpers.each(partial(meet, tmp_path), ["a", "b"])
    assert len(list(tmp_path.iterdir())) == 2
    assert not (tmp_path / str(os.getpid())).exists()


def test_one_alone_works_without_another_process(tmp_path):
    with Helpers(1) as helpers:
        helpers.each(partial(note, tmp_path), ["a", "b"])
    assert {each.read_text() for each in tmp_path.iterdir()} == {str(os.getpid())}


def test_what_a_helper_was_killed_over_stays_undone(tmp_path):
    with Helpers(2) as helpers:
        helpers.each(partial(die_of, tmp_path), ["a", "b", "c"])
    assert not (tmp_path / "b").exists()


def test_what_the_work_raises_is_raised_here():
    with pytest.raises(ValueError, match="a"), Helpers(2) as helpers:
        helpers.each(refuse, ["a"])
