"""Schedules to test with: rules, zones and instants of all sorts, and a slow reading of what is due."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from hypothesis import strategies as st

from bot.core.schedules import QuietDays, Recurrence, Schedule, ScheduleKind, instant_of
from bot.errors import BadInput
from bot.scheduling.recurrence import settled
from bot.scheduling.rules import WEEKDAYS, Rule

EARLY = datetime(2000, 1, 1, tzinfo=UTC)

ZONES = (
    *("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata", "Europe/Dublin"),
    *(
        "America/Havana",
        "Pacific/Apia",
        "America/Caracas",
        "Asia/Kathmandu",
        "Pacific/Chatham",
        "America/Sao_Paulo",
        "UTC",
    ),
)
"""With a clock change of an hour, of half an hour, twice more for Ramadan, at midnight, of a day, and without any."""


def schedule(
    rule: str,
    anchor: datetime,
    zone: str = "Europe/Berlin",
    *,
    kind: ScheduleKind = ScheduleKind.PROMPTS,
    quiet: QuietDays | None = None,
    created_at: datetime = EARLY,
    paused_until: datetime | None = None,
) -> Schedule:
    """A schedule as it would be kept."""
    return Schedule(
        "w1",
        "s1",
        kind,
        settled(Rule.parse(rule), anchor, zone),
        zone,
        "c1",
        created_at,
        quiet or QuietDays(),
        paused_until,
    )


def at(zone: str, *when: int, fold: int = 0) -> datetime:
    """An instant by a place's clock, in UTC."""
    return datetime(*when, tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)  # type: ignore[arg-type,misc]


def local(*when: int) -> datetime:
    """A local time, which has no zone."""
    return datetime(*when)  # type: ignore[arg-type]  # noqa: DTZ001


def slow_due(of: Schedule, after: datetime, until: datetime) -> list[datetime]:
    """What is due, by walking from the anchor and checking one condition after another."""
    clock = of.clock
    found = set()
    rule: Recurrence = of.recurrence
    end = until.astimezone(clock).replace(tzinfo=None) + timedelta(days=3)
    # Dateutil takes a date for its midnight, and we for its end.
    text = re.sub(r"UNTIL=(\d{8})(?!T)", r"UNTIL=\1T235959", rule.rule)
    for local_time in rrulestr(text, dtstart=rule.anchor):
        if local_time > end:
            break
        due = instant_of(local_time, clock)
        day = due.astimezone(clock).date()
        if day in of.quiet and of.kind is ScheduleKind.PROMPTS:
            continue
        while day in of.quiet:
            due = instant_of(datetime.combine(day + timedelta(days=1), local_time.time()), clock)
            day = due.astimezone(clock).date()
        if after < due <= until and due > of.created_at and (of.paused_until is None or due >= of.paused_until):
            found.add(due)
    return sorted(found)


def _values(low: int, high: int, most: int = 3) -> st.SearchStrategy[str]:
    return st.lists(st.integers(low, high), min_size=1, max_size=most, unique=True).map(lambda n: ",".join(map(str, n)))


WEEKDAY_LISTS = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=7, unique=True).map(",".join)
NUMBERED = st.lists(
    st.tuples(st.sampled_from([1, 2, 3, 4, 5, -1, -2]), st.sampled_from(WEEKDAYS)).map(lambda day: f"{day[0]}{day[1]}"),
    min_size=1,
    max_size=3,
    unique=True,
).map(",".join)
TIMES = st.just("") | st.tuples(_values(0, 23), _values(0, 59, 2)).map(lambda t: f";BYHOUR={t[0]};BYMINUTE={t[1]}")
INTERVAL = st.sampled_from(["", ";INTERVAL=2", ";INTERVAL=3", ";INTERVAL=5"])


@st.composite
def rules(draw: st.DrawFn) -> str:
    """A rule's text, of any frequency, with or without days, months, times and an end."""
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY", "HOURLY"]))
    text = f"FREQ={frequency}{draw(INTERVAL)}"
    match frequency:
        case "WEEKLY":
            days = draw(st.just("") | WEEKDAY_LISTS.map(lambda days: f";BYDAY={days}"))
            days += draw(st.sampled_from(["", ";WKST=SU", ";WKST=TH"]))
        case "MONTHLY" | "YEARLY":
            days = draw(
                st.just("")
                | NUMBERED.map(lambda days: f";BYDAY={days}")
                | (_values(1, 31) | _values(-3, -1)).map(lambda n: f";BYMONTHDAY={n}")
            )
            if frequency == "YEARLY":
                days += draw(st.just("") | _values(1, 12).map(lambda n: f";BYMONTH={n}"))
        case _:
            days = draw(st.just("") | st.just("") | WEEKDAY_LISTS.map(lambda days: f";BYDAY={days}"))
    text += days
    if frequency != "HOURLY":
        text += draw(TIMES)
    if frequency == "MONTHLY" and days:
        text += draw(st.sampled_from(["", "", ";BYSETPOS=1", ";BYSETPOS=-1"]))
    return text + draw(st.sampled_from(["", "", "", ";COUNT=4", ";UNTIL=20270301", ";UNTIL=20240229T120000Z"]))


ANCHORS = st.datetimes(local(2009, 1, 1), local(2023, 1, 1)).map(lambda t: t.replace(second=0, microsecond=0))
INSTANTS = st.datetimes(local(2009, 1, 1), local(2028, 1, 1), timezones=st.just(UTC))
QUIET = st.builds(
    QuietDays,
    st.frozensets(st.integers(0, 6), max_size=6),
    st.frozensets(
        st.dates(date(2011, 12, 20), date(2012, 1, 10)) | st.dates(date(2009, 1, 1), date(2028, 1, 1)), max_size=8
    ),
)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    while True:
        try:
            return schedule(
                draw(rules()),
                draw(ANCHORS),
                draw(st.sampled_from(ZONES)),
                kind=draw(st.sampled_from(ScheduleKind)),
                quiet=draw(st.just(QuietDays()) | QUIET),
                created_at=draw(st.just(EARLY) | INSTANTS),
                paused_until=draw(st.none() | INSTANTS),
            )
        except BadInput:  # never due, or over before it begins
            continue
