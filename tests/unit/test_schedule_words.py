"""Plain words for schedules, read and said."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.schedules import QuietDays, Recurrence, ScheduleKind
from bot.errors import BadInput
from bot.scheduling.reading import read
from bot.scheduling.recurrence import due_between, next_due
from bot.scheduling.wording import in_words, next_in_words, recurrence_in_words
from tests.unit.schedules import EARLY, ZONES, at, local, rules, schedule

BERLIN = "Europe/Berlin"
NOW = at(BERLIN, 2026, 1, 7, 11, 15)
"""A Wednesday."""


@pytest.mark.parametrize(
    ("text", "rule", "first", "words"),
    [
        ("weekdays 9:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", (8, 9), "every weekday at 9:00"),
        ("Every weekday, at 9 a.m.", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", (8, 9), "every weekday at 9:00"),
        ("daily 18:30", "FREQ=DAILY", (7, 18, 30), "every day at 18:30"),
        ("EVERY DAY AT 6:30 PM.", "FREQ=DAILY", (7, 18, 30), "every day at 18:30"),
        ("18.30 daily", "FREQ=DAILY", (7, 18, 30), "every day at 18:30"),
        ("daily 12am", "FREQ=DAILY", (8, 0), "every day at 0:00"),
        ("daily at noon", "FREQ=DAILY", (7, 12), "every day at 12:00"),
        ("every other day 9:00", "FREQ=DAILY;INTERVAL=2", (8, 9), "every other day at 9:00"),
        ("each 3 days 9:00", "FREQ=DAILY;INTERVAL=3", (8, 9), "every 3 days at 9:00"),
        ("daily 9:00 and 18:00", "FREQ=DAILY;BYHOUR=9,18;BYMINUTE=0", (7, 18), "every day at 9:00 and 18:00"),
        ("mon, wed 9am", "FREQ=WEEKLY;BYDAY=MO,WE", (12, 9), "every Monday and Wednesday at 9:00"),
        ("Mondays & Thursdays 12:05pm", "FREQ=WEEKLY;BYDAY=MO,TH", (8, 12, 5), "every Monday and Thursday at 12:05"),
        ("mon-wed 9:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE", (12, 9), "every Monday, Tuesday and Wednesday at 9:00"),
        ("sat to mon 9:00", "FREQ=WEEKLY;BYDAY=MO,SA,SU", (10, 9), "every Monday, Saturday and Sunday at 9:00"),
        ("weekends 10:00", "FREQ=WEEKLY;BYDAY=SA,SU", (10, 10), "every Saturday and Sunday at 10:00"),
        ("mon-sun 10:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", (8, 10), "every day at 10:00"),
        ("fri 16:00", "FREQ=WEEKLY;BYDAY=FR", (9, 16), "every Friday at 16:00"),
        ("weekly on friday at 16:00", "FREQ=WEEKLY;BYDAY=FR", (9, 16), "every Friday at 16:00"),
        ("wed 11:15", "FREQ=WEEKLY;BYDAY=WE", (14, 11, 15), "every Wednesday at 11:15"),
        ("wed 11:16", "FREQ=WEEKLY;BYDAY=WE", (7, 11, 16), "every Wednesday at 11:16"),
        ("every other monday 10:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", (12, 10), "every other Monday at 10:00"),
        ("every second Monday, 10:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", (12, 10), "every other Monday at 10:00"),
        ("fortnightly on mon 10:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", (12, 10), "every other Monday at 10:00"),
        (
            "every 2 weeks on mon and fri 10am",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR",
            (9, 10),
            "every other week on Monday and Friday at 10:00",
        ),
        ("every 3 weeks mon 10am", "FREQ=WEEKLY;INTERVAL=3;BYDAY=MO", (12, 10), "every 3 weeks on Monday at 10:00"),
        ("monthly on the 1st 9:00", "FREQ=MONTHLY;BYMONTHDAY=1", (32, 9), "every month on the 1st at 9:00"),
        ("on the 1st of the month 9:00", "FREQ=MONTHLY;BYMONTHDAY=1", (32, 9), "every month on the 1st at 9:00"),
        ("first day of every month 9:00", "FREQ=MONTHLY;BYMONTHDAY=1", (32, 9), "every month on the 1st at 9:00"),
        (
            "monthly 15th and last day 9:00",
            "FREQ=MONTHLY;BYMONTHDAY=-1,15",
            (15, 9),
            "every month on the 15th and last day at 9:00",
        ),
        (
            "every other month on the 22nd 9:00",
            "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=22",
            (22, 9),
            "every other month on the 22nd at 9:00",
        ),
        (
            "monthly on the 31st 9:00",
            "FREQ=MONTHLY;BYMONTHDAY=31",
            (31, 9),
            "every month on the 31st, where there is one, at 9:00",
        ),
        (
            "first monday of the month 10:00",
            "FREQ=MONTHLY;BYDAY=1MO",
            (33, 10),
            "every month on the first Monday at 10:00",
        ),
        (
            "every second monday of the month 10:00",
            "FREQ=MONTHLY;BYDAY=2MO",
            (12, 10),
            "every month on the second Monday at 10:00",
        ),
        (
            "1st and 3rd mon and last fri of every 3 months 10:00",
            "FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO,3MO,-1FR",
            (19, 10),
            "every 3 months on the first and third Monday and last Friday at 10:00",
        ),
        (
            "fifth friday of the month 10:00",
            "FREQ=MONTHLY;BYDAY=5FR",
            (30, 10),
            "every month on the fifth Friday, where there is one, at 10:00",
        ),
        (
            "yearly on January 9th 10:00",
            "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=9",
            (9, 10),
            "every year on 9 January at 10:00",
        ),
        (
            "fri 16:00 until 5 march 2027",
            "FREQ=WEEKLY;UNTIL=20270305;BYDAY=FR",
            (9, 16),
            "every Friday at 16:00, until 5 March 2027",
        ),
        (
            "fri 16:00 until 2027-03-05",
            "FREQ=WEEKLY;UNTIL=20270305;BYDAY=FR",
            (9, 16),
            "every Friday at 16:00, until 5 March 2027",
        ),
        ("RRULE:FREQ=WEEKLY;BYDAY=FR 16:00", "FREQ=WEEKLY;BYDAY=FR", (9, 16), "every Friday at 16:00"),
        ("freq=weekly;byday=fr at 4pm", "FREQ=WEEKLY;BYDAY=FR", (9, 16), "every Friday at 16:00"),
        ("rrule: FREQ=WEEKLY;BYDAY=FR;BYHOUR=16", "FREQ=WEEKLY;BYDAY=FR", (9, 16), "every Friday at 16:00"),
        ("FREQ=DAILY;BYDAY=SA,SU 16:00", "FREQ=DAILY;BYDAY=SA,SU", (10, 16), "every Saturday and Sunday at 16:00"),
        (
            "FREQ=WEEKLY;COUNT=2 16:00",
            "FREQ=WEEKLY;UNTIL=20260114",
            (7, 16),
            "every Wednesday at 16:00, until 14 January 2026",
        ),
        ("FREQ=HOURLY;INTERVAL=3 9:00", "FREQ=HOURLY;INTERVAL=3", (8, 9), "RRULE:FREQ=HOURLY;INTERVAL=3 at 9:00"),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1 16:00",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            (30, 16),
            "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1 at 16:00",
        ),
    ],
)
def test_words_are_read_and_said_back(text: str, rule: str, first: tuple[int, ...], words: str) -> None:
    recurrence = read(text, BERLIN, NOW)
    day, *clock = first  # 32 is 1 February
    assert recurrence == Recurrence(rule, local(2026, 1 + (day > 31), day - 31 * (day > 31), *clock))
    assert recurrence_in_words(recurrence) == words
    assert recurrence_in_words(read(words, BERLIN, NOW)) == words


def test_29_february_is_said_to_be_rare() -> None:
    recurrence = read("every year on the 29th of february 9:00", BERLIN, NOW)
    assert recurrence == Recurrence("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", local(2028, 2, 29, 9))
    assert recurrence_in_words(recurrence) == "every year on 29 February, where there is one, at 9:00"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "weekdays 9:00"),
        ("   ", "weekdays 9:00"),
        ("soon", "weekdays 9:00"),
        ("9:00", "weekdays 9:00"),
        ("every 9:00", "weekdays 9:00"),
        ("day 9:00", "weekdays 9:00"),
        ("first monday 9:00", "weekdays 9:00"),
        ("biweekly monday 9:00", "weekdays 9:00"),
        ("monthly 9:00", "weekdays 9:00"),
        ("monthly on the 32nd 9:00", "weekdays 9:00"),
        ("sixth monday of the month 9:00", "weekdays 9:00"),
        ("6th monday of the month 9:00", "weekdays 9:00"),
        ("1st and second monday 15th of the month 9:00", "weekdays 9:00"),
        ("every february 9:00", "weekdays 9:00"),
        ("weekdays", "what time"),
        ("RRULE:FREQ=DAILY", "what time"),
        ("every other weekday 9:00", "every other week on"),
        ("every 0 days 9:00", "1 to 1000"),
        ("daily 25:00", "no such time"),
        ("daily 9:75", "no such time"),
        ("daily 13pm", "1 to 12"),
        ("daily 9:00 and 18:30", "share their minutes"),
        ("yearly on 30 february 9:00", "No day fits"),
        ("fri 9:00 until 30 february 2027", "no such last day"),
        ("fri 9:00 until 2025-01-01", "over before it begins"),
        ("RRULE:FREQ=DAILY;BYHOUR=9 10:00", "says its hours itself"),
        ("RRULE:FREQ=DAILY;BYMINUTE=30 10:00", "BYMINUTE needs its hours"),
        ("RRULE:FREQ=HOURLY 10:00 11:00", "one time"),
        ("RRULE:FREQ=DAILY 10:00 please", "nothing else"),
        ("RRULE:FREQ=MINUTELY 10:00", "at most once an hour"),
        ("RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30 10:00", "No day fits"),
        ("RRULE:", "semicolon"),
        ("daily 9:00 " * 100, "weekdays 9:00"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_type(text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        read(text, BERLIN, NOW)
    assert caught.value.message.endswith(".")
    assert caught.value.message.count(". ") == 0


def test_a_schedule_is_said_with_its_zone_and_its_next_times() -> None:
    of = schedule("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", local(2025, 12, 29, 10))
    assert in_words(of) == "every other Monday at 10:00, Europe/Berlin"
    assert next_in_words(of, at(BERLIN, 2025, 12, 1)) == (
        "Monday 29 December 2025 at 10:00",
        "Monday 12 January 2026 at 10:00",
        "Monday 26 January 2026 at 10:00",
    )


def test_the_next_times_are_on_the_schedules_own_clock() -> None:
    daily = schedule("FREQ=DAILY", local(2026, 1, 1, 2, 30))
    assert next_in_words(daily, at(BERLIN, 2026, 3, 28, 12)) == (
        "Sunday 29 March 2026 at 3:00",
        "Monday 30 March 2026 at 2:30",
        "Tuesday 31 March 2026 at 2:30",
    )
    quiet = QuietDays(frozenset({4}))
    digest = schedule("FREQ=WEEKLY;BYDAY=FR", local(2026, 1, 2, 9), kind=ScheduleKind.DIGEST, quiet=quiet)
    assert next_in_words(digest, NOW, 1) == ("Saturday 10 January 2026 at 9:00",)
    ending = schedule("FREQ=DAILY;COUNT=1", local(2026, 1, 8, 9))
    assert next_in_words(ending, NOW) == ("Thursday 8 January 2026 at 9:00",)


def test_now_is_read_on_the_clock_of_the_zone() -> None:
    before_midnight = datetime(2026, 1, 7, 20, tzinfo=UTC)
    assert read("daily 6:00", "Asia/Kolkata", before_midnight).anchor == local(2026, 1, 8, 6)
    assert read("daily 23:00", "America/New_York", before_midnight).anchor == local(2026, 1, 7, 23)


COUNTS = st.sampled_from(["every", "every other", "every 3", "every 11"])
WEEKDAYS = st.lists(
    st.sampled_from(["mon", "tuesday", "weds", "Thursdays", "fri", "SAT", "sunday", "weekends", "mon-thu"]),
    min_size=1,
    max_size=4,
)
NUMBERED = st.tuples(
    st.sampled_from(["first", "2nd", "third", "fourth", "5th", "last"]), st.sampled_from(["mon", "fri", "sun"])
)
PACED = st.one_of(
    st.tuples(COUNTS, st.just("day")),
    st.tuples(COUNTS, st.just("week on"), WEEKDAYS.map(" and ".join)),
    st.tuples(
        COUNTS,
        st.just("month on the"),
        st.lists(st.integers(1, 31).map(str) | st.just("last day"), min_size=1, max_size=3).map(", ".join),
    ),
    st.tuples(
        COUNTS, st.just("month on the"), st.lists(NUMBERED.map(" ".join), min_size=1, max_size=3).map(" and ".join)
    ),
    st.tuples(WEEKDAYS.map(", ".join)),
    st.tuples(COUNTS, st.just("year on"), st.sampled_from(["29 feb", "march 1st", "31 december"])),
)
CLOCK = st.times().map(lambda t: f"{t.hour}:{t.minute:02}") | st.sampled_from(
    ["9am", "12:30 pm", "noon", "9:00 and 18:00"]
)
END = st.sampled_from(["", "", " until 5 march 2041"])
TEXTS = st.tuples(PACED.map(" ".join), CLOCK, END).map(lambda parts: f"{parts[0]} at {parts[1]}{parts[2]}")
NOWS = st.datetimes(local(2009, 1, 1), local(2027, 1, 1), timezones=st.just(UTC))


@settings(deadline=None, max_examples=300)
@given(TEXTS, st.sampled_from(ZONES), NOWS)
def test_words_become_a_rule_and_the_same_words_again(text: str, zone: str, now: datetime) -> None:
    recurrence = read(text, zone, now)
    words = recurrence_in_words(recurrence)
    assert not words.startswith("RRULE")
    again = read(words, zone, now)
    assert recurrence_in_words(again) == words
    assert again.anchor == recurrence.anchor
    first, second = (schedule(each.rule, each.anchor, zone) for each in (recurrence, again))
    assert next_due(first, now, 10) == next_due(second, now, 10)


@settings(deadline=None, max_examples=200)
@given(rules(), st.sampled_from(ZONES), NOWS)
def test_a_rule_becomes_words_that_are_the_same_schedule(rule: str, zone: str, now: datetime) -> None:
    try:
        recurrence = read(rule if "BYHOUR" in rule else f"{rule} 9:00", zone, now)
    except BadInput:  # never due, or over
        return
    words = recurrence_in_words(recurrence)
    again = read(words, zone, now)
    assert recurrence_in_words(again) == words
    first, second = (schedule(each.rule, each.anchor, zone) for each in (recurrence, again))
    assert next_due(first, now, 10) == next_due(second, now, 10)


@given(NOWS, TEXTS)
def test_the_anchor_is_the_first_time_after_now(now: datetime, text: str) -> None:
    recurrence = read(text, BERLIN, now)
    of = schedule(recurrence.rule, recurrence.anchor, BERLIN)
    (first,) = next_due(of, EARLY, 1)
    assert due_between(of, EARLY, first) == (first,)
    assert recurrence.anchor > now.astimezone(of.clock).replace(tzinfo=None)


WORDS = (
    *(
        "every",
        "other",
        "second",
        "first",
        "last",
        "2",
        "3rd",
        "31",
        "day",
        "days",
        "week",
        "month",
        "of",
        "the",
        "year",
    ),
    *(
        "mon",
        "tue-fri",
        "weekdays",
        "9:00",
        "10am",
        "noon",
        "until",
        "2027-01-01",
        "9999-12-31",
        "march",
        "29",
        "at",
        "and",
    ),
    *(
        "FREQ=DAILY",
        "FREQ=MONTHLY;",
        "BYDAY=1MO",
        "RRULE:",
        ";INTERVAL=2",
        ",",
        ".",
        "-",
        ":",
        "99:99",
        "0",
        "٣",
        "²",
        "İ",
    ),
)


@settings(deadline=None, max_examples=500)
@given(st.text(max_size=60) | st.lists(st.sampled_from(WORDS), max_size=10).map(" ".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        recurrence = read(text, BERLIN, NOW)
    except BadInput:
        return
    assert next_due(schedule(recurrence.rule, recurrence.anchor), NOW, 1)


PARTS = (
    *("FREQ=DAILY", "FREQ=YEARLY", "FREQ=HOURLY", "INTERVAL=7", "BYDAY=MO", "BYDAY=5SU,-5SU", "BYMONTH=2", "WKST=SU"),
    *("BYMONTHDAY=30,-31", "BYHOUR=0,23", "BYMINUTE=59", "BYSETPOS=-2", "COUNT=9", "COUNT=١", "UNTIL=99991231"),
    *("UNTIL=00010101T000000Z", "UNTIL=99991231T235959Z", "UNTIL=20280101T000000Z"),
)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(PARTS), max_size=7).map(";".join))
def test_any_rule_is_read_or_refused(text: str) -> None:
    try:
        recurrence = read(f"RRULE:{text} 9:00", "Pacific/Apia", NOW)
    except BadInput:
        return
    assert next_due(schedule(recurrence.rule, recurrence.anchor), NOW, 1)
