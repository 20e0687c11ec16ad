"""A schedule in plain words: when it posts, and the next times. `reading.read` reads what this says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Final

from bot.core.language import mark, plural, say, say_as, spoken
from bot.core.schedules import QuietDays, Recurrence, Schedule
from bot.scheduling.recurrence import next_due
from bot.scheduling.rules import END_OF_DAY, Day, Frequency, Rule

_ORDINALS: Final = {
    1: mark("first"),
    2: mark("second"),
    3: mark("third"),
    4: mark("fourth"),
    5: mark("fifth"),
    -1: mark("last"),
}
_EVERY: Final = {
    Frequency.YEARLY: mark("every year"),
    Frequency.MONTHLY: mark("every month"),
    Frequency.DAILY: mark("every day"),
}
_EVERY_OTHER: Final = {
    Frequency.YEARLY: mark("every other year"),
    Frequency.MONTHLY: mark("every other month"),
    Frequency.WEEKLY: mark("every other week"),
    Frequency.DAILY: mark("every other day"),
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
        say(
            "{weekday} {day} at {time}",
            weekday=spoken().weekday(at.weekday()),
            day=spoken().day(at),
            time=_clock(at.time()),
        )
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
    named = [spoken().weekday(weekday) for weekday in sorted(quiet.weekdays)]
    named += [
        spoken().day(span[0])
        if len(span) == 1
        else say("{first} to {last}", first=spoken().day(span[0]), last=spoken().day(span[-1]))
        for span in spans
    ]
    return spoken().listed(named) if named else say_as("quiet days", "none")


def recurrence_in_words(recurrence: Recurrence) -> str:
    """When a recurrence comes due, without its zone. A rule that plain words would make long is said as it is."""
    rule, anchor = Rule.parse(recurrence.rule), recurrence.anchor
    days = _days(rule, anchor)
    if days is None:
        said = f"RRULE:{rule}"
        return said if rule.hours else say("{days} at {times}", days=said, times=_clock(anchor.time()))
    said = say("{days} at {times}", days=days, times=spoken().listed([_clock(each) for each in rule.times(anchor)]))
    return said if rule.until is None else say("{times}, until {day}", times=said, day=spoken().day(rule.until))


def _days(rule: Rule, anchor: datetime) -> str | None:
    """On which days, from "every" on; None where plain words have nothing for it."""
    if rule.positions or rule.week_start or (rule.until is not None and rule.until.time() != END_OF_DAY):
        return None
    if rule.frequency is Frequency.DAILY and rule.days and rule.interval == 1:
        rule = replace(rule, frequency=Frequency.WEEKLY)  # the same days, as calendars like to put them
    match rule:
        case Rule(frequency=Frequency.DAILY, days=(), month_days=(), months=()):
            return _every(rule)
        case Rule(frequency=Frequency.WEEKLY, month_days=(), months=()):
            return _of_week(rule, rule.days or (Day(anchor.weekday()),))
        case Rule(frequency=Frequency.MONTHLY, month_days=(), months=()) if rule.days:
            named = _numbered_weekdays(rule.days)
            if named is None:
                return None
            said = say("{every} on the {days}", every=_every(rule), days=named)
            return _where_there_is_one(said, needed=any(day.n == 5 for day in rule.days))
        case Rule(frequency=Frequency.MONTHLY, days=(), months=()):
            return _of_month(_every(rule), rule.month_days or (anchor.day,))
        case Rule(frequency=Frequency.YEARLY, days=()):
            return _of_year(rule, anchor)
        case _:
            return None


def _every(rule: Rule) -> str:
    """How often, by the rule's own unit: "every other week", "every 3 months". Not of each week: `_of_week`."""
    n = rule.interval
    if n <= 2:
        return say((_EVERY if n == 1 else _EVERY_OTHER)[rule.frequency])
    match rule.frequency:
        case Frequency.YEARLY:
            return plural("every {number} year", "every {number} years", n)
        case Frequency.MONTHLY:
            return plural("every {number} month", "every {number} months", n)
        case Frequency.WEEKLY:
            return plural("every {number} week", "every {number} weeks", n)
        case _:
            return plural("every {number} day", "every {number} days", n)


def _of_week(rule: Rule, days: tuple[Day, ...]) -> str:
    names = spoken().listed([spoken().weekday(day.weekday) for day in days])
    if rule.interval == 2 and len(days) == 1:
        return say("every other {weekday}", weekday=names)
    if rule.interval > 1:
        return say("{every} on {weekdays}", every=_every(rule), weekdays=names)
    if len(days) == 7:
        return say("every day")
    return say("every weekday") if days == _WORKING_WEEK else say("every {weekdays}", weekdays=names)


def _of_month(every: str, days: tuple[int, ...]) -> str | None:
    if any(day < -1 for day in days):
        return None
    named = [_nth(day) for day in days if day > 0] + ([say("last day")] if -1 in days else [])
    said = say("{every} on the {days}", every=every, days=spoken().listed(named))
    return _where_there_is_one(said, needed=max(days) > 28)


def _numbered_weekdays(days: tuple[Day, ...]) -> str | None:
    """As in "first and third Monday"; None where a number has no word."""
    if any(day.n not in _ORDINALS for day in days):
        return None
    groups = []
    for weekday, group in groupby(days, key=lambda day: day.weekday):
        numbers = sorted((day.n for day in group), key=lambda n: (n < 0, n))
        numbered = spoken().listed([say(_ORDINALS[n]) for n in numbers])
        groups.append(say("{ordinals} {weekday}", ordinals=numbered, weekday=spoken().weekday(weekday)))
    return spoken().listed(groups)


def _of_year(rule: Rule, anchor: datetime) -> str | None:
    months = rule.months or ((anchor.month,) if not rule.month_days else ())
    days = rule.month_days or (anchor.day,)
    if len(months) != 1 or len(days) != 1 or days[0] < 1:
        return None
    said = say("{every} on {day} {month}", every=_every(rule), day=days[0], month=spoken().month(months[0]))
    return _where_there_is_one(said, needed=(months[0], days[0]) == (2, 29))


def _where_there_is_one(said: str, *, needed: bool) -> str:
    """With what is said of a day that some months or years don't have, and a schedule then leaves out."""
    return say("{days}, where there is one,", days=said) if needed else said


def _nth(day: int) -> str:
    """As in "2nd"."""
    if day == 1:
        return say_as("day of a month", "1st")
    match 0 if day in (11, 12, 13) else day % 10:
        case 1:
            return say_as("day of a month", "{day}st", day=day)
        case 2:
            return say_as("day of a month", "{day}nd", day=day)
        case 3:
            return say_as("day of a month", "{day}rd", day=day)
        case _:
            return say_as("day of a month", "{day}th", day=day)


def _clock(at: time) -> str:
    return f"{at.hour}:{at.minute:02}"
