"""When rules come due: over clock changes, year ends and leap days, for schedules young and old."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.schedules import QuietDays, Recurrence, Schedule, ScheduleKind
from bot.errors import BadInput
from bot.scheduling.recurrence import due_between, local_times, next_due, settled
from bot.scheduling.rules import Rule
from tests.unit.schedules import EARLY, INSTANTS, at, local, rules, schedule, schedules, slow_due

BERLIN = "Europe/Berlin"
MONDAY = local(2026, 1, 5, 10)
SPAN = st.timedeltas(timedelta(0), timedelta(days=500))


def shown(of: Schedule, after: datetime, count: int) -> list[str]:
    return [f"{due.astimezone(of.clock):%a %Y-%m-%d %H:%M %z}" for due in next_due(of, after, count)]


def dates(of: Schedule, after: datetime, count: int) -> list[str]:
    return [f"{due.astimezone(of.clock):%Y-%m-%d}" for due in next_due(of, after, count)]


@pytest.mark.parametrize(
    ("zone", "clock", "days", "expected"),
    [
        (BERLIN, (2, 30), (2026, 3, 27), ["28 02:30 +0100", "29 03:00 +0200", "30 02:30 +0200"]),
        (BERLIN, (2, 30), (2026, 10, 23), ["24 02:30 +0200", "25 02:30 +0200", "26 02:30 +0100"]),
        ("America/New_York", (2, 30), (2026, 3, 6), ["07 02:30 -0500", "08 03:00 -0400", "09 02:30 -0400"]),
        ("America/New_York", (1, 30), (2026, 10, 30), ["31 01:30 -0400", "01 01:30 -0400", "02 01:30 -0500"]),
        ("Australia/Lord_Howe", (2, 15), (2026, 10, 2), ["03 02:15 +1030", "04 02:30 +1100", "05 02:15 +1100"]),
        ("Australia/Lord_Howe", (1, 45), (2026, 4, 3), ["04 01:45 +1100", "05 01:45 +1100", "06 01:45 +1030"]),
        ("Africa/Casablanca", (2, 30), (2024, 3, 8), ["09 02:30 +0100", "10 02:30 +0100", "11 02:30 +0000"]),
        ("Africa/Casablanca", (2, 30), (2024, 4, 12), ["13 02:30 +0000", "14 03:00 +0100", "15 02:30 +0100"]),
        ("Asia/Kolkata", (2, 30), (2026, 3, 27), ["28 02:30 +0530", "29 02:30 +0530", "30 02:30 +0530"]),
    ],
)
def test_a_daily_time_comes_once_a_day_across_clock_changes(
    zone: str, clock: tuple[int, int], days: tuple[int, int, int], expected: list[str]
) -> None:
    daily = schedule("FREQ=DAILY", local(2020, 1, 1, *clock), zone)
    assert [each[12:] for each in shown(daily, at(zone, *days, 12), 3)] == expected


def test_an_hourly_rule_skips_the_doubled_hour_and_loses_the_skipped_one() -> None:
    hourly = schedule("FREQ=HOURLY", local(2026, 1, 1, 0))
    autumn = shown(hourly, at(BERLIN, 2026, 10, 25, 0, 30), 4)
    assert [each[15:] for each in autumn] == ["01:00 +0200", "02:00 +0200", "03:00 +0100", "04:00 +0100"]
    spring = shown(hourly, at(BERLIN, 2026, 3, 29, 0, 30), 3)
    assert [each[15:] for each in spring] == ["01:00 +0100", "03:00 +0200", "04:00 +0200"]


def test_every_other_monday_counts_from_the_anchor_around_a_years_end() -> None:
    fortnightly = schedule("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", local(2026, 12, 7, 10))
    assert dates(fortnightly, EARLY, 4) == ["2026-12-07", "2026-12-21", "2027-01-04", "2027-01-18"]
    old = schedule("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", local(2010, 1, 4, 10))
    found = next_due(old, at(BERLIN, 2020, 12, 1), 40)
    assert {(due.astimezone(old.clock).date() - date(2010, 1, 4)).days % 14 for due in found} == {0}
    # 2020 has 53 weeks by ISO's count: a rule of even weeks would have two in a row, or a gap of three weeks.
    assert {later - earlier for earlier, later in pairwise(found)} <= {
        timedelta(days=14),
        timedelta(days=14, hours=1),
        timedelta(days=14, hours=-1),
    }


def test_a_week_may_start_on_sunday() -> None:
    """The example of RFC 5545, section 3.8.5.3."""
    long_ago = datetime(1990, 1, 1, tzinfo=UTC)
    for start, expected in (("MO", ["05", "10", "19", "24"]), ("SU", ["05", "17", "19", "31"])):
        rule = f"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST={start}"
        of = schedule(rule, local(1997, 8, 5, 9), "America/New_York", created_at=long_ago)
        assert dates(of, long_ago, 5) == [f"1997-08-{day}" for day in expected]
    sunday = schedule("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU", local(2026, 1, 4, 9))
    assert dates(sunday, EARLY, 4) == ["2026-01-04", "2026-01-06", "2026-01-18", "2026-01-20"]


@pytest.mark.parametrize(
    ("rule", "anchor", "expected"),
    [
        ("FREQ=MONTHLY;BYMONTHDAY=31", (2026, 1, 31), ["2026-01-31", "2026-03-31", "2026-05-31", "2026-07-31"]),
        ("FREQ=MONTHLY", (2026, 1, 31), ["2026-01-31", "2026-03-31", "2026-05-31", "2026-07-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", (2026, 1, 1), ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        ("FREQ=YEARLY", (2024, 2, 29), ["2024-02-29", "2028-02-29", "2032-02-29"]),
        ("FREQ=YEARLY", (2096, 2, 29), ["2096-02-29", "2104-02-29"]),
        ("FREQ=MONTHLY;BYDAY=1MO", (2026, 1, 1), ["2026-01-05", "2026-02-02", "2026-03-02"]),
        ("FREQ=MONTHLY;BYDAY=5FR", (2026, 1, 1), ["2026-01-30", "2026-05-29"]),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", (2026, 1, 1), ["2026-02-13", "2026-03-13", "2026-11-13"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", (2026, 1, 1), ["2026-01-30", "2026-02-27", "2026-03-31"]),
        ("FREQ=WEEKLY;COUNT=2", (2026, 12, 28), ["2026-12-28", "2027-01-04"]),
        ("FREQ=DAILY;INTERVAL=3", (2025, 12, 30), ["2025-12-30", "2026-01-02", "2026-01-05"]),
        ("FREQ=YEARLY;BYDAY=1MO;BYMONTH=9", (2026, 1, 1), ["2026-09-07", "2027-09-06"]),
    ],
)
def test_days_that_are_not_in_every_month_or_year(rule: str, anchor: tuple[int, int, int], expected: list[str]) -> None:
    of = schedule(rule, local(*anchor, 9))
    after = datetime(*anchor, tzinfo=UTC) - timedelta(days=1)
    assert dates(of, after, len(expected)) == expected


def test_a_time_of_day_before_the_anchors_comes_on_later_days() -> None:
    twice = schedule("FREQ=DAILY;BYHOUR=9,18;BYMINUTE=0", local(2026, 1, 5, 18))
    assert [each[4:20] for each in shown(twice, EARLY, 3)] == [
        "2026-01-05 18:00",
        "2026-01-06 09:00",
        "2026-01-06 18:00",
    ]


def test_a_digest_moves_into_a_window_that_opens_after_the_quiet_day() -> None:
    weekend = QuietDays(frozenset({5, 6}))
    digest = schedule("FREQ=WEEKLY;BYDAY=SA", local(2026, 1, 3, 9), kind=ScheduleKind.DIGEST, quiet=weekend)
    assert due_between(digest, at(BERLIN, 2026, 1, 11, 22), at(BERLIN, 2026, 1, 12, 9)) == (at(BERLIN, 2026, 1, 12, 9),)
    prompts = schedule("FREQ=WEEKLY;BYDAY=SA", local(2026, 1, 3, 9), quiet=weekend)
    assert next_due(prompts, EARLY, 1) == ()


def test_a_digest_moves_over_a_day_that_the_calendar_left_out() -> None:
    apia = "Pacific/Apia"  # had no 30 December in 2011
    quiet = QuietDays(dates=frozenset({date(2011, 12, 29), date(2011, 12, 31)}))
    digest = schedule("FREQ=WEEKLY;BYDAY=TH", local(2011, 12, 1, 9), apia, kind=ScheduleKind.DIGEST, quiet=quiet)
    expected = at(apia, 2012, 1, 1, 9)
    assert due_between(digest, at(apia, 2011, 12, 22, 9), expected) == (expected,)
    assert due_between(digest, at(apia, 2011, 12, 31, 12), expected) == (expected,)


def test_a_long_holiday_has_one_digest_behind_it() -> None:
    holiday = QuietDays(dates=frozenset(date(2025, 12, 20) + timedelta(days=n) for n in range(16)))
    digest = schedule("FREQ=WEEKLY;BYDAY=FR", local(2025, 1, 3, 16), kind=ScheduleKind.DIGEST, quiet=holiday)
    assert dates(digest, at(BERLIN, 2025, 12, 15), 3) == ["2025-12-19", "2026-01-05", "2026-01-09"]


def test_a_window_is_open_at_its_start_and_closed_at_its_end() -> None:
    daily = schedule("FREQ=DAILY", MONDAY)
    first, second = at(BERLIN, 2026, 1, 5, 10), at(BERLIN, 2026, 1, 6, 10)
    assert due_between(daily, first, second) == (second,)
    assert due_between(daily, first - timedelta.resolution, first) == (first,)
    assert due_between(daily, second, first) == due_between(daily, first, first) == ()


def test_nothing_is_due_before_the_creation_the_anchor_or_the_end_of_the_pause() -> None:
    made = at(BERLIN, 2026, 1, 7, 10)
    assert dates(schedule("FREQ=DAILY", MONDAY, created_at=made), EARLY, 1) == ["2026-01-08"]
    assert dates(schedule("FREQ=DAILY", MONDAY), EARLY, 1) == ["2026-01-05"]
    assert dates(schedule("FREQ=DAILY", MONDAY, paused_until=made), EARLY, 1) == ["2026-01-07"]
    endless = datetime.max.replace(tzinfo=UTC)
    assert next_due(schedule("FREQ=DAILY", MONDAY, paused_until=endless), EARLY, 1) == ()


def test_instants_need_a_zone() -> None:
    for after, until in ((MONDAY, EARLY), (EARLY, MONDAY)):
        with pytest.raises(ValueError, match="zone"):
            due_between(schedule("FREQ=DAILY", MONDAY), after, until)
    with pytest.raises(ValueError, match="zone"):
        next_due(schedule("FREQ=DAILY", MONDAY), MONDAY, 1)


@pytest.mark.parametrize(
    "rule",
    ["FREQ=HOURLY", "FREQ=DAILY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=YEARLY;BYMONTHDAY=1"],
)
def test_an_old_schedule_is_expanded_from_the_window_on(rule: str) -> None:
    """Two centuries of hours would be 1.7 million steps: dateutil is asked for the window's alone."""
    old = Recurrence(rule, local(1826, 1, 2, 9))
    start = local(2026, 6, 1)
    first = next(iter(local_times(old, start)))
    assert start <= first <= start + timedelta(days=31)


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(schedules(), INSTANTS, SPAN)
def test_due_times_are_those_of_a_walk_from_the_anchor(of: Schedule, after: datetime, span: timedelta) -> None:
    after = min(after, datetime(2026, 1, 1, tzinfo=UTC))
    span = min(span, timedelta(days=60)) if "HOURLY" in of.recurrence.rule else span
    assert list(due_between(of, after, after + span)) == slow_due(of, after, after + span)


@settings(deadline=None, max_examples=300)
@given(schedules(), INSTANTS, SPAN, SPAN)
def test_windows_that_meet_make_up_the_whole(
    of: Schedule, start: datetime, first: timedelta, second: timedelta
) -> None:
    middle, end = start + first, start + first + second
    whole = due_between(of, start, end)
    assert due_between(of, start, middle) + due_between(of, middle, end) == whole
    assert all(earlier < later for earlier, later in pairwise(whole))
    assert all(start < due <= end and due.tzinfo is UTC for due in whole)
    for due in whole:
        assert due > of.created_at
        assert of.paused_until is None or due >= of.paused_until
        assert due.astimezone(of.clock).date() not in of.quiet


@settings(deadline=None)
@given(schedules(), INSTANTS, st.integers(0, 5))
def test_the_next_due_times_are_the_first_of_a_window(of: Schedule, after: datetime, count: int) -> None:
    found = next_due(of, after, count)
    assert len(found) <= count
    if found:
        assert due_between(of, after, found[-1]) == found


@settings(deadline=None)
@given(rules())
def test_a_rules_normal_form_reads_as_itself(text: str) -> None:
    rule = Rule.parse(text)
    assert str(Rule.parse(str(rule))) == str(rule)
    assert Rule.parse(f" rrule:{text.lower()} ") == rule


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("FREQ=SECONDLY", "at most once an hour"),
        ("FREQ=MINUTELY;INTERVAL=60", "at most once an hour"),
        ("FREQ=HOURLY;BYMINUTE=0,30", "more than 24"),
        ("FREQ=DAILY;BYHOUR=9,10,11;BYMINUTE=0,5,10,15,20,25,30,35,40", "more than 24"),
        ("FREQ=DAILY;BYSECOND=30", "whole minutes"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL is a whole number"),
        ("FREQ=DAILY;INTERVAL=99999999999", "INTERVAL is a whole number"),
        ("FREQ=FORTNIGHTLY", "FREQ=WEEKLY"),
        ("BYDAY=MO", "FREQ=WEEKLY"),
        ("FREQ=WEEKLY;BYDAY=MONDAY", "whole number|weekdays as MO"),
        ("FREQ=WEEKLY;BYDAY=", "semicolon"),
        ("FREQ=WEEKLY;BYDAY=1MO", "numbered weekday"),
        ("FREQ=MONTHLY;BYDAY=0MO", "numbered from 1"),
        ("FREQ=MONTHLY;BYDAY=6MO", "at most five"),
        ("FREQ=MONTHLY;BYDAY=1MO,TU", "all weekdays"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "day of the month"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "count from 1"),
        ("FREQ=MONTHLY;BYSETPOS=1", "chooses among"),
        ("FREQ=YEARLY;BYWEEKNO=20", "doesn't read BYWEEKNO"),
        ("FREQ=YEARLY;BYEASTER=0", "doesn't read BYEASTER"),
        ("FREQ=DAILY;FREQ=DAILY", "once"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270101", "either UNTIL or COUNT"),
        ("FREQ=DAILY;UNTIL=20270231", "UNTIL is a date"),
        ("FREQ=DAILY;UNTIL=tomorrow", "UNTIL is a date"),
        ("FREQ=DAILY;UNTIL=00010101T000000Z", "UNTIL is a date"),
        ("FREQ=DAILY;COUNT=1001", "COUNT is a whole number"),
        ("DTSTART:20260101T090000", "semicolon"),
        ("", "semicolon"),
        ("FREQ=DAILY" + ";" * 600, "semicolon"),
    ],
)
def test_rules_that_are_not_for_posts_are_refused_in_one_sentence(rule: str, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        Rule.parse(rule)
    assert caught.value.message.count(". ") == 0


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "No day fits"),
        ("FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30", "No day fits"),
        ("FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29", "No day fits"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", "No day fits"),
        ("FREQ=HOURLY;INTERVAL=2;BYHOUR=9", "No day fits"),
        ("FREQ=DAILY;UNTIL=20260101", "over before"),
        ("FREQ=YEARLY;COUNT=100", "twelve years"),
    ],
)
def test_rules_that_never_come_due_are_refused(rule: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        settled(Rule.parse(rule), MONDAY, BERLIN)


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        ("FREQ=DAILY;COUNT=3", "FREQ=DAILY;UNTIL=20260107"),
        ("FREQ=DAILY;BYHOUR=9,18;BYMINUTE=0;COUNT=2", "FREQ=DAILY;UNTIL=20260106T090000;BYHOUR=9,18;BYMINUTE=0"),
        ("FREQ=DAILY;UNTIL=20260107T085959Z", "FREQ=DAILY;UNTIL=20260106"),
        ("FREQ=DAILY;UNTIL=20260107T090000Z", "FREQ=DAILY;UNTIL=20260107"),
        ("FREQ=DAILY;UNTIL=20260107", "FREQ=DAILY;UNTIL=20260107"),
        ("FREQ=DAILY;UNTIL=99991231T235959Z", "FREQ=DAILY"),
        ("FREQ=HOURLY;COUNT=3", "FREQ=HOURLY;UNTIL=20260105T120000"),
        ("BYSECOND=0;BYDAY=FR,MO,FR;WKST=SU;FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=MO,FR"),
    ],
)
def test_an_end_is_kept_as_a_day_on_the_schedules_clock(rule: str, kept: str) -> None:
    assert settled(Rule.parse(rule), MONDAY, BERLIN) == Recurrence(kept, MONDAY)


def test_a_rule_that_was_not_settled_is_not_expanded() -> None:
    with pytest.raises(BadInput, match="settled"):
        local_times(Recurrence("FREQ=DAILY;COUNT=3", MONDAY), MONDAY)
