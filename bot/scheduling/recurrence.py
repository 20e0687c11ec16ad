"""The due times of a schedule.

Dateutil expands a rule from its start, one period after another, and would take the longer the older a schedule is. So
the start is moved by whole intervals to the period of interest first: the same days, weeks and months stay in step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, weekday

from bot.core.language import say
from bot.core.schedules import Recurrence, Schedule, due_times, instant_of, local_start
from bot.errors import BadInput
from bot.scheduling.rules import END_OF_DAY, Frequency, Rule

HORIZON: Final = timedelta(days=366 * 12)
"""How far ahead a next due time is looked for: 29 February may be eight years away."""

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_LAST: Final = datetime(9900, 1, 1)  # noqa: DTZ001
"""Nothing is due later: beyond, clocks and calendars run out of years."""
_YEARS_OF_CALENDAR: Final = 400
"""After which the Gregorian calendar, its weekdays included, repeats."""


def due_between(schedule: Schedule, after: datetime, until: datetime) -> tuple[datetime, ...]:
    """The instants in (after, until] at which a schedule is due: UTC, strictly increasing.

    Windows that meet make up the window that they cover: what is due between a and b and then between b and c is what
    is due between a and c. `due_times` says what clock changes and quiet days do.

    Raises:
        BadInput: the schedule's rule can't be read.
        ValueError: an instant has no zone.
    """
    return tuple(_due(schedule, after, until))


def next_due(schedule: Schedule, after: datetime, count: int) -> tuple[datetime, ...]:
    """The first `count` instants later than `after`, or than the end of the pause, at which a schedule is due.

    There are fewer when the rule ends, or when HORIZON has no more of them: a prompt for Saturdays is never due where
    Saturdays are quiet.

    Raises:
        BadInput: the schedule's rule can't be read.
        ValueError: the instant has no zone.
    """
    _check_instants(after)
    begins = instant_of(schedule.recurrence.anchor, schedule.clock)
    start = min(max(schedule.starts_after(after), begins), _LAST.replace(tzinfo=UTC))
    return tuple(islice(_due(schedule, after, start + HORIZON), count))


def _due(schedule: Schedule, after: datetime, until: datetime) -> Iterator[datetime]:
    _check_instants(after, until)
    if schedule.starts_after(after) >= min(until, _LAST.replace(tzinfo=UTC)):
        return iter(())
    return due_times(schedule, local_times(schedule.recurrence, local_start(schedule, after)), after, until)


def _check_instants(*instants: datetime) -> None:
    if any(instant.tzinfo is None for instant in instants):
        raise ValueError("an instant needs its zone")


def local_times(recurrence: Recurrence, start: datetime) -> Iterator[datetime]:
    """A recurrence's local times from a local time on, that included, and never before its anchor; it may be endless.

    Raises:
        BadInput: the rule can't be read.
    """
    rule = _parsed(recurrence.rule)
    if rule.count is not None or rule.until_utc:
        raise BadInput(
            "A schedule keeps its rule as `settled` makes it: without COUNT, and with UNTIL on its own clock."
        )
    start = max(start, recurrence.anchor)
    return (local for local in _expanded(rule, recurrence.anchor, start) if local >= start)


_parsed = lru_cache(maxsize=1024)(Rule.parse)


def settled(rule: Rule, anchor: datetime, zone: str) -> Recurrence:
    """A rule that was just read, as a schedule keeps it: COUNT becomes UNTIL, which is a local time or date.

    Raises:
        BadInput: the rule never comes due, is over before its anchor, or COUNT takes it too far ahead.
    """
    if not _comes_due(rule, anchor):
        raise BadInput(say("No day fits that rule in the twelve years ahead; leave out one of its conditions."))
    if rule.until is not None and rule.until_utc:
        until = rule.until.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
        rule = replace(rule, until=until, until_utc=False)
    if rule.count is not None:
        last_day = anchor + HORIZON
        counted = replace(rule, count=None, until=last_day)
        due = tuple(islice(_expanded(counted, anchor, anchor), rule.count))
        if len(due) < rule.count:
            raise BadInput(say("COUNT takes that rule more than twelve years ahead; use a smaller one."))
        rule = replace(rule, count=None, until=due[-1])
    if rule.until is not None:
        rule = replace(rule, until=_whole_day(rule, anchor, rule.until))
        if next(_expanded(rule, anchor, anchor), None) is None:
            raise BadInput(say("That rule is over before it begins; give it a later end."))
    return Recurrence(str(rule), anchor)


def _whole_day(rule: Rule, anchor: datetime, until: datetime) -> datetime:
    """The end of the last day that UNTIL leaves whole, where that says the same; people think of an end as a day."""
    if rule.frequency is Frequency.HOURLY:
        return until
    times = rule.times(anchor)
    if until.time() >= times[-1]:
        return datetime.combine(until, END_OF_DAY)
    if until.time() < times[0]:
        return datetime.combine(until - _DAY, END_OF_DAY)
    return until


def _comes_due(rule: Rule, anchor: datetime) -> bool:
    """Whether a rule comes due within HORIZON of its anchor, were it to go on.

    Dateutil looks for a day that never comes until the year 9999. The calendar repeats, so the question is asked of a
    copy of the anchor that is as late as it can be, where the search soon ends.
    """
    years = (_LAST.year - HORIZON.days // 365 - anchor.year) // _YEARS_OF_CALENDAR * _YEARS_OF_CALENDAR
    copy = anchor.replace(year=anchor.year + max(0, years))
    endless = replace(rule, until=None, until_utc=False, count=None)
    found = next(_expanded(endless, copy, copy), None)
    return found is not None and found <= copy + HORIZON


def first_local(rule: Rule, anchor: datetime, after: datetime) -> datetime | None:
    """The first local time of a rule without its end later than a local time; None when no day fits it.

    The step between periods is taken as one, as it is before a schedule has begun.
    """
    once = replace(rule, interval=1, until=None, until_utc=False, count=None)
    if not _comes_due(once, anchor):
        return None
    return next((local for local in _expanded(once, anchor, anchor) if local > after), None)


def _expanded(rule: Rule, anchor: datetime, start: datetime) -> Iterator[datetime]:
    """A rule's local times from the period of `start` on, and not before the anchor."""
    until = min(rule.until or _LAST, _LAST)
    if start > until:
        return
    months, month_days, days = rule.months, rule.month_days, rule.days
    weekdays = [weekday(day.weekday, day.n or None) for day in days]
    # Where a rule names no day, the anchor does. Dateutil would ask its own start, which is moved.
    if not month_days and not days:
        if rule.frequency is Frequency.YEARLY:
            months, month_days = months or (anchor.month,), (anchor.day,)
        elif rule.frequency is Frequency.MONTHLY:
            month_days = (anchor.day,)
        elif rule.frequency is Frequency.WEEKLY:
            weekdays = [weekday(anchor.weekday())]
    hourly = rule.frequency is Frequency.HOURLY
    try:
        moved = rrule(
            rule.frequency.value,
            dtstart=_period(rule, anchor, start),
            interval=rule.interval,
            wkst=rule.week_start,
            until=until,
            bysetpos=rule.positions or None,
            bymonth=months or None,
            bymonthday=month_days or None,
            byweekday=weekdays or None,
            byhour=rule.hours or (None if hourly else anchor.hour),
            byminute=rule.minutes or anchor.minute,
            bysecond=0,
        )
    except ValueError:  # hours that the interval never meets
        return
    for local in moved:
        if local >= anchor:
            yield local


def _period(rule: Rule, anchor: datetime, start: datetime) -> datetime:
    """The beginning of the last period, not after `start`, that is in step with the anchor's; or of the anchor's."""
    step = rule.interval
    day = datetime.combine(anchor, time())
    match rule.frequency:
        case Frequency.YEARLY:
            years = max(0, start.year - anchor.year) // step * step
            return day.replace(year=anchor.year + years, month=1, day=1)
        case Frequency.MONTHLY:
            first = anchor.year * 12 + anchor.month - 1
            months = max(0, start.year * 12 + start.month - 1 - first) // step * step
            year, month = divmod(first + months, 12)
            return day.replace(year=year, month=month + 1, day=1)
        case Frequency.WEEKLY:
            first_day, length = day - (day.weekday() - rule.week_start) % 7 * _DAY, 7 * step * _DAY
        case Frequency.DAILY:
            first_day, length = day, step * _DAY
        case Frequency.HOURLY:
            first_day, length = day + anchor.hour * _HOUR, step * _HOUR
    return first_day + max(0, (start - first_day) // length) * length
