"""Recurrences as people type them: "weekdays 9:00", "every other monday 10am", "first monday of the month 10:00"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.language import mark, say
from bot.core.schedules import Recurrence
from bot.errors import BadInput
from bot.scheduling.recurrence import first_local, settled
from bot.scheduling.rules import END_OF_DAY, MAX_A_DAY, MAX_INTERVAL, Day, Frequency, Rule

_LONGEST: Final = 600
"""Characters: a rule with a time."""

UNREADABLE: Final = mark(
    "Crux can't read when that is; say it like `weekdays 9:00` or `first monday of the month 10am`."
)
_NO_TIME: Final = mark("Say at what time of day too, as in `weekdays 9:00` or `every other monday 10am`.")


def read(text: str, zone: str, now: datetime) -> Recurrence:
    """The recurrence that a text asks for, in plain words or as a rule of RFC 5545 with a time.

    It counts from its first local time after the instant `now`: "every other Monday" begins with the next Monday. Hours
    count from the next time that the clock shows the one given. `zone` is the IANA time zone of the text's times.

    Raises:
        BadInput: it can't be read, never comes due, or is over already.
    """
    if len(text) > _LONGEST:
        raise BadInput(say(UNREADABLE))
    here = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    asked = _rule(text) if re.match(r"\s*(rrule|freq\s*=)", text, re.IGNORECASE) else _words(text)
    rule, base = _timed(asked, here)
    if rule.frequency is Frequency.HOURLY:  # its time of day is where the hours count from
        return settled(rule, base if base > here else base + timedelta(days=1), zone)
    anchor = first_local(rule, base, here)
    if anchor is None:
        raise BadInput(say("No day fits that in the twelve years ahead; leave out one of its conditions."))
    return settled(rule, anchor, zone)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A rule without its times of day, and these."""

    rule: Rule
    times: tuple[time, ...]


def _timed(asked: _Asked, here: datetime) -> tuple[Rule, datetime]:
    """The rule with its times of day, one of which is the base's, on today's date.

    A single time is the anchor's, so that it stands in one place only.
    """
    rule, times = asked.rule, asked.times
    hourly = rule.frequency is Frequency.HOURLY
    if rule.hours:
        if times:
            raise BadInput(say("That rule says its hours itself; leave out the time behind it."))
        times = rule.times(datetime.combine(here, time()))
    if not times:
        raise BadInput(say(_NO_TIME))
    if rule.minutes and not rule.hours and not hourly:
        raise BadInput(say("BYMINUTE needs its hours; add BYHOUR to the rule, or leave BYMINUTE out."))
    if len(times) > MAX_A_DAY:
        raise BadInput(say("That is more than {most} posts a day; name fewer times.", most=MAX_A_DAY))
    base = datetime.combine(here, times[0])
    if hourly:
        if len(times) > 1 and not rule.hours:
            raise BadInput(
                say("An hourly rule starts at one time; name the first, or use FREQ=DAILY with all of them.")
            )
        return (replace(rule, minutes=rule.minutes or (0,)) if rule.hours else rule), base
    if len(times) == 1:
        return replace(rule, hours=(), minutes=()), base
    hours = tuple(sorted({each.hour for each in times}))
    minutes = tuple(sorted({each.minute for each in times}))
    if len(hours) * len(minutes) != len(times):
        raise BadInput(
            say("Several times of one schedule share their minutes, as in `daily 9:00 and 18:00`; make two of these.")
        )
    return replace(rule, hours=hours, minutes=minutes), base


def _rule(text: str) -> _Asked:
    written, *rest = re.sub(r"^\s*rrule\s*:?\s*", "", text, flags=re.IGNORECASE).split(maxsplit=1) or [""]
    rule = Rule.parse(written)
    times, left = _times(" ".join(rest).lower())
    if [word for word in re.split(r"[\s,.]+", left) if word not in ("", "at", "and")]:
        raise BadInput(say("Behind a rule stands its time and nothing else, as in `RRULE:FREQ=WEEKLY;BYDAY=FR 16:00`."))
    return _Asked(rule, times)


# -- plain words ------------------------------------------------------------------------------------------------------

_DAY_NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT_DAYS: Final = {"tues": 1, "weds": 2, "thu": 3, "thur": 3, "thurs": 3}
WEEKDAY: Final = {
    **{name: n for n, name in enumerate(_DAY_NAMES)},
    **{f"{name}s": n for n, name in enumerate(_DAY_NAMES)},
    **{name[:3]: n for n, name in enumerate(_DAY_NAMES)},
    **_SHORT_DAYS,
}
GROUPS: Final = {
    **dict.fromkeys(("weekday", "weekdays", "workday", "workdays"), range(5)),
    **dict.fromkeys(("weekend", "weekends"), range(5, 7)),
}
_MONTH_NAMES: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
MONTH: Final = {
    **{name: n for n, name in enumerate(_MONTH_NAMES, start=1)},
    **{name[:3]: n for n, name in enumerate(_MONTH_NAMES, start=1)},
    "sept": 9,
}
_ORDINAL: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1}
_COUNT: Final = {"other": 2, **{word: n for word, n in _ORDINAL.items() if n > 1}}
_UNITS: Final = {
    **dict.fromkeys(("day", "days"), Frequency.DAILY),
    **dict.fromkeys(("week", "weeks"), Frequency.WEEKLY),
    **dict.fromkeys(("month", "months"), Frequency.MONTHLY),
    **dict.fromkeys(("year", "years"), Frequency.YEARLY),
}
_PACES: Final = {
    "daily": (Frequency.DAILY, 1),
    "weekly": (Frequency.WEEKLY, 1),
    "fortnightly": (Frequency.WEEKLY, 2),
    "monthly": (Frequency.MONTHLY, 1),
    "yearly": (Frequency.YEARLY, 1),
    "annually": (Frequency.YEARLY, 1),
}
_FILLERS: Final = frozenset({"at", "on", "the", "and", "of", "in", "a"})
_NAME: Final = "|".join(sorted(WEEKDAY, key=len, reverse=True))
_RANGE: Final = re.compile(rf"\b({_NAME})\s*(?:-|–|\bto\b|\bthrough\b)\s*({_NAME})\b")
_NUMBERED: Final = re.compile(r"(\d{1,4})(?:st|nd|rd|th)?")
_TIME: Final = re.compile(
    "(?<![\\w:.])(?:(?P<hour>\\d{1,2})(?:[:.](?P<minute>\\d{2}))?(?:\\s?(?P<half>[ap])\\.?m\\b\\."
    "?)?|(?P<name>noon|midnight))(?![\\w:]|\\.\\d)"
)
_UNTIL: Final = re.compile(r"\buntil\s+(?:(\d{1,2})\s+([a-z]+)\s+(\d{4})|(\d{4})-(\d{2})-(\d{2}))\b")


def _words(text: str) -> _Asked:
    plain = re.sub(r"[,;&]", " ", text.lower()).replace("where there is one", " ")
    until, plain = _end(plain)
    times, plain = _times(plain)
    plain = spelt_out(plain.replace(".", " "))
    words = ["every" if word == "each" else word for word in plain.split() if word not in _FILLERS]
    if not words:
        raise BadInput(say(UNREADABLE))
    rule = _paced(words)
    if not times:
        raise BadInput(say(_NO_TIME))
    return _Asked(replace(rule, until=until), times)


def _end(text: str) -> tuple[datetime | None, str]:
    """The end of the day that a text names as its last, and the text without it."""
    found = _UNTIL.search(text)
    if found is None:
        return None, text
    day, name, year, *iso = found.groups()
    try:
        last = date(int(year), MONTH[name], int(day)) if name else date(*(int(part) for part in iso))
    except (ValueError, KeyError):
        raise BadInput(
            say("There is no such last day; say it like `until 5 March 2027` or `until 2027-03-05`.")
        ) from None
    return datetime.combine(last, END_OF_DAY), text[: found.start()] + " " + text[found.end() :]


def _times(text: str) -> tuple[tuple[time, ...], str]:
    """The times of day in a text, in order and each once, and the text without them."""
    found: set[time] = set()

    def take(match: re.Match[str]) -> str:
        if match["minute"] is None and match["half"] is None and match["name"] is None:
            return match[0]  # a bare number: a day of the month, an interval
        found.add(_time(match))
        return " "

    left = _TIME.sub(take, text)
    return tuple(sorted(found)), left


def _time(match: re.Match[str]) -> time:
    if match["name"]:
        return time(12 if match["name"] == "noon" else 0)
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            raise BadInput(say("With am or pm the hours are 1 to 12, as in `9am` or `6:30 pm`."))
        hour = hour % 12 + (12 if match["half"] == "p" else 0)
    if hour > 23 or minute > 59:
        raise BadInput(
            say("There is no such time of day; the times are 0:00 to 23:59, or with am and pm, as in `6:30 pm`.")
        )
    return time(hour, minute)


def spelt_out(text: str) -> str:
    """A text with `mon-thu` as the days that it spans, around a week's end too."""
    return _RANGE.sub(_spanned, text)


def _spanned(match: re.Match[str]) -> str:
    first, last = WEEKDAY[match[1]], WEEKDAY[match[2]]
    return " " + " ".join(_DAY_NAMES[(first + n) % 7] for n in range((last - first) % 7 + 1)) + " "


def _paced(words: list[str]) -> Rule:
    """The rule of words that hold neither times nor fillers: how often is found first, then which days."""
    frequency, interval, days = _pace(words)
    match frequency:
        case Frequency.DAILY if not days:
            return Rule(frequency, interval)
        case Frequency.WEEKLY if days:
            return Rule(frequency, interval, days=_weekdays(days))
        case Frequency.MONTHLY if days:
            return _monthly(interval, days)
        case Frequency.YEARLY if len(days) == 2:
            return _yearly(interval, days)
        case _:
            raise BadInput(say(UNREADABLE))


def _pace(words: list[str]) -> tuple[Frequency, int, list[str]]:
    """How often, and the words left."""
    for at, word in enumerate(words):
        if word in _PACES:
            return *_PACES[word], words[:at] + words[at + 1 :]
        if word not in _UNITS or _is_day_of_month(words, at):
            continue
        before = words[:at]
        count = 1
        if before[-2:-1] == ["every"]:
            if (number := _counted(before[-1])) is None:
                raise BadInput(say(UNREADABLE))
            count = number
            before.pop()
        if before and before[-1] == "every":
            before.pop()
        elif word != "month":  # "first monday of the month" has no "every"; "mondays week" is nothing
            raise BadInput(say(UNREADABLE))
        # "every first monday of the month" says "every" of the Monday.
        days = [each for each in before + words[at + 1 :] if each != "every"]
        return _UNITS[word], count, days
    if len(words) > 2 and words[0] == "every" and (count_of := _counted(words[1])) is not None:
        # "every other weekday" could be every second day as well as every second week.
        if any(word in GROUPS for word in words):
            raise BadInput(
                say(
                    "Say what is left out: every other week, as in `every other week on mon-fri 9:00`, or every "
                    "other day."
                )
            )
        return Frequency.WEEKLY, count_of, words[2:]
    return Frequency.WEEKLY, 1, [word for word in words if word != "every"]


def _is_day_of_month(words: list[str], at: int) -> bool:
    """Whether `day` is of "first day of the month", or of "last"."""
    months = any(_UNITS.get(word) is Frequency.MONTHLY or word == "monthly" for word in words)
    return words[at] == "day" and at > 0 and words[at - 1] in ("first", "last") and months


def _counted(word: str) -> int | None:
    """The interval that a word gives: `other`, `third`, `3`, `3rd`."""
    found = _NUMBERED.fullmatch(word)
    number = int(found[1]) if found else _COUNT.get(word)
    if number is not None and not 1 <= number <= MAX_INTERVAL:
        raise BadInput(
            say(
                "Between two posts lie 1 to {most} days, weeks, months or years; use such a number.",
                most=MAX_INTERVAL,
            )
        )
    return number


def _weekdays(words: Iterable[str]) -> tuple[Day, ...]:
    found: set[int] = set()
    for word in words:
        if word in GROUPS:
            found |= set(GROUPS[word])
        elif word in WEEKDAY:
            found.add(WEEKDAY[word])
        else:
            raise BadInput(say(UNREADABLE))
    return tuple(Day(weekday) for weekday in sorted(found))


def _monthly(interval: int, words: list[str]) -> Rule:
    """Days of the month (`1st 15th last day`), or numbered weekdays (`first third monday`), not both."""
    month_days: set[int] = set()
    days: set[Day] = set()
    numbers: list[int] = []
    counted = False
    """Whether the numbers had their weekday: another may share them, and a further number begins anew."""
    for word in words:
        if word in WEEKDAY and numbers and all(abs(n) <= 5 for n in numbers):
            days |= {Day(WEEKDAY[word], n) for n in numbers}
            counted = True
            continue
        if counted:
            numbers, counted = [], False
        if word == "day" and numbers:
            month_days.add(numbers.pop())
        elif word in _ORDINAL:
            numbers.append(_ORDINAL[word])
        elif (found := _NUMBERED.fullmatch(word)) and 1 <= int(found[1]) <= 31:
            numbers.append(int(found[1]))
        else:
            raise BadInput(say(UNREADABLE))
    if not counted:
        month_days |= set(numbers)
    if (-1 in numbers and not counted) or bool(days) == bool(month_days):
        raise BadInput(say(UNREADABLE))
    return Rule(Frequency.MONTHLY, interval, days=tuple(sorted(days)), month_days=tuple(sorted(month_days)))


def _yearly(interval: int, words: list[str]) -> Rule:
    """One date: `29 february` or `february 29th`."""
    name, day = sorted(words, key=lambda word: word not in MONTH)
    found = _NUMBERED.fullmatch(day)
    if name not in MONTH or found is None or not 1 <= int(found[1]) <= 31:
        raise BadInput(say(UNREADABLE))
    return Rule(Frequency.YEARLY, interval, month_days=(int(found[1]),), months=(MONTH[name],))
