"""A schedule in plain words: when it posts, and the next times. `reading.read` reads what this says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Final

from bot.core.schedules import QuietDays, Recurrence, Schedule
from bot.scheduling.recurrence import next_due
from bot.scheduling.rules import END_OF_DAY, Day, Frequency, Rule

WEEKDAY_NAMES: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTH_NAMES: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_ORDINALS: Final = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}
_UNITS: Final = {
    Frequency.YEARLY: "year",
    Frequency.MONTHLY: "month",
    Frequency.WEEKLY: "week",
    Frequency.DAILY: "day",
    Frequency.HOURLY: "hour",
}
_WORKING_WEEK: Final = tuple(Day(weekday) for weekday in range(5))


def in_words(schedule: Schedule) -> str:
    """When a schedule posts, in plain words with its time zone: "every other Monday at 10:00, Europe/Berlin"."""
    return f"{recurrence_in_words(schedule.recurrence)}, {schedule.zone}"


def next_in_words(schedule: Schedule, after: datetime, count: int = 3) -> tuple[str, ...]:
    """The next times on the schedule's own clock: "Monday 5 January 2026 at 10:00"; fewer when it ends before.

    They are those at which it posts: moved off quiet days, after a pause, and behind the gap of a clock change.
    """
    return tuple(
        f"{WEEKDAY_NAMES[at.weekday()]} {_date(at)} at {_clock(at.time())}"
        for at in (due.astimezone(schedule.clock) for due in next_due(schedule, after, count))
    )


def quiet_in_words(quiet: QuietDays) -> str:
    """Quiet days, as `days.read_quiet_days` reads them: "Sunday and 24 December 2026 to 2 January 2027"; "none"."""
    spans: list[list[date]] = []
    for day in sorted(quiet.dates):
        if spans and day == spans[-1][-1] + timedelta(days=1):
            spans[-1].append(day)
        else:
            spans.append([day])
    named = [WEEKDAY_NAMES[weekday] for weekday in sorted(quiet.weekdays)]
    named += [_date(span[0]) if len(span) == 1 else f"{_date(span[0])} to {_date(span[-1])}" for span in spans]
    return _joined(named) if named else "none"


def recurrence_in_words(recurrence: Recurrence) -> str:
    """When a recurrence comes due, without its zone. A rule that plain words would make long is said as it is."""
    rule, anchor = Rule.parse(recurrence.rule), recurrence.anchor
    days = _days(rule, anchor)
    if days is None:
        times = "" if rule.hours else f" at {_clock(anchor.time())}"
        return f"RRULE:{rule}{times}"
    times = _joined([_clock(each) for each in rule.times(anchor)])
    end = f", until {_date(rule.until)}" if rule.until is not None else ""
    return f"{days} at {times}{end}"


def _days(rule: Rule, anchor: datetime) -> str | None:
    """On which days, from "every" on; None where plain words have nothing for it."""
    if rule.positions or rule.week_start or (rule.until is not None and rule.until.time() != END_OF_DAY):
        return None
    if rule.frequency is Frequency.DAILY and rule.days and rule.interval == 1:
        rule = replace(rule, frequency=Frequency.WEEKLY)  # the same days, as calendars like to put them
    every = _every(rule)
    match rule:
        case Rule(frequency=Frequency.DAILY, days=(), month_days=(), months=()):
            return every
        case Rule(frequency=Frequency.WEEKLY, month_days=(), months=()):
            return _of_week(rule, every, rule.days or (Day(anchor.weekday()),))
        case Rule(frequency=Frequency.MONTHLY, month_days=(), months=()) if rule.days:
            named = _numbered_weekdays(rule.days)
            return f"{every} on the {named}" if named else None
        case Rule(frequency=Frequency.MONTHLY, days=(), months=()):
            return _of_month(every, rule.month_days or (anchor.day,))
        case Rule(frequency=Frequency.YEARLY, days=()):
            return _of_year(rule, every, anchor)
        case _:
            return None


def _every(rule: Rule) -> str:
    unit = _UNITS[rule.frequency]
    match rule.interval:
        case 1:
            return f"every {unit}"
        case 2:
            return f"every other {unit}"
        case n:
            return f"every {n} {unit}s"


def _of_week(rule: Rule, every: str, days: tuple[Day, ...]) -> str:
    names = _joined([WEEKDAY_NAMES[day.weekday] for day in days])
    if rule.interval > 1:
        return f"every other {names}" if rule.interval == 2 and len(days) == 1 else f"{every} on {names}"
    if len(days) == 7:
        return "every day"
    return "every weekday" if days == _WORKING_WEEK else f"every {names}"


def _of_month(every: str, days: tuple[int, ...]) -> str | None:
    if any(day < -1 for day in days):
        return None
    named = [_nth(day) for day in days if day > 0] + (["last day"] if -1 in days else [])
    return f"{every} on the {_joined(named)}{_where_there_is_one(max(days) > 28)}"


def _numbered_weekdays(days: tuple[Day, ...]) -> str | None:
    """As in "first and third Monday"; None where a number has no word."""
    if any(day.n not in _ORDINALS for day in days):
        return None
    groups = []
    for weekday, group in groupby(days, key=lambda day: day.weekday):
        numbers = sorted((day.n for day in group), key=lambda n: (n < 0, n))
        groups.append(f"{_joined([_ORDINALS[n] for n in numbers])} {WEEKDAY_NAMES[weekday]}")
    return f"{_joined(groups)}{_where_there_is_one(any(day.n == 5 for day in days))}"


def _of_year(rule: Rule, every: str, anchor: datetime) -> str | None:
    months = rule.months or ((anchor.month,) if not rule.month_days else ())
    days = rule.month_days or (anchor.day,)
    if len(months) != 1 or len(days) != 1 or days[0] < 1:
        return None
    leap = (months[0], days[0]) == (2, 29)
    return f"{every} on {days[0]} {MONTH_NAMES[months[0] - 1]}{_where_there_is_one(leap)}"


def _where_there_is_one(needed: bool) -> str:
    """What is said of a day that some months or years don't have, and a schedule then leaves out."""
    return ", where there is one," if needed else ""


def _nth(day: int) -> str:
    suffix = "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"


def _date(at: date) -> str:
    return f"{at.day} {MONTH_NAMES[at.month - 1]} {at.year}"


def _clock(at: time) -> str:
    return f"{at.hour}:{at.minute:02}"


def _joined(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
