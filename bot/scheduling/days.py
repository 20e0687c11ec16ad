"""Days as people type them: "sat, sun, 25 december", "24 dec to 2 jan", "monday"."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.core.language import mark, say, spoken
from bot.core.schedules import MAX_QUIET_DATES, QuietDays
from bot.errors import BadInput
from bot.scheduling.reading import GROUPS, MONTH, WEEKDAY, spelt_out

_LONGEST: Final = 2_000
_LATEST: Final = 50
"""Years ahead: a later date is a slip of the hand."""
_LEAP_CYCLE: Final = 9
"""Years within which every day of a year comes, 29 February too."""

UNREADABLE: Final = mark(
    "Crux can't read these days; say them like `sat, sun, 25 december` or `24 december to 2 january`, or `none`."
)
_NO_DAY: Final = mark("Crux can't read that day; say it like `1 september`, `2027-03-05` or `monday`.")

_MONTH_NAME: Final = "|".join(sorted(MONTH, key=len, reverse=True))
_DATE: Final = re.compile(
    r"\b(?:(?P<iso>\d{4}-\d{1,2}-\d{1,2})"
    rf"|(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_MONTH_NAME})\b\.?(?:\s+(?P<year>\d{{4}})\b)?"
    rf"|(?P<month2>{_MONTH_NAME})\b\.?\s+(?:the\s+)?(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:\s+(?P<year2>\d{{4}})\b)?)"
    r"(?![\w-])"
)
_TO: Final = re.compile(r"\s*(?:-|–|to|until|through)\s*")
_FILLERS: Final = frozenset({"and", "on", "the", "every", "each", "all", "days", "day"})


def read_quiet_days(text: str, zone: str, now: datetime) -> QuietDays:
    """Weekdays and dates, and spans of either; "none" is none. A date without its year is the next such one.

    Raises:
        BadInput: they can't be read, are over, or are too many.
    """
    plain = re.sub(r"[,;&]", " ", text.lower()).strip(" .")
    if plain in ("none", "no days"):
        return QuietDays()
    if len(text) > _LONGEST:
        raise BadInput(say(UNREADABLE))
    today = _today(zone, now)
    dates, left = _dates(plain, today)
    weekdays: set[int] = set()
    for word in spelt_out(left.replace(".", " ")).split():
        if word in GROUPS:
            weekdays |= set(GROUPS[word])
        elif word in WEEKDAY:
            weekdays.add(WEEKDAY[word])
        elif word not in _FILLERS:
            raise BadInput(say(UNREADABLE))
    if not dates and not weekdays:
        raise BadInput(say(UNREADABLE))
    return QuietDays(frozenset(weekdays), frozenset(dates))


def read_day(text: str, zone: str, now: datetime) -> date:
    """One day after today on a zone's clock: a date, a weekday's name, or "tomorrow".

    Raises:
        BadInput: it can't be read, or isn't to come.
    """
    today = _today(zone, now)
    plain = text.lower().strip(" .")
    if plain == "tomorrow":
        return today + timedelta(days=1)
    weekday = WEEKDAY.get(plain.removeprefix("next "))
    if weekday is not None:
        return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    found = _DATE.fullmatch(plain)
    if found is None:
        raise BadInput(say(_NO_DAY))
    day = _date(found, today + timedelta(days=1))
    if day <= today:
        raise BadInput(say("{day} is not to come; name a later day.", day=spoken().day(day)))
    return day


def _today(zone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


def _dates(text: str, today: date) -> tuple[set[date], str]:
    """The dates of a text, spans filled, and the text without them."""
    days: set[date] = set()
    left, at = "", 0
    found = list(_DATE.finditer(text))
    while found:
        first = found.pop(0)
        start = end = _date(first, today)
        left, at = left + text[at : first.start()] + " ", first.end()
        if found and _TO.fullmatch(text[at : found[0].start()]):
            last = found.pop(0)
            end, at = _date(last, max(start, today)), last.end()
        if end < today:
            raise BadInput(say("{day} is over; leave it out, or name a later day.", day=spoken().day(end)))
        if end < start:
            raise BadInput(
                say(
                    "{end} comes before {start}; say the earlier day first.",
                    end=spoken().day(end),
                    start=spoken().day(start),
                )
            )
        start = max(start, today)
        if (end - start).days >= MAX_QUIET_DATES:
            raise BadInput(
                say(
                    "A schedule keeps up to {most} quiet dates; pause it for longer spans.",
                    most=MAX_QUIET_DATES,
                )
            )
        days |= {start + timedelta(days=n) for n in range((end - start).days + 1)}
    return days, left + text[at:]


def _date(found: re.Match[str], earliest: date) -> date:
    """The date that was matched; without its year, the first from a day on."""
    if found["iso"]:
        year, month, day = (int(part) for part in found["iso"].split("-"))
        years = range(year, year + 1)
    else:
        month, day = MONTH[found["month"] or found["month2"]], int(found["day"] or found["day2"])
        given = found["year"] or found["year2"]
        years = range(int(given), int(given) + 1) if given else range(earliest.year, earliest.year + _LEAP_CYCLE)
    for year in years:
        try:
            each = date(year, month, day)
        except ValueError:
            continue
        if each.year > earliest.year + _LATEST:
            raise BadInput(
                say("{year} is too far ahead; name a day in the coming {years} years.", year=year, years=_LATEST)
            )
        if each >= earliest or len(years) == 1:
            return each
    raise BadInput(say("There is no such day; say it like `1 september` or `2027-03-05`."))
