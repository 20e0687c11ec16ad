"""Recurrence rules of RFC 5545 (section 3.3.10), as much of them as a group's schedule needs.

`Rule.parse` refuses what can't be meant for posts (every minute, more than 24 a day) and what is easy to get wrong, so
that whatever is stored is cheap to expand.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from enum import IntEnum
from itertools import product
from typing import Final

from bot.core.language import mark, say
from bot.errors import BadInput

MAX_A_DAY: Final = 24
MAX_INTERVAL: Final = 1_000
"""Of any frequency: a rule that takes longer is a slip of the hand."""
MAX_COUNT: Final = 1_000

WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_LONGEST: Final = 500
"""Characters of a rule: more than all of its parts need."""


class Frequency(IntEnum):
    """Dateutil's numbers."""

    YEARLY = 0
    MONTHLY = 1
    WEEKLY = 2
    DAILY = 3
    HOURLY = 4


@dataclass(frozen=True, slots=True, order=True)
class Day:
    """A weekday (Monday is 0), or its nth in a month or year; a negative n counts from the end, 0 is every one."""

    weekday: int
    n: int = 0

    def __str__(self) -> str:
        return f"{self.n or ''}{WEEKDAYS[self.weekday]}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's parts; those left out are empty. All are sorted and each value is there once.

    Args:
        week_start: the weekday on which a week begins (Monday is 0); it matters to every other week and the like.
        until: the last local time that is included; at 23:59:59 when a date was given.
        count: how many times it comes due. Only a rule that was just read has one: see `recurrence.settled`.
    """

    frequency: Frequency
    interval: int = 1
    days: tuple[Day, ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0
    until: datetime | None = None
    until_utc: bool = False
    """`until` is in UTC still."""
    count: int | None = None

    @classmethod
    def parse(cls, text: str) -> Rule:
        """Read a rule, with `RRULE:` before it or without.

        Raises:
            BadInput: it isn't one, or not one for posts.
        """
        given = _parts(text)
        if given.get("BYSECOND", "0").strip("0"):
            raise BadInput(say("A schedule is on whole minutes; leave BYSECOND out."))
        given.pop("BYSECOND", None)
        frequency = _frequency(given.pop("FREQ", ""))
        unknown = next((name for name in given if name not in _READ), None)
        if unknown is not None:
            raise BadInput(
                say(
                    "Crux doesn't read {part} in a rule; {known} are what it knows besides FREQ.",
                    part=unknown[:20],
                    known=", ".join(_READ),
                )
            )
        until, until_utc = _until(given["UNTIL"]) if "UNTIL" in given else (None, False)
        rule = cls(
            frequency,
            interval=_number("INTERVAL", given.get("INTERVAL", "1"), 1, MAX_INTERVAL),
            days=tuple(sorted({_day(day) for day in _list(given, "BYDAY")})),
            month_days=_numbers(given, "BYMONTHDAY", -31, 31),
            months=_numbers(given, "BYMONTH", 1, 12),
            hours=_numbers(given, "BYHOUR", 0, 23),
            minutes=_numbers(given, "BYMINUTE", 0, 59),
            positions=_numbers(given, "BYSETPOS", -366, 366),
            week_start=_weekday("WKST", given.get("WKST", "MO")),
            until=until,
            until_utc=until_utc,
            count=_number("COUNT", given["COUNT"], 1, MAX_COUNT) if "COUNT" in given else None,
        )
        for wrong, message in _REFUSED:
            if wrong(rule):
                raise BadInput(say(message, most=MAX_A_DAY))
        return rule

    def __str__(self) -> str:
        """The rule's text in one normal form, without `RRULE:`."""
        parts = [f"FREQ={self.frequency.name}"]
        if self.interval != 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.week_start and self.frequency is Frequency.WEEKLY and self.interval > 1:
            parts.append(f"WKST={WEEKDAYS[self.week_start]}")
        if self.until is not None:
            whole_day = self.until.time() == END_OF_DAY
            parts.append(f"UNTIL={self.until:%Y%m%d}" if whole_day else f"UNTIL={self.until:%Y%m%dT%H%M%S}")
            if self.until_utc:
                parts[-1] = f"UNTIL={self.until:%Y%m%dT%H%M%S}Z"
        if self.count is not None:
            parts.append(f"COUNT={self.count}")
        lists: tuple[tuple[str, tuple[Day | int, ...]], ...] = (
            ("BYMONTH", self.months),
            ("BYMONTHDAY", self.month_days),
            ("BYDAY", self.days),
            ("BYHOUR", self.hours),
            ("BYMINUTE", self.minutes),
            ("BYSETPOS", self.positions),
        )
        parts += [f"{name}={','.join(map(str, values))}" for name, values in lists if values]
        return ";".join(parts)

    def times(self, anchor: datetime) -> tuple[time, ...]:
        """The times of day of a rule that isn't hourly; the anchor gives what the rule doesn't."""
        return tuple(time(*each) for each in product(self.hours or (anchor.hour,), self.minutes or (anchor.minute,)))

    @property
    def a_day(self) -> int:
        """The most times that one day can have."""
        hours = len(self.hours) or 1
        if self.frequency is Frequency.HOURLY:
            hours = len(self.hours) or -(-24 // self.interval)
        return hours * (len(self.minutes) or 1)


END_OF_DAY: Final = time(23, 59, 59)

_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 9000

_READ: Final = (
    *("INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYHOUR", "BYMINUTE", "BYSETPOS", "WKST", "UNTIL", "COUNT"),
)
_RARELY: Final = (Frequency.WEEKLY, Frequency.DAILY, Frequency.HOURLY)

_REFUSED: Final[tuple[tuple[Callable[[Rule], bool], str], ...]] = (
    (
        lambda rule: rule.a_day > MAX_A_DAY,
        mark("That is more than {most} posts a day; name fewer hours or minutes."),
    ),
    (
        lambda rule: rule.until is not None and rule.count is not None,
        mark("A rule has either UNTIL or COUNT; leave one of them out."),
    ),
    (
        lambda rule: any(day.n for day in rule.days) and rule.frequency in _RARELY,
        mark(
            "A numbered weekday such as 1MO is the first of a month or year; use it with FREQ=MONTHLY or FREQ=YEARLY."
        ),
    ),
    (
        lambda rule: any(day.n for day in rule.days) and not all(day.n for day in rule.days),
        mark("Give all weekdays of a rule a number, as in BYDAY=1MO,3MO, or none of them."),
    ),
    (
        lambda rule: (
            any(abs(day.n) > 5 for day in rule.days) and (rule.frequency is Frequency.MONTHLY or bool(rule.months))
        ),
        mark("A month has at most five of a weekday; number them from 1 to 5, or from -1 to -5."),
    ),
    (
        lambda rule: bool(rule.month_days) and rule.frequency is Frequency.WEEKLY,
        mark("A day of the month doesn't go with weeks; use BYMONTHDAY with FREQ=MONTHLY."),
    ),
    (
        lambda rule: 0 in rule.month_days or 0 in rule.positions,
        mark("BYMONTHDAY and BYSETPOS count from 1, or from the end with -1."),
    ),
    (
        lambda rule: bool(rule.positions) and not (rule.days or rule.month_days or rule.months or rule.hours),
        mark("BYSETPOS chooses among days that BYDAY or BYMONTHDAY name; add one of these."),
    ),
)


def _parts(text: str) -> dict[str, str]:
    rule = text.strip().upper().removeprefix("RRULE:").strip().rstrip(";")
    pairs = [part.partition("=") for part in rule.split(";")]
    names = [name for name, _, _ in pairs]
    if len(text) > _LONGEST or not rule.isascii() or not all(name and value for name, _, value in pairs):
        raise BadInput(say("A rule is made of parts such as FREQ=WEEKLY;BYDAY=FR, with a semicolon between them."))
    if len(set(names)) != len(names):
        raise BadInput(say("A rule has each of its parts once; put several values behind one name, as in BYDAY=MO,FR."))
    return {name: value for name, _, value in pairs}


def _frequency(name: str) -> Frequency:
    if name in ("SECONDLY", "MINUTELY"):
        raise BadInput(say("Crux posts at most once an hour; use FREQ=DAILY or FREQ=WEEKLY."))
    try:
        return Frequency[name]
    except KeyError:
        raise BadInput(
            say("A rule says how often by one of FREQ=DAILY, FREQ=WEEKLY, FREQ=MONTHLY, FREQ=YEARLY.")
        ) from None


def _list(given: dict[str, str], name: str) -> list[str]:
    return given[name].split(",") if name in given else []


def _numbers(given: dict[str, str], name: str, least: int, most: int) -> tuple[int, ...]:
    return tuple(sorted({_number(name, value, least, most) for value in _list(given, name)}))


def _number(name: str, value: str, least: int, most: int) -> int:
    if re.fullmatch(r"[+-]?\d{1,6}", value) and least <= int(value) <= most:
        return int(value)
    raise BadInput(say("{name} is a whole number from {least} to {most}.", name=name, least=least, most=most))


def _weekday(name: str, value: str) -> int:
    try:
        return WEEKDAYS.index(value)
    except ValueError:
        raise BadInput(say("{name} takes weekdays as {weekdays}.", name=name, weekdays=", ".join(WEEKDAYS))) from None


def _day(value: str) -> Day:
    number, weekday = value[:-2], value[-2:]
    n = _number(say("The number before a weekday"), number, -53, 53) if number else 0
    if number and not n:
        raise BadInput(say("Weekdays are numbered from 1, or from the end with -1, as in BYDAY=1MO or BYDAY=-1FR."))
    return Day(_weekday("BYDAY", weekday), n)


def _until(value: str) -> tuple[datetime | None, bool]:
    """The last local time and whether it is in UTC. A year so far off that it stands for none is none."""
    wrong = BadInput(say("UNTIL is a date as in UNTIL=20271231, or a date and time as in UNTIL=20271231T180000."))
    found = re.fullmatch(r"(\d{8})(?:T(\d{6})(Z?))?", value)
    if found is None:
        raise wrong
    try:
        until = datetime.strptime(found[1] + (found[2] or "235959"), "%Y%m%d%H%M%S")  # noqa: DTZ007
    except ValueError:
        raise wrong from None
    if until.year < _FIRST_YEAR:
        raise wrong
    return (None, False) if until.year > _LAST_YEAR else (until, bool(found[3]))
