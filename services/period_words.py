"""How the rules of billing periods read to people."""

from calendar import day_name

from billing.calendar import Monthly, Rule, Weekly
from models import Frequency

#: A day of the month, 31 standing for the last; and a weekday, Monday being 0.
DAYS = range(1, 32)
WEEKDAYS = range(7)


def ordinal(day: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 22nd."""
    ending = "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def last_day(day: int) -> str:
    return "last day" if day == 31 else ordinal(day)


def in_words(rule: Rule | None) -> str:
    """Monthly from the 15th to the 14th, due on the 25th."""
    if rule is None:
        return "Periods are made by hand"
    if isinstance(rule, Monthly):
        due = f"the {last_day(rule.due_day)}" if rule.due_day else ""
        span = f"Monthly from the {ordinal(rule.start_day)} to the {last_day(rule.end_day)}"
        later = " of the month after"
    else:
        due = "" if rule.due_weekday is None else day_name[rule.due_weekday]
        span = f"Weekly from {day_name[(rule.end_weekday + 1) % 7]} to {day_name[rule.end_weekday]}"
        later = " of the week after"
    return f"{span}, due on {due}{later if rule.is_due_later else ''}" if due else span


def spans(frequency: Frequency) -> list[tuple[int, str]]:
    """What a period may span: the day of its end, and the words, in the order of the start."""
    if frequency == Frequency.WEEKLY:
        rules = [Weekly((start - 1) % 7) for start in (6, *range(6))]
        return [
            (
                rule.end_weekday,
                f"{day_name[(rule.end_weekday + 1) % 7]} to {day_name[rule.end_weekday]}",
            )
            for rule in rules
        ]
    whole = (31, "1st to the last day")
    return [whole] + [
        (end, f"{ordinal(end + 1)} to the {ordinal(end)} of the next month") for end in DAYS[:-1]
    ]


def due_days(frequency: Frequency) -> list[tuple[int, str]]:
    if frequency == Frequency.WEEKLY:
        return [(day, day_name[day]) for day in WEEKDAYS]
    return [(day, last_day(day)) for day in DAYS]
