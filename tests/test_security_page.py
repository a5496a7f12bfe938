"""docs/security.md says nothing that no test shows."""

import re

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()
TESTS = {
    name
    for path in (ROOT / "tests").glob("test_*.py")
    for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
}
ROWS = re.findall(r"^\| ([\d., ]+) \| (\S+) \| (.*?) \| ?(.*?) ?\|$", PAGE, re.MULTILINE)
#: How many items of levels 1 and 2 each section of the standard has, as (chapter, section).
ITEMS = {
    (1, 1): 2, (1, 2): 9, (1, 3): 11, (1, 4): 3, (1, 5): 2,
    (2, 1): 3, (2, 2): 3, (2, 3): 4, (2, 4): 1,
    (3, 2): 2, (3, 3): 4, (3, 4): 6, (3, 5): 5, (3, 7): 2,
    (4, 1): 3, (4, 2): 1, (4, 3): 2, (4, 4): 4,
    (5, 1): 1, (5, 2): 3, (5, 3): 2, (5, 4): 3,
    (6, 1): 3, (6, 2): 12, (6, 3): 4, (6, 4): 4, (6, 5): 5, (6, 6): 3, (6, 8): 4,
    (7, 1): 3, (7, 2): 4, (7, 3): 2, (7, 4): 5, (7, 5): 2, (7, 6): 2,
    (8, 1): 2, (8, 2): 3, (8, 3): 1, (8, 4): 1,
    (9, 1): 3, (9, 2): 4,
    (10, 1): 2, (10, 2): 2, (10, 3): 4, (10, 4): 11, (10, 5): 5, (10, 6): 2, (10, 7): 3,
    (11, 1): 2, (11, 2): 3, (11, 3): 3, (11, 4): 3, (11, 5): 1, (11, 6): 1,
    (12, 1): 3, (12, 2): 2, (12, 3): 4,
    (13, 1): 1, (13, 2): 5, (13, 3): 2, (13, 4): 5,
    (14, 1): 2, (14, 2): 4, (14, 3): 3,
    (15, 1): 3, (15, 2): 3, (15, 3): 7,
    (16, 1): 1, (16, 2): 5, (16, 3): 4, (16, 4): 3, (16, 5): 3,
}  # fmt: skip


def test_every_test_that_the_page_names_exists():
    named = set(re.findall(r"`(test_\w+)`", PAGE))

    assert named - TESTS == set()
    assert len(named) > 100


def test_the_list_has_every_item_once():
    listed = [item for items, *_ in ROWS for item in items.split(", ")]
    expected = [
        f"{chapter}.{section}.{number + 1}"
        for (chapter, section), count in ITEMS.items()
        for number in range(count)
    ]

    assert sorted(listed) == sorted(expected)


def test_every_row_says_how_it_stands():
    assert {state for _, state, *_ in ROWS} == {"yes", "part", "no", "n.a."}
    for items, state, how, tests in ROWS:
        assert how or tests, items
        assert how if state in {"part", "no", "n.a."} else True, items
