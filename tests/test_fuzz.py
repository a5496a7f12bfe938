"""The short form of `bench.fuzz`: damaged files and requests break nothing."""

import pytest

from bench import fuzz


# A part of a form that breaks off leaves its temporary file to the collector of garbage.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("target", "tries"), [("intake", 40), ("project", 25), ("upload", 15), ("webhook", 60)]
)
def test_nothing_that_was_damaged_breaks_anything(app, tmp_path, target, tries):
    house = fuzz.furnish(app, tmp_path)

    broken = fuzz.run(house, target, fuzz.TARGETS[target][1](), 0, tries)

    assert broken is None, broken


def test_the_fuzzer_finds_what_it_looks_for(app, tmp_path, monkeypatch):
    def fragile(_house, data):
        assert b"\xed\xa0\x80" not in data

    monkeypatch.setattr(fuzz, "WORDS", [b"\xed\xa0\x80"])
    monkeypatch.setitem(fuzz.TARGETS, "webhook", (fragile, fuzz.calls))

    assert b"\xed\xa0\x80" in fuzz.run(None, "webhook", fuzz.calls(), 0, 100)
