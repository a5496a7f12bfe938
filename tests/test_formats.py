"""How dates, sizes and counts read."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services import formats


def test_a_day_has_no_leading_zero():
    assert formats.day(date(2026, 8, 1)) == "Aug 1, 2026"
    assert formats.day(None) == ""


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (date(2026, 8, 1), date(2026, 8, 31), "Aug 1 – 31, 2026"),
        (date(2026, 8, 15), date(2026, 9, 14), "Aug 15 – Sep 14, 2026"),
        (date(2026, 12, 15), date(2027, 1, 14), "Dec 15, 2026 – Jan 14, 2027"),
    ],
)
def test_a_period_says_no_more_than_it_must(start, end, text):
    assert formats.span(start, end) == text


def test_a_moment_is_told_in_the_time_of_the_project():
    noon = datetime(2026, 8, 31, 17, 5, tzinfo=UTC)

    assert formats.moment(noon, ZoneInfo("America/Chicago")) == "Aug 31, 2026, 12:05 PM"
    assert formats.moment(noon, ZoneInfo("Asia/Tokyo")) == "Sep 1, 2026, 2:05 AM"


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_400_000, "1.4 MB"), (4_000_000_000, "4.0 GB")],
)
def test_a_size_has_the_unit_that_fits(count, text):
    assert formats.size(count) == text


def test_one_is_singular_and_nothing_is_plural():
    assert formats.counted(1, "invoice") == "1 invoice"
    assert formats.counted(0, "invoice") == "0 invoices"
    assert formats.counted(1204, "company", "companies") == "1,204 companies"


def test_durations():
    assert formats.duration(timedelta(milliseconds=450)) == "under 1 s"
    assert formats.duration(timedelta(seconds=45)) == "45 s"
    assert formats.duration(timedelta(seconds=200)) == "3 min 20 s"
    assert formats.duration(timedelta(hours=1, minutes=5)) == "1 h 5 min"


def test_status_words():
    assert formats.words("under_review") == "Under Review"
    assert formats.words("revise_and_resubmit") == "Revise & Resubmit"
