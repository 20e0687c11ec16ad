"""What clock changes, quiet days, pauses and lateness do to due times, whatever the rule."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.schedules import (
    MAX_QUIET_DATES,
    Grace,
    Lateness,
    QuietDays,
    Recurrence,
    Schedule,
    ScheduleKind,
    catch_up,
    due_times,
    instant_of,
    late,
)
from bot.errors import BadInput
from tests.unit.schedules import EARLY, ZONES, at, local

PROMPTS, DIGEST = ScheduleKind.PROMPTS, ScheduleKind.DIGEST
BERLIN, LORD_HOWE, HAVANA = "Europe/Berlin", "Australia/Lord_Howe", "America/Havana"


@pytest.mark.parametrize(
    ("zone", "when", "expected"),
    [
        (BERLIN, (2026, 1, 5, 9), "2026-01-05 08:00"),
        (BERLIN, (2026, 7, 6, 9), "2026-07-06 07:00"),
        (BERLIN, (2026, 3, 29, 1, 59), "2026-03-29 00:59"),
        (BERLIN, (2026, 3, 29, 2), "2026-03-29 01:00"),
        (BERLIN, (2026, 3, 29, 2, 30), "2026-03-29 01:00"),
        (BERLIN, (2026, 3, 29, 3), "2026-03-29 01:00"),
        (BERLIN, (2026, 3, 29, 3, 1), "2026-03-29 01:01"),
        (BERLIN, (2026, 10, 25, 2, 30), "2026-10-25 00:30"),
        (BERLIN, (2026, 10, 25, 3), "2026-10-25 02:00"),
        ("America/New_York", (2026, 3, 8, 2, 30), "2026-03-08 07:00"),
        ("America/New_York", (2026, 11, 1, 1, 30), "2026-11-01 05:30"),
        (LORD_HOWE, (2026, 10, 4, 2, 15), "2026-10-03 15:30"),
        (LORD_HOWE, (2026, 10, 4, 2, 30), "2026-10-03 15:30"),
        (LORD_HOWE, (2026, 4, 5, 1, 45), "2026-04-04 14:45"),
        (LORD_HOWE, (2026, 4, 5, 2), "2026-04-04 15:30"),
        ("Africa/Casablanca", (2024, 3, 10, 2, 30), "2024-03-10 01:30"),
        ("Africa/Casablanca", (2024, 3, 11, 9), "2024-03-11 09:00"),
        ("Africa/Casablanca", (2024, 4, 14, 2, 30), "2024-04-14 02:00"),
        ("Africa/Casablanca", (2024, 4, 15, 9), "2024-04-15 08:00"),
        ("Asia/Kolkata", (2026, 3, 29, 2, 30), "2026-03-28 21:00"),
        (HAVANA, (2026, 3, 8, 0, 30), "2026-03-08 05:00"),
        ("Pacific/Apia", (2011, 12, 30, 9), "2011-12-30 10:00"),
    ],
)
def test_a_skipped_time_is_the_end_of_the_gap_and_a_doubled_one_its_first(
    zone: str, when: tuple[int, ...], expected: str
) -> None:
    instant = instant_of(local(*when), ZoneInfo(zone))
    assert f"{instant:%Y-%m-%d %H:%M}" == expected
    assert instant.tzinfo is UTC


@given(
    st.sampled_from(ZONES),
    st.datetimes(local(2005, 1, 1), local(2030, 1, 1)),
    st.timedeltas(timedelta(0), timedelta(hours=30)),
)
def test_later_local_times_are_never_earlier_instants(zone: str, shown: datetime, further: timedelta) -> None:
    clock = ZoneInfo(zone)
    instant = instant_of(shown, clock)
    assert instant <= instant_of(shown + further, clock)
    at_once = instant.astimezone(clock).replace(tzinfo=None, fold=0)
    before = (instant - timedelta.resolution).astimezone(clock).replace(tzinfo=None, fold=0)
    assert before < shown <= at_once


def due(of: Schedule, *local_times: datetime, after: datetime = EARLY) -> list[str]:
    far = datetime(2100, 1, 1, tzinfo=UTC)
    return [f"{each.astimezone(of.clock):%a %d %b %H:%M}" for each in due_times(of, local_times, after, far)]


def make(kind: ScheduleKind, quiet: QuietDays | None = None, paused_until: datetime | None = None) -> Schedule:
    recurrence = Recurrence("FREQ=DAILY", local(2026, 1, 1, 9))
    return Schedule("w1", "s1", kind, recurrence, BERLIN, "c1", EARLY, quiet or QuietDays(), paused_until)


FRIDAY, SATURDAY, SUNDAY, MONDAY = (local(2026, 1, day, 9) for day in (9, 10, 11, 12))
WEEKEND = QuietDays(frozenset({5, 6}))


def test_prompts_are_dropped_on_quiet_days() -> None:
    assert due(make(PROMPTS, WEEKEND), FRIDAY, SATURDAY, SUNDAY, MONDAY) == ["Fri 09 Jan 09:00", "Mon 12 Jan 09:00"]


def test_a_digest_moves_to_the_next_day_that_is_not_quiet() -> None:
    assert due(make(DIGEST, WEEKEND), SATURDAY) == ["Mon 12 Jan 09:00"]
    holidays = QuietDays(frozenset({5, 6}), frozenset({date(2026, 1, 9), date(2026, 1, 12)}))
    assert due(make(DIGEST, holidays), FRIDAY) == ["Tue 13 Jan 09:00"]


def test_digests_that_move_onto_one_time_are_one() -> None:
    assert due(make(DIGEST, WEEKEND), FRIDAY, SATURDAY, SUNDAY, MONDAY) == ["Fri 09 Jan 09:00", "Mon 12 Jan 09:00"]


def test_what_is_moved_past_a_later_time_comes_after_it() -> None:
    evening = SATURDAY.replace(hour=18)
    assert due(make(DIGEST, WEEKEND), evening, MONDAY) == ["Mon 12 Jan 09:00", "Mon 12 Jan 18:00"]


def test_a_pause_drops_what_lies_before_its_end() -> None:
    end = at(BERLIN, 2026, 1, 11, 9)
    assert due(make(PROMPTS, paused_until=end), FRIDAY, SATURDAY, SUNDAY, MONDAY) == [
        "Sun 11 Jan 09:00",
        "Mon 12 Jan 09:00",
    ]
    assert due(make(DIGEST, WEEKEND, paused_until=end), SATURDAY) == ["Mon 12 Jan 09:00"]


def test_a_group_keeps_a_day_to_post_on() -> None:
    with pytest.raises(BadInput, match="no day of the week"):
        QuietDays(frozenset(range(7)))
    with pytest.raises(BadInput, match="quiet dates"):
        QuietDays(dates=frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(MAX_QUIET_DATES + 1)))
    with pytest.raises(ValueError, match="weekdays"):
        QuietDays(frozenset({7}))


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "", "../etc", "Europe", "a\0b"])
def test_a_schedule_is_in_a_place(zone: str) -> None:
    with pytest.raises(BadInput, match="time zone"):
        Schedule("w1", "s1", DIGEST, Recurrence("FREQ=DAILY", FRIDAY), zone, "c1", EARLY)


def test_instants_have_zones_and_anchors_none() -> None:
    with pytest.raises(ValueError, match="zone"):
        Schedule("w1", "s1", DIGEST, Recurrence("FREQ=DAILY", FRIDAY), BERLIN, "c1", local(2026, 1, 1))
    for anchor in (EARLY, FRIDAY.replace(second=1)):
        with pytest.raises(ValueError, match="whole minute"):
            Recurrence("FREQ=DAILY", anchor)


# -- what was missed --------------------------------------------------------------------------------------------------

NOW = datetime(2026, 1, 12, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("kind", "behind", "expected"),
    [
        (PROMPTS, 0 * HOUR, Lateness.RUN),
        (PROMPTS, 3 * HOUR, Lateness.RUN),
        (PROMPTS, 3 * HOUR + timedelta.resolution, Lateness.DROP),
        (PROMPTS, -HOUR, Lateness.RUN),
        (DIGEST, 48 * HOUR, Lateness.RUN),
        (DIGEST, 49 * HOUR, Lateness.DROP),
    ],
)
def test_a_kind_runs_within_its_grace(kind: ScheduleKind, behind: timedelta, expected: Lateness) -> None:
    assert late(kind, NOW - behind, NOW, Grace()) is expected


def test_the_grace_can_be_set() -> None:
    assert late(PROMPTS, NOW - HOUR, NOW, Grace(prompts=timedelta(minutes=30))) is Lateness.DROP
    assert late(DIGEST, NOW - 72 * HOUR, NOW, Grace(digest=timedelta(days=7))) is Lateness.RUN


def test_only_the_newest_of_a_kind_is_caught_up() -> None:
    missed = [(PROMPTS, NOW - n * HOUR) for n in (1, 2, 26)] + [(DIGEST, NOW - n * HOUR) for n in (190, 22)]
    assert catch_up(missed, NOW, Grace()) == {PROMPTS: NOW - HOUR, DIGEST: NOW - 22 * HOUR}
    assert catch_up([(PROMPTS, NOW - 4 * HOUR), (PROMPTS, NOW - 28 * HOUR)], NOW, Grace()) == {}
    assert catch_up([], NOW, Grace()) == {}


@given(st.lists(st.tuples(st.sampled_from(ScheduleKind), st.integers(0, 500).map(lambda n: NOW - n * HOUR))))
def test_what_is_caught_up_is_the_newest_and_in_time(missed: list[tuple[ScheduleKind, datetime]]) -> None:
    found = catch_up(missed, NOW, Grace())
    for kind in ScheduleKind:
        times = [due_at for each, due_at in missed if each is kind]
        if kind in found:
            assert found[kind] == max(times)
            assert late(kind, found[kind], NOW, Grace()) is Lateness.RUN
        else:
            assert all(late(kind, due_at, NOW, Grace()) is Lateness.DROP for due_at in times)
