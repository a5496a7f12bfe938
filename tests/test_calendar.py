"""Billing periods by rule, to the day."""

from datetime import date, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.calendar import DueRule, Monthly, Period, Weekly, begun, following, on_or_after

DAY = timedelta(days=1)
days_of_month = st.integers(1, 31)
weekdays = st.integers(0, 6)
rules = st.one_of(
    st.builds(Monthly, days_of_month, st.none() | days_of_month, st.booleans()),
    st.builds(Weekly, weekdays, st.none() | weekdays, st.booleans()),
)
dates = st.dates(date(1990, 1, 1), date(2199, 12, 31))


def ends(rule, first, count=4):
    return [period.end.isoformat() for period in islice(following(rule, first - DAY), count)]


def days(period):
    return period.start.isoformat(), period.end.isoformat(), period.due and period.due.isoformat()


@given(rules, dates)
def test_every_day_lies_in_the_one_period_that_contains_it(rule, day):
    period = rule.containing(day)
    assert period.start <= day <= period.end
    assert rule.containing(period.start) == rule.containing(period.end) == period


@given(rules, dates)
def test_periods_follow_each_other_without_gap_or_overlap(rule, day):
    periods = list(islice(following(rule, day), 30))
    for before, after in pairwise(periods):
        assert after.start == before.end + DAY
    assert rule.containing(periods[0].start - DAY).end == periods[0].start - DAY


@given(rules, dates, st.integers(0, 400), st.integers(-60, 400))
def test_what_is_taken_is_never_covered_again_and_nothing_after_it_is_missed(
    rule, day, waited, taken
):
    done_until = rule.containing(day).start - DAY
    today = day + DAY * waited
    taken_until = day + DAY * taken
    made = list(begun(rule, done_until, taken_until, today))
    covered = {
        period.start + DAY * n
        for period in made
        for n in range((period.end - period.start).days + 1)
    }
    assert not any(taken_day <= taken_until for taken_day in covered)
    first = max(done_until, taken_until) + DAY
    assert all(first + DAY * n in covered for n in range((today - first).days + 1))


@given(days_of_month, days_of_month, dates)
def test_a_monthly_due_date_lies_in_the_month_of_the_end_or_the_next(end_day, due_day, day):
    period = Monthly(end_day, due_day).containing(day)
    assert (period.due.year, period.due.month) == (period.end.year, period.end.month)
    later = Monthly(end_day, due_day, is_due_later=True).containing(day)
    months = (later.due.year - later.end.year) * 12 + later.due.month - later.end.month
    assert months == 1


@given(weekdays, weekdays, dates)
def test_a_weekly_due_date_lies_in_the_period_or_the_week_after(end, due, day):
    period = Weekly(end, due).containing(day)
    assert period.start <= period.due <= period.end
    assert period.due.weekday() == due
    assert Weekly(end, due, is_due_later=True).containing(day).due == period.due + DAY * 7


def test_the_whole_month_ends_on_its_last_day_in_leap_years_too():
    rule = Monthly(31, due_day=25)
    assert ends(rule, date(2027, 12, 1)) == ["2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31"]
    assert days(rule.containing(date(2026, 2, 14))) == ("2026-02-01", "2026-02-28", "2026-02-25")


def test_the_fifteenth_to_the_fourteenth_of_the_next_month():
    rule = Monthly(14, due_day=25)
    assert rule.start_day == 15
    assert days(rule.containing(date(2026, 9, 14))) == ("2026-08-15", "2026-09-14", "2026-09-25")
    assert days(rule.containing(date(2026, 9, 15))) == ("2026-09-15", "2026-10-14", "2026-10-25")
    assert days(rule.containing(date(2026, 12, 31))) == ("2026-12-15", "2027-01-14", "2027-01-25")


@pytest.mark.parametrize(
    ("end_day", "expected"),
    [
        (28, ["2027-01-28", "2027-02-28", "2027-03-28", "2027-04-28"]),
        (29, ["2027-01-29", "2027-02-28", "2027-03-29", "2027-04-29"]),
        (30, ["2027-01-30", "2027-02-28", "2027-03-30", "2027-04-30"]),
        (31, ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]),
    ],
)
def test_a_day_that_a_month_does_not_have_is_its_last(end_day, expected):
    assert ends(Monthly(end_day), date(2027, 1, 1)) == expected


def test_after_a_short_month_a_period_from_the_30th_begins_on_the_first():
    assert days(Monthly(29).containing(date(2027, 3, 10))) == ("2027-03-01", "2027-03-29", None)
    assert days(Monthly(29).containing(date(2028, 3, 10))) == ("2028-03-01", "2028-03-29", None)
    assert days(Monthly(29).containing(date(2027, 4, 10))) == ("2027-03-30", "2027-04-29", None)


def test_due_on_the_31st_is_the_last_day_of_a_shorter_month():
    assert Monthly(31, 31).containing(date(2026, 4, 3)).due == date(2026, 4, 30)
    assert Monthly(31, 31, is_due_later=True).containing(date(2028, 1, 3)).due == date(2028, 2, 29)
    assert Monthly(31, 5, is_due_later=True).containing(date(2026, 12, 3)).due == date(2027, 1, 5)


def test_sunday_to_saturday():
    rule = Weekly(end_weekday=5, due_weekday=4)
    assert days(rule.containing(date(2026, 11, 22))) == ("2026-11-22", "2026-11-28", "2026-11-27")
    assert days(rule.containing(date(2026, 11, 21))) == ("2026-11-15", "2026-11-21", "2026-11-20")
    later = Weekly(end_weekday=5, due_weekday=0, is_due_later=True)
    assert later.containing(date(2026, 11, 22)).due == date(2026, 11, 30)


def test_monday_is_a_weekday_like_any_other():
    assert days(Weekly(0).containing(date(2026, 11, 23))) == ("2026-11-17", "2026-11-23", None)
    assert days(Weekly(6, 0).containing(date(2026, 11, 22)))[2] == "2026-11-16"


def test_a_period_has_begun_on_its_first_day_and_not_before():
    rule = Monthly(31)
    november_ends = date(2026, 11, 30)
    assert list(begun(rule, november_ends, november_ends, date(2026, 11, 30))) == []
    december = list(begun(rule, november_ends, november_ends, date(2026, 12, 1)))
    assert december == [Period(date(2026, 12, 1), date(2026, 12, 31))]


def test_several_have_begun_when_nobody_looked_for_months():
    made = begun(Monthly(31), date(2026, 9, 30), date(2026, 9, 30), date(2026, 12, 2))
    assert [days(period)[0] for period in made] == ["2026-10-01", "2026-11-01", "2026-12-01"]


def test_a_period_made_by_hand_shortens_the_next_and_its_due_date_is_not_over():
    rule = Monthly(31, due_day=25)
    made = list(begun(rule, date(2026, 8, 31), date(2026, 9, 14), date(2026, 9, 20)))
    assert [days(period) for period in made] == [("2026-09-15", "2026-09-30", "2026-09-25")]
    made = list(begun(rule, date(2026, 8, 31), date(2026, 9, 26), date(2026, 9, 28)))
    assert [days(period) for period in made] == [("2026-09-27", "2026-09-30", "2026-09-30")]


def test_a_period_waits_while_one_made_by_hand_covers_its_first_days():
    assert not list(begun(Monthly(31), date(2026, 11, 30), date(2026, 12, 4), date(2026, 12, 4)))
    made = begun(Monthly(31), date(2026, 11, 30), date(2026, 12, 4), date(2026, 12, 5))
    assert [days(period)[:2] for period in made] == [("2026-12-05", "2026-12-31")]


@given(dates, days_of_month)
def test_the_next_such_day_is_within_a_month(first, day):
    found = on_or_after(first, day)
    assert first <= found <= first + DAY * 31
    assert found.day == day or (found + DAY).day == 1


@pytest.mark.parametrize("day", [-1, 0, 32])
def test_a_day_that_no_month_has_is_refused(day):
    with pytest.raises(ValueError, match="between 1 and 31"):
        Monthly(day)


@pytest.mark.parametrize("day", [-1, 7])
def test_a_weekday_that_no_week_has_is_refused(day):
    with pytest.raises(ValueError, match="between 0, Monday, and 6"):
        Weekly(5, due_weekday=day)


def test_the_milder_rule_lets_people_submit_after_the_due_date():
    due, after = date(2026, 11, 25), date(2026, 11, 26)
    assert DueRule.CREATE.allows_creating(due, due)
    assert not DueRule.CREATE.allows_creating(due, after)
    assert DueRule.CREATE.allows_submitting(due, after)
    assert DueRule.CREATE_AND_SUBMIT.allows_submitting(due, due)
    assert not DueRule.CREATE_AND_SUBMIT.allows_submitting(due, after)
    assert DueRule.CREATE_AND_SUBMIT.allows_submitting(None, after)
