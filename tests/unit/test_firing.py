"""What comes due, what of it runs, and that each firing's posts are made once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from bot.core.calendar import Watched
from bot.core.firings import Firing, FiringState
from bot.core.messages import Message, Paragraph
from bot.core.outbox import Composed, PostState
from bot.core.schedules import Grace, Recurrence, Schedule, ScheduleKind
from bot.errors import BadInput, StorageBusy
from bot.scheduling.calendar import LOOK_AHEAD, TOO_LATE, examine
from bot.scheduling.courtesy import Courtesy
from bot.scheduling.engine import Engine, Pace
from bot.scheduling.firing import FiringRules, Runner
from bot.scheduling.sender import Sender
from bot.testing import ManualClock, MemoryStore
from bot.testing.messengers import MemoryMessenger

START = ManualClock().now()
"""Nine in the morning."""

ALL = tuple(PostState)

RULES = FiringRules(lease=60, compose=30, at_once=2, most_tries=3, first_wait=10, longest_wait=40)


def after(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def a_schedule(workspace: str = "w1", kind: ScheduleKind = ScheduleKind.DIGEST, every: int = 24) -> Schedule:
    """`FREQ` is misused: the fake below reads a number of hours."""
    anchor = datetime(2026, 1, 5, 9)  # noqa: DTZ001 (local time)
    return Schedule(workspace, "s1", kind, Recurrence(str(every), anchor), "UTC", "c1", START - timedelta(days=30))


def every_hours(schedule: Schedule, since: datetime, until: datetime) -> Sequence[datetime]:
    step = timedelta(hours=int(schedule.recurrence.rule))
    first = START + ((since - START) // step + 1) * step
    return [first + n * step for n in range(max(0, (until - first) // step + 1))]


class Echo:
    """Composes one post a firing; what it does meanwhile is up to the test."""

    def __init__(self, *failures: Exception) -> None:
        self.composed: list[Firing] = []
        self.failures = list(failures)
        self.gate: asyncio.Event | None = None
        """What a composition waits for that begins now."""
        self.running = self.most_running = 0

    async def compose(self, firing: Firing) -> Sequence[Composed]:
        gate = self.gate
        self.composed.append(firing)
        self.running += 1
        self.most_running = max(self.running, self.most_running)
        await asyncio.sleep(0)
        self.running -= 1
        if gate is not None:
            await gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        words = f"{firing.workspace} at {firing.due_at:%H:%M}, try {len(self.composed)}"
        return [Composed("c1", "digest", Message((Paragraph(words),)))]


class Stage:
    def __init__(self, *failures: Exception, courtesy: Courtesy | None = None) -> None:
        self.clock = ManualClock(START)
        self.store = MemoryStore()
        self.composer = Echo(*failures)
        self.courtesy = courtesy
        self.runner = self.another("a")

    def another(self, name: str) -> Runner:
        return Runner(
            self.store,
            self.composer,
            self.clock,
            name,
            every_hours,
            rules=RULES,
            courtesy=self.courtesy,
            chance=random.Random(1),
        )

    async def at(self, hours: float) -> int:
        self.clock.advance((after(hours) - self.clock.now()).total_seconds())
        return await self.runner.tick(self.clock.now())

    async def begun(self) -> tuple[asyncio.Task[bool], asyncio.Event]:
        """A piece of work whose composer waits for an event."""
        self.composer.gate = gate = asyncio.Event()
        working = asyncio.create_task(self.runner.work_one())
        while not self.composer.composed:  # noqa: ASYNC110
            await asyncio.sleep(0)
        self.composer.gate = None
        return working, gate

    async def posts(self) -> list[tuple[str, PostState]]:
        return [(entry.post.message.text, entry.state) for entry in await self.store.outbox(ALL)]

    async def states(self, workspace: str = "w1") -> list[tuple[datetime, FiringState]]:
        return [(firing.due_at, state) for firing, state, _ in await self.store.firing_states(workspace, "s1")]


# -- looking at a schedule --------------------------------------------------------------------------------------------


def look(schedule: Schedule, known: datetime, now: datetime) -> tuple[datetime | None, list[datetime], datetime]:
    found = examine(Watched(schedule, known), now, every_hours, Grace())
    return found.due, [at for at, _ in found.dropped], found.wake_at


def test_of_what_was_missed_the_newest_runs_if_it_is_not_too_late() -> None:
    prompts = a_schedule(kind=ScheduleKind.PROMPTS, every=4)
    assert look(prompts, after(0), after(13)) == (after(12), [after(4), after(8)], after(16))
    assert look(prompts, after(0), after(7.5)) == (None, [after(4)], after(8))
    assert look(a_schedule(), after(1), after(71)) == (after(48), [after(24)], after(72))
    assert look(a_schedule(), after(1), after(23)) == (None, [], after(24))


def test_what_is_older_than_two_days_is_not_counted() -> None:
    due, dropped, _ = look(a_schedule(every=1), after(0), after(1000))
    assert due == after(1000)
    assert len(dropped) == 47


def test_a_clock_that_was_set_back_fires_nothing_twice() -> None:
    assert look(a_schedule(every=1), after(5), after(3)) == (None, [], after(6))


def test_a_schedule_that_can_not_be_read_does_not_stop_the_others() -> None:
    def unreadable(schedule: Schedule, since: datetime, until: datetime) -> Sequence[datetime]:
        raise BadInput

    found = examine(Watched(a_schedule(), after(0)), after(30), unreadable, Grace())
    assert (found.due, found.wake_at) == (None, after(30) + LOOK_AHEAD)


# -- running ----------------------------------------------------------------------------------------------------------


async def test_a_due_time_makes_its_posts_once() -> None:
    stage = Stage()
    await stage.store.put_schedule(a_schedule(), after(0.5))
    assert [await stage.at(hours) for hours in (1, 23.9, 24, 24.1, 25)] == [0, 0, 1, 0, 0]
    assert await stage.states() == [(after(24), FiringState.DONE)]
    (entry,) = await stage.store.outbox(ALL)
    assert entry.post.firing == Firing("w1", "s1", ScheduleKind.DIGEST, after(24))
    assert entry.post.until == after(24 + 48)


async def test_replicas_that_tick_at_once_make_one_post() -> None:
    stage = Stage()
    for number in range(9):
        await stage.store.put_schedule(a_schedule(f"w{number}"), after(1))
    stage.clock.advance(24 * 3600)
    noted = await asyncio.gather(*(stage.another(name).tick(stage.clock.now()) for name in "abc"))
    assert sum(noted) == 9
    assert len(stage.composer.composed) == len(await stage.posts()) == 9


async def test_no_more_are_composed_at_once_than_may_be() -> None:
    stage = Stage()
    for number in range(20):
        await stage.store.put_schedule(a_schedule(f"w{number}"), after(1))
    assert await stage.at(24) == 20
    assert stage.composer.most_running == 2


async def test_who_lost_the_lease_posts_nothing() -> None:
    stage = Stage()
    await stage.store.put_schedule(a_schedule(), after(1))
    stage.clock.advance(24 * 3600)
    await stage.runner.note(stage.clock.now())
    slow, gate = await stage.begun()
    stage.clock.advance(60)
    assert await stage.another("b").work_one()
    gate.set()
    assert await slow
    assert await stage.posts() == [("w1 at 09:00, try 2", PostState.PENDING)]


async def test_a_composer_that_fails_is_asked_again_and_given_up_in_the_end() -> None:
    stage = Stage(RuntimeError(), RuntimeError())
    await stage.store.put_schedule(a_schedule(), after(1))
    for minutes in range(3):
        await stage.at(24 + minutes / 60)
    assert await stage.posts() == [("w1 at 09:00, try 3", PostState.PENDING)]
    stage.composer.failures = [RuntimeError()] * 3
    for minutes in range(5):
        await stage.at(48 + minutes / 60)
    assert await stage.states() == [(after(24), FiringState.DONE), (after(48), FiringState.FAILED)]


async def test_a_database_that_is_away_does_not_count_as_failure() -> None:
    stage = Stage(*[StorageBusy()] * 5)
    await stage.store.put_schedule(a_schedule(), after(1))
    for minutes in range(7):
        await stage.at(24 + minutes / 60)
    assert await stage.states() == [(after(24), FiringState.DONE)]


async def test_a_firing_that_takes_its_process_down_is_given_up() -> None:
    stage = Stage()
    await stage.store.put_schedule(a_schedule(), after(1))
    stage.clock.advance(24 * 3600)
    await stage.runner.note(stage.clock.now())
    for n in range(3):
        assert await stage.store.lease_firing(f"dead/{n}", stage.clock.now(), 60) is not None
        stage.clock.advance(60)
    assert await stage.runner.work_one()
    assert await stage.states() == [(after(24), FiringState.FAILED)]


async def test_a_firing_that_waited_too_long_is_dropped() -> None:
    stage = Stage(*[RuntimeError()] * 2)
    await stage.store.put_schedule(a_schedule(kind=ScheduleKind.PROMPTS), after(1))
    await stage.at(24)
    await stage.at(24 + 3.1)
    ((_, state, reason),) = await stage.store.firing_states("w1", "s1")
    assert (state, reason) == (FiringState.DROPPED, TOO_LATE)


async def test_never_two_of_a_kind_in_a_row() -> None:
    stage = Stage(RuntimeError())
    await stage.store.put_schedule(a_schedule(every=1), after(0.5))
    await stage.at(1)  # fails, and waits
    stage.clock.advance(-5)
    await stage.at(2)
    assert await stage.states() == [(after(1), FiringState.DROPPED), (after(2), FiringState.DONE)]
    await stage.at(3)  # nobody sends
    assert await stage.posts() == [
        ("w1 at 11:00, try 2", PostState.DROPPED),
        ("w1 at 12:00, try 3", PostState.PENDING),
    ]


async def test_a_schedule_that_is_removed_or_changed_meanwhile_posts_nothing() -> None:
    stage = Stage()
    for workspace in ("w1", "w2"):
        await stage.store.put_schedule(a_schedule(workspace), after(1))
    stage.clock.advance(24 * 3600)
    await stage.runner.note(stage.clock.now())
    await stage.store.put_schedule(a_schedule("w2"), stage.clock.now())
    working, gate = await stage.begun()
    assert await stage.store.remove_schedule("w1", "s1")
    gate.set()
    assert await working
    assert await stage.posts() == []
    assert await stage.states("w2") == [(after(24), FiringState.DROPPED)]


async def test_members_go_first_but_not_for_ever() -> None:
    courtesy = Courtesy(longest=0.02)
    stage = Stage(courtesy=courtesy)
    await stage.store.put_schedule(a_schedule(), after(1))
    stage.clock.advance(24 * 3600)
    await stage.runner.note(stage.clock.now())
    with courtesy.command():
        working = asyncio.create_task(stage.runner.work_one())
        for _ in range(5):
            await asyncio.sleep(0)
        assert stage.composer.composed == []
        assert await working
    assert len(await stage.posts()) == 1


# -- an engine --------------------------------------------------------------------------------------------------------


def an_engine(stage: Stage, messenger: MemoryMessenger) -> Engine:
    sender = Sender(stage.store, messenger, stage.clock, "a")
    return Engine(stage.runner, sender, stage.clock, pace=Pace(tick=0.01, poll=0.005, senders=2))


async def test_an_engine_fires_composes_sends_and_stops() -> None:
    stage = Stage()
    await stage.store.put_schedule(a_schedule(), after(1))
    messenger = MemoryMessenger(stage.clock)
    engine = an_engine(stage, messenger)
    engine.start()
    await asyncio.sleep(0.03)
    assert messenger.posts == []
    stage.clock.advance(24 * 3600)
    async with asyncio.timeout(5):
        while not messenger.posts:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    assert await engine.stop(5)
    assert await stage.posts() == [("w1 at 09:00, try 1", PostState.SENT)]


@pytest.mark.parametrize("stuck", ["composing", "sending"])
async def test_a_clean_stop_hands_back_what_does_not_end(stuck: str) -> None:
    stage = Stage()
    await stage.store.put_schedule(a_schedule(), after(1))
    messenger = MemoryMessenger(stage.clock, script=["hang"])
    if stuck == "composing":
        stage.composer.gate = asyncio.Event()
    engine = an_engine(stage, messenger)
    stage.clock.advance(24 * 3600)
    engine.start()
    async with asyncio.timeout(5):
        while not (messenger.sends or (stage.composer.gate and stage.composer.composed)):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    assert not await engine.stop(0.02)
    if stuck == "composing":
        assert await stage.states() == [(after(24), FiringState.DUE)]
        assert await stage.store.lease_firing("b", stage.clock.now(), 60) is not None
    else:
        ((_, state),) = await stage.posts()
        assert state is PostState.PENDING
        assert await stage.store.lease_post("b", stage.clock.now(), 60) is not None


async def test_an_engine_outlives_a_database_that_is_away() -> None:
    stage = Stage()
    await stage.store.put_schedule(a_schedule(), after(1))
    stage.clock.advance(24 * 3600)
    messenger = MemoryMessenger(stage.clock)
    away = [StorageBusy()] * 3
    lease = stage.store.lease_post

    async def sometimes(*args: object, **kwargs: object) -> object:
        if away:
            raise away.pop()
        return await lease(*args, **kwargs)  # type: ignore[arg-type]

    stage.store.lease_post = sometimes  # type: ignore[assignment, method-assign]
    engine = an_engine(stage, messenger)
    engine.start()
    async with asyncio.timeout(5):
        while not messenger.posts:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    assert await engine.stop(5)
