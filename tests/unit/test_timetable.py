"""Schedules set, listed, paused, quiet, run and removed, by way of commands."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from bot.core.firings import FiringState
from bot.core.inbox import Inbox
from bot.core.messages import Finished, Message
from bot.core.schedules import Schedule, ScheduleKind
from bot.core.timetable import schedule_id
from bot.testing import ManualClock
from tests.unit.group import Group
from tests.unit.stores import meanwhile, slow_store

BERLIN = "Europe/Berlin"
"""The clock stands at Monday 5 January 2026, 9:00 UTC."""


@pytest.fixture
def group() -> Group:
    return Group()


@pytest.fixture
def slow() -> Group:
    return Group(slow_store())


async def told(group: Group, text: str, member: str = "olga", channel: str = "general") -> list[str]:
    return (await group.say(f"/crux schedule {text}", member, channel)).text.split("\n")


async def kept(group: Group, kind: str = "prompts", channel: str = "general") -> Schedule | None:
    return await group.store.schedule("w", schedule_id(channel, ScheduleKind(kind)))


async def firings(group: Group, kind: str = "prompts") -> list[tuple[datetime, FiringState]]:
    found = await group.store.firing_states("w", schedule_id("general", ScheduleKind(kind)))
    return [(firing.due_at, state) for firing, state, _ in found]


# -- set --------------------------------------------------------------------------------------------------------------


async def test_a_schedule_is_confirmed_in_plain_words_with_the_next_three_times(group: Group) -> None:
    answer = await group.say(f"/crux schedule prompts weekdays 9:00 in {BERLIN} quiet fri, 6 january", "olga")
    assert not answer.private
    assert answer.text.split("\n") == [
        "Prompts for this channel: every weekday at 9:00, Europe/Berlin.",
        "Quiet days: Friday and 6 January 2026; a prompt that falls on one is dropped.",
        "The next times:",
        "Wednesday 7 January 2026 at 9:00",
        "Thursday 8 January 2026 at 9:00",
        "Monday 12 January 2026 at 9:00",
    ]
    assert answer.notes == ("It is about the channel's topic, “Small”; `/crux topic` chooses another.",)


@pytest.mark.parametrize(
    ("text", "words", "first"),
    [
        ("digest fri 16:00", "The digest for this channel: every Friday at 16:00, UTC.", "Friday 9"),
        ("digest every other monday 10:00", "every other Monday at 10:00, UTC.", "Monday 5"),
        ("prompts RRULE:FREQ=WEEKLY;BYDAY=FR 16:00", "Prompts for this channel: every Friday at 16:00", "Friday 9"),
        ("PROMPT Weekdays at 9am in utc", "every weekday at 9:00, UTC.", "Tuesday 6"),
        ("prompts in europe/berlin weekdays 10:30", "every weekday at 10:30, Europe/Berlin.", "Monday 5"),
        ("prompts weekdays 10:30 in America/New York", "every weekday at 10:30, America/New_York.", "Monday 5"),
        ("prompts weekdays in Europe/Berlin at 9:00 quiet mon", "every weekday at 9:00, Europe/Berlin.", "Tuesday 6"),
        ("prompts daily 9:00 quiet sat, sun in Asia/Tokyo", "every day at 9:00, Asia/Tokyo.", "Tuesday 6"),
        (
            "prompts 10:00 on the last friday in every month",
            "every month on the last Friday at 10:00, UTC.",
            "Friday 30",
        ),
    ],
)
async def test_when_and_where_are_read_as_people_type_them(group: Group, text: str, words: str, first: str) -> None:
    lines = await told(group, text)
    assert words in lines[0]
    assert first in lines[lines.index("The next times:") + 1]


@pytest.mark.parametrize(
    ("at", "text", "times"),
    [
        (
            datetime(2026, 3, 27, 9, tzinfo=UTC),
            "daily 2:30",
            ["28 March 2026 at 2:30", "29 March 2026 at 3:00", "30 March 2026 at 2:30"],
        ),
        (
            datetime(2026, 10, 24, 9, tzinfo=UTC),
            "daily 2:30",
            ["25 October 2026 at 2:30", "26 October 2026 at 2:30", "27 October 2026 at 2:30"],
        ),
        (
            datetime(2026, 3, 20, 9, tzinfo=UTC),
            "fri 16:00",
            ["20 March 2026 at 16:00", "27 March 2026 at 16:00", "3 April 2026 at 16:00"],
        ),
    ],
)
async def test_next_times_are_on_the_channel_s_clock_across_clock_changes(
    group: Group, at: datetime, text: str, times: list[str]
) -> None:
    group.clock.advance((at - group.clock.now()).total_seconds())
    lines = await told(group, f"prompts {text} in {BERLIN}")
    assert [line.split(" ", 1)[1] for line in lines[-3:]] == times


async def test_a_second_of_a_kind_replaces_the_first_and_says_so(group: Group) -> None:
    await told(group, f"prompts weekdays 9:00 in {BERLIN} quiet 25 december")
    await told(group, "digest fri 16:00")
    lines = await told(group, "prompts daily 18:00", "otto")
    assert lines[0] == (
        "Prompts for this channel: every day at 18:00, Europe/Berlin. "
        "In place of: every weekday at 9:00, Europe/Berlin."
    )
    assert lines[1].startswith("Quiet days: 25 December 2026"), "what isn't named stays"
    assert len(await group.store.schedules("w")) == 2


async def test_quiet_days_and_zone_of_a_replacement_are_those_that_it_names(group: Group) -> None:
    await told(group, f"prompts weekdays 9:00 in {BERLIN} quiet 25 december")
    await told(group, "pause prompts until 1 february")
    lines = await told(group, "prompts weekdays 9:00 in America/New_York quiet none")
    assert "Quiet" not in "".join(lines)
    assert "Paused until 1 February 2026;" in lines[1]
    assert "Monday 2 February 2026 at 9:00" in lines
    schedule = await kept(group)
    assert schedule is not None
    assert schedule.paused_until == datetime(2026, 2, 1, 5, tzinfo=UTC), "the day begins on the new clock"


async def test_the_channel_s_zone_is_that_of_its_schedules_and_the_setting_s_before(group: Group) -> None:
    assert "UTC" in (await told(group, "prompts weekdays 9:00", channel="other"))[0]
    await told(group, f"prompts weekdays 9:00 in {BERLIN}")
    assert "Europe/Berlin" in (await told(group, "digest fri 16:00"))[0]
    assert "UTC" in (await told(group, "digest fri 16:00", channel="other"))[0]


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("prompts", "Say when, as in `/crux schedule prompts weekdays 9:00"),
        ("digest in Europe/Berlin", "Say when, as in `/crux schedule digest fri 16:00"),
        ("weekdays 9:00", "Say prompts or digest and when"),
        ("list all", "Say prompts or digest and when"),
        ("prompts weekdays", "at what time of day"),
        ("prompts whenever", "say it like `weekdays 9:00`"),
        ("prompts weekdays 9:00 in Berlin", "did you mean Europe/Berlin?"),
        ("prompts weekdays 9:00 in Berlin quiet sat", "did you mean Europe/Berlin?"),
        ("prompts weekdays 9:00 in UTC+2", "An offset doesn't say"),
        ("prompts weekdays 9:00 in CET", "as in Europe/Berlin"),
        ("prompts weekdays 9:00 quiet", "Name the quiet days"),
        ("prompts weekdays 9:00 quiet in Europe/Berlin", "Name the quiet days"),
        ("prompts weekdays 9:00 quiet often", "say them like `sat, sun, 25 december`"),
        ("prompts sat 9:00 quiet sat", "That would leave no time to post at"),
        ("prompts RRULE:FREQ=MINUTELY 9:00", "at most once an hour"),
        ("pause", "Say which, prompts or digest"),
        ("pause replies until monday", "Say which, prompts or digest"),
        ("pause prompts", "Say until which day"),
        ("pause prompts until", "Say until which day"),
        ("pause prompts until soon", "like `1 september`"),
        ("pause prompts until 1 january 2026", "is not to come"),
        ("pause prompts until 1 january 2030", "A pause lasts up to two years"),
        ("quiet prompts", "Name the days"),
        ("quiet prompts sometimes", "say them like"),
        ("quiet prompts mon-sun", "no day of the week"),
        ("quiet prompts weekdays", "That would leave no time to post at"),
        ("remove prompts tomorrow", "Nothing follows it"),
        ("run prompts at 9:00", "Nothing follows it"),
        ("pause digest until friday", "This channel has no schedule for the digest"),
        ("resume digest", "This channel has no schedule for the digest"),
        ("quiet digest sat", "This channel has no schedule for the digest"),
        ("remove digest", "This channel has no schedule for the digest"),
        ("run digest", "This channel has no schedule for the digest"),
    ],
)
async def test_bad_input_gets_one_sentence_and_nothing_is_lost(group: Group, text: str, advice: str) -> None:
    await told(group, f"prompts weekdays 9:00 in {BERLIN} quiet 25 december")
    before = await group.store.schedules("w")
    answer = await group.say(f"/crux schedule {text}", "olga")
    assert answer.private
    assert advice in answer.text
    assert "\n" not in answer.text
    assert await group.store.schedules("w") == before
    assert await firings(group) == []


CHANGES = (
    *("prompts daily 9:00", "pause prompts until friday", "resume prompts", "quiet prompts sat"),
    *("remove prompts", "run prompts"),
)


@pytest.mark.parametrize("text", CHANGES)
async def test_only_organisers_change_schedules(group: Group, text: str) -> None:
    await told(group, "prompts weekdays 9:00")
    before = await group.store.schedules("w")
    answer = await group.say(f"/crux schedule {text}", "ann")
    assert answer.private
    assert answer.text.startswith("Only organisers ")
    assert await group.store.schedules("w") == before
    assert await firings(group) == []


# -- listed -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["/crux schedule", "/crux schedule list", "/schedule"])
async def test_anybody_may_list_what_is_posted_when_with_the_next_times(group: Group, text: str) -> None:
    assert "Nothing is scheduled here" in (await group.say(text)).text
    await told(group, "digest fri 16:00 quiet sat", channel="alpha")
    await told(group, f"prompts weekdays 9:00 in {BERLIN}")
    await told(group, "pause prompts until 12 january")
    answer = await group.say(text)
    assert answer.private
    assert answer.text.split("\n") == [
        "What is posted when:",
        "Prompts in this channel: every weekday at 9:00, Europe/Berlin; paused until 12 January 2026.",
        "Next: Monday 12 January 2026 at 9:00; Tuesday 13 January 2026 at 9:00; Wednesday 14 January 2026 at 9:00.",
        "The digest in alpha: every Friday at 16:00, UTC; quiet: Saturday.",
        "Next: Friday 9 January 2026 at 16:00; Friday 16 January 2026 at 16:00; Friday 23 January 2026 at 16:00.",
    ]
    assert answer.channels == ("alpha",), "a platform names it as its members do"


async def test_nothing_crosses_workspaces(group: Group) -> None:
    await told(group, "prompts weekdays 9:00")
    for text in ("/crux schedule", "/crux schedule remove prompts", "/crux schedule run prompts"):
        request = group.request(text, "olga", workspace="v")
        last = (await group.events(request))[-1]
        assert isinstance(last, Finished)
        assert "weekday at" not in last.message.text
    assert await kept(group) is not None
    assert await firings(group) == []


async def test_a_schedule_that_has_ended_says_so(group: Group) -> None:
    await told(group, "prompts daily 10:00 until 6 january 2026")
    group.clock.advance(7 * 86_400)
    assert "It has ended." in (await group.say("/crux schedule")).text


async def test_a_list_that_is_cut_off_says_so(group: Group) -> None:
    for number in range(31):
        await told(group, "prompts daily 10:00", channel=f"c{number:02}")
    answer = await group.say("/crux schedule", channel="c30")
    assert answer.text.count("Prompts in") == 30
    assert "Prompts in this channel" in answer.text
    assert answer.notes == ("Not listed here: 1 more; a channel lists its own first.",)


# -- pauses and quiet days --------------------------------------------------------------------------------------------


async def test_a_pause_ends_with_the_beginning_of_its_day_on_the_channel_s_clock(group: Group) -> None:
    await told(group, "prompts weekdays 0:00 in Asia/Tokyo")
    lines = await told(group, "pause prompts until 8 january")
    assert "Paused until 8 January 2026; `/crux schedule resume prompts` ends the pause." in lines
    assert "Thursday 8 January 2026 at 0:00" in lines
    lines = await told(group, "pause prompts 13 january")
    assert "Tuesday 13 January 2026 at 0:00" in lines
    assert "Paused" not in "".join(await told(group, "resume prompts"))


async def test_to_resume_what_isn_t_paused_or_is_over_changes_nothing(group: Group) -> None:
    await told(group, "prompts weekdays 9:00")
    await told(group, "pause prompts until tomorrow")
    paused = await kept(group)
    group.clock.advance(86_400)
    assert (await told(group, "resume prompts"))[0] == "Prompts for this channel: every weekday at 9:00, UTC."
    assert await kept(group) == paused


async def test_quiet_days_take_the_place_of_those_before(group: Group) -> None:
    await told(group, "digest fri 16:00 quiet 9 january")
    lines = await told(group, "quiet digest weekends, 16 january to 18 january")
    assert lines[1] == (
        "Quiet days: Saturday, Sunday and 16 January 2026 to 18 January 2026; a digest that falls on one comes the day "
        "after."
    )
    assert lines[3:] == [
        "Friday 9 January 2026 at 16:00",
        "Monday 19 January 2026 at 16:00",
        "Friday 23 January 2026 at 16:00",
    ]
    assert "Quiet" not in "".join(await told(group, "quiet digest none"))


async def test_what_is_removed_is_told_in_words_that_set_it_again(group: Group) -> None:
    await told(group, "prompts weekdays 9:00")
    answer = await group.say("/crux schedule remove prompts", "olga")
    assert not answer.private
    assert answer.text == "Prompts for this channel: no longer scheduled. It was: every weekday at 9:00, UTC."
    assert await kept(group) is None


# -- run now ----------------------------------------------------------------------------------------------------------


async def test_a_run_now_is_one_firing_that_any_process_takes_up(group: Group) -> None:
    await told(group, "prompts weekdays 9:00")
    group.clock.advance(3_630)
    before = await kept(group)
    answer = await group.say("/crux schedule run prompts", "olga")
    assert answer.private
    assert answer.text == "A prompt is due in this channel now. The schedule goes on as before."
    assert await firings(group) == [(datetime(2026, 1, 5, 10, tzinfo=UTC), FiringState.DUE)]
    assert await kept(group) == before
    firing = await group.store.lease_firing("one", group.clock.now(), 60)
    assert firing is not None
    assert firing.kind is ScheduleKind.PROMPTS
    assert await group.store.lease_firing("two", group.clock.now(), 60) is None


async def test_a_paused_schedule_can_be_run_too(group: Group) -> None:
    await told(group, "digest fri 16:00")
    await told(group, "pause digest until friday")
    assert await told(group, "run digest now") == [
        "A digest is due in this channel now. The schedule goes on as before."
    ]


async def test_no_second_one_is_added_while_one_is_to_be_posted_or_was_just_now(group: Group) -> None:
    await told(group, "prompts weekdays 9:00")
    await told(group, "run prompts")
    assert "already and still to be posted" in (await told(group, "run prompts", "otto"))[0]
    group.clock.advance(90)
    assert "already and still to be posted" in (await told(group, "run prompts", "otto"))[0]
    assert len(await firings(group)) == 1
    firing = await group.store.lease_firing("one", group.clock.now(), 60)
    assert firing is not None
    assert await group.store.finish_firing(firing, "one", [], group.clock.now())
    await told(group, "run prompts")
    firing = await group.store.lease_firing("two", group.clock.now(), 60)
    assert firing is not None
    assert await group.store.finish_firing(firing, "two", [], group.clock.now())
    assert "within this minute" in (await told(group, "run prompts"))[0]
    assert len(await firings(group)) == 2


async def test_two_who_run_it_at_once_get_one(slow: Group) -> None:
    await told(slow, "prompts weekdays 9:00")
    answers = await asyncio.gather(told(slow, "run prompts"), told(slow, "run prompts", "otto"))
    assert len(await firings(slow)) == 1
    assert sorted("still to be posted" in answer[0] for answer in answers) == [False, True]


async def test_what_came_to_nothing_can_be_run_in_the_next_minute(group: Group) -> None:
    await told(group, "prompts weekdays 9:00")
    group.clock.advance(60)
    await told(group, "run prompts")
    firing = await group.store.lease_firing("one", group.clock.now(), 60)
    assert firing is not None
    await group.store.leave_firing(firing, "one", FiringState.FAILED, "it broke", group.clock.now())
    assert "in a minute again" in (await told(group, "run prompts"))[0]
    group.clock.advance(60)
    assert "is due in this channel now" in (await told(group, "run prompts"))[0]


async def test_what_is_removed_while_it_is_run_is_not_posted(slow: Group) -> None:
    await told(slow, "prompts weekdays 9:00")
    meanwhile(slow.store, "fire", lambda: slow.say("/crux schedule remove prompts", "otto"))
    assert "no schedule for prompts" in (await told(slow, "run prompts"))[0]
    assert await firings(slow) == []


async def test_a_schedule_made_anew_within_the_minute_has_firings_of_its_own(group: Group) -> None:
    await told(group, "prompts weekdays 9:00")
    await told(group, "run prompts")
    group.clock.advance(5)
    await told(group, "remove prompts")
    await told(group, "prompts weekdays 9:00")
    await told(group, "run prompts")
    assert await firings(group) == [(group.clock.now(), FiringState.DUE)]


# -- tried again ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", CHANGES[:4])
async def test_a_change_that_is_tried_again_is_done_once_and_told(group: Group, text: str) -> None:
    await told(group, "prompts weekdays 9:00")
    group.clock.advance(1)
    if text.startswith("resume"):
        await told(group, "pause prompts until friday")
        group.clock.advance(1)
    await group.dies(f"/crux schedule {text}", "olga")
    done = await kept(group)
    answer = await group.retried()
    assert answer.text.startswith("Prompts for this channel: every ")
    assert await kept(group) == done


@pytest.mark.parametrize("text", CHANGES[:4])
async def test_a_change_that_is_tried_again_after_a_later_one_leaves_that_and_tells_it(group: Group, text: str) -> None:
    await told(group, "prompts weekdays 9:00")
    await group.dies(f"/crux schedule {text}", "olga")
    group.clock.advance(1)
    await told(group, "prompts sun 12:00 quiet mon", "otto")
    await told(group, "pause prompts until 1 february", "otto")
    later = await kept(group)
    assert "every Sunday at 12:00" in (await group.retried()).text
    assert await kept(group) == later


async def test_a_removal_that_is_tried_again_is_told(group: Group) -> None:
    await told(group, "prompts weekdays 9:00")
    await group.dies("/crux schedule remove prompts", "olga")
    assert (await group.retried()).text == "Prompts for this channel: not scheduled any longer."


async def test_a_removal_that_is_tried_again_leaves_what_was_made_since(group: Group) -> None:
    await told(group, "prompts weekdays 9:00")
    await group.dies("/crux schedule remove prompts", "olga")
    group.clock.advance(1)
    await told(group, "prompts daily 12:00", "otto")
    assert "every day at 12:00" in (await group.retried()).text
    assert await kept(group) is not None


@pytest.mark.parametrize("posted", [False, True])
async def test_a_run_that_is_tried_again_is_one(group: Group, posted: bool) -> None:
    await told(group, "prompts weekdays 9:00")
    group.clock.advance(45)
    await group.dies("/crux schedule run prompts", "olga")
    if posted:
        firing = await group.store.lease_firing("one", group.clock.now(), 60)
        assert firing is not None
        assert await group.store.finish_firing(firing, "one", [], group.clock.now())
    assert "is due in this channel now" in (await group.retried()).text
    assert len(await firings(group)) == 1


async def test_a_run_that_is_tried_again_after_a_change_is_not_done_twice(group: Group) -> None:
    await told(group, "prompts weekdays 9:00")
    await group.dies("/crux schedule run prompts", "olga")
    group.clock.advance(1)
    await told(group, "quiet prompts fri", "otto")
    assert "if none was posted" in (await group.retried()).text
    assert len(await firings(group)) == 1


# -- two at once ------------------------------------------------------------------------------------------------------


async def test_of_two_changes_at_once_both_hold_where_they_can(slow: Group) -> None:
    await told(slow, "prompts weekdays 9:00")
    await asyncio.gather(told(slow, "pause prompts until friday"), told(slow, "quiet prompts mon", "otto"))
    text = (await slow.say("/crux schedule")).text
    assert "quiet: Monday; paused until 9 January 2026" in text


async def test_of_two_schedules_set_at_once_the_last_holds_and_says_what_it_replaced(slow: Group) -> None:
    first, second = await asyncio.gather(told(slow, "prompts mon 9:00"), told(slow, "prompts tue 9:00", "otto"))
    last = second if "In place of" in second[0] else first
    schedule = await kept(slow)
    assert schedule is not None
    assert ("MO" in schedule.recurrence.rule) == ("every Monday at 9:00, UTC. In place of" in last[0])
    assert ("In place of" in first[0]) != ("In place of" in second[0])


async def test_a_change_of_what_is_removed_meanwhile_does_not_bring_it_back(slow: Group) -> None:
    await told(slow, "prompts weekdays 9:00")
    meanwhile(slow.store, "change_schedule", lambda: slow.say("/crux schedule remove prompts", "otto"))
    assert "no schedule for prompts" in (await told(slow, "pause prompts until friday"))[0]
    assert await kept(slow) is None


async def test_whoever_comes_late_every_time_is_told_to_say_it_again(slow: Group) -> None:
    await told(slow, "prompts weekdays 9:00")
    hours = iter(range(10, 24))

    async def change() -> Message:
        return await slow.say(f"/crux schedule prompts weekdays {next(hours)}:00", "otto")

    real = slow.store.change_schedule
    busy = False

    async def beaten(was: Schedule | None, schedule: Schedule, at: datetime) -> bool:
        nonlocal busy
        if not busy:
            busy = True
            await change()
            busy = False
        return await real(was, schedule, at)

    object.__setattr__(slow.store, "change_schedule", beaten)
    assert "say it again in a moment" in (await told(slow, "quiet prompts fri"))[0]


async def test_a_request_that_waited_in_the_queue_counts_from_when_it_came(group: Group) -> None:
    request = group.request("/crux schedule prompts weekdays 9:00", "olga")
    assert await group.store.receive(request)
    group.clock.advance(86_400)
    done = await Inbox(group.store, group.debate, group.clock, "late", 60).work_one()
    assert done is not None
    assert "Wednesday 7 January 2026 at 9:00" in done[1].text
    schedule = await kept(group)
    assert schedule is not None
    assert schedule.created_at == ManualClock().now()
