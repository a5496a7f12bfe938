"""A handful of the faults of bench/faults.py, each made for real."""

from pathlib import Path

import pytest

from bench.breaking import disks, moments, troubles
from bench.breaking.installation import VICTIMS
from bench.breaking.scene import furnished, make_template

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc"),
    # Whole installations start; a busy machine takes minutes for what takes seconds.
    pytest.mark.timeout(400),
]


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    return tmp_path_factory.mktemp("sets")


@pytest.fixture(scope="module")
def template(tmp_path_factory, sets):
    data = tmp_path_factory.mktemp("furnished") / "data"
    make_template(data, sets, is_small=True)
    return data


@pytest.fixture(scope="module")
def scene(tmp_path_factory, template, sets):
    """For the tests that leave it quiet."""
    data = tmp_path_factory.mktemp("scene") / "data"
    with furnished(data, sets, 7, template, is_small=True) as scene:
        yield scene


def test_whoever_is_killed_at_whatever_moment_nothing_is_lost_or_done_twice(scene):
    windows = {"compile": 1.5, "mail": 1.5, "intake": 0.8, "import": 1.0}
    found = moments.Killed()
    for action, victim in zip([*windows, "compile"], VICTIMS, strict=True):
        moments.one(scene, action, victim, scene.random.uniform(0.1, windows[action]), found)

    assert found.broken == []
    assert sum(found.moments.values()) >= 3
    assert scene.invariants.everything() == []


def test_a_held_database_and_a_forgetful_redis_lose_nothing(scene):
    assert troubles.locked(scene, seconds=2) == []
    assert troubles.redis_lost(scene, times=1) == []


@pytest.mark.skipif(not disks.can_mount(), reason="needs root, to mount a small disk")
def test_a_full_disk_is_said_and_harms_nothing(tmp_path, template, sets):
    with (
        disks.small_disk(tmp_path / "disk", 200) as place,
        furnished(place / "data", sets, 7, template, is_small=True) as scene,
    ):
        assert disks.full(scene) == []


@pytest.mark.skipif(not disks.can_mount(), reason="needs root, to mount a disk of its own")
def test_a_power_cut_harms_nothing(tmp_path, template, sets):
    with (
        disks.journaled_disk(tmp_path / "disk", 300) as place,
        furnished(place / "data", sets, 7, template, is_small=True) as scene,
    ):
        assert disks.power_cut(scene, 1) == []
