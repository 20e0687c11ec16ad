"""Schedules that two organisers change at once, on every store."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest

from bot.core.firings import FiringState
from bot.core.ports import Store
from bot.core.schedules import QuietDays, Recurrence, Schedule, ScheduleKind
from tests.integration.values import a_firing, a_schedule, after

FIRST = a_schedule()


async def test_the_first_of_a_place_is_kept_and_a_second_is_not(store: Store) -> None:
    assert await store.change_schedule(None, FIRST, after(1))
    assert not await store.change_schedule(None, a_schedule(zone="UTC"), after(2))
    assert await store.schedule("w1", "s1") == FIRST


async def test_a_schedule_is_changed_in_place_of_what_it_was(store: Store) -> None:
    await store.put_schedule(FIRST, after(0))
    paused = replace(FIRST, paused_until=after(9), created_at=after(1))
    assert await store.change_schedule(FIRST, paused, after(1))
    assert not await store.change_schedule(FIRST, replace(FIRST, zone="UTC"), after(2)), "it is no longer as it was"
    assert await store.change_schedule(paused, FIRST, after(3))
    assert await store.schedules("w1") == [FIRST]


@pytest.mark.parametrize(
    "other",
    [
        replace(FIRST, kind=ScheduleKind.PROMPTS),
        replace(FIRST, recurrence=Recurrence("FREQ=DAILY", FIRST.recurrence.anchor)),
        replace(FIRST, recurrence=Recurrence(FIRST.recurrence.rule, datetime(2026, 2, 27, 17))),  # noqa: DTZ001
        replace(FIRST, zone="UTC"),
        replace(FIRST, channel="c2"),
        replace(FIRST, created_at=after(0.000001)),
        replace(FIRST, quiet=QuietDays()),
        replace(FIRST, paused_until=after(1)),
    ],
)
async def test_any_difference_is_one(store: Store, other: Schedule) -> None:
    await store.put_schedule(FIRST, after(0))
    assert not await store.change_schedule(other, FIRST, after(1))


async def test_what_was_removed_stays_removed(store: Store) -> None:
    await store.put_schedule(FIRST, after(0))
    await store.remove_schedule("w1", "s1")
    assert not await store.change_schedule(FIRST, replace(FIRST, zone="UTC"), after(1))
    assert await store.schedules("w1") == []


async def test_what_is_elsewhere_is_another(store: Store) -> None:
    await store.put_schedule(FIRST, after(0))
    elsewhere = replace(FIRST, workspace="w2")
    assert not await store.change_schedule(elsewhere, elsewhere, after(1))
    assert await store.change_schedule(None, elsewhere, after(1))
    assert await store.change_schedule(None, replace(FIRST, id="s2"), after(1))
    assert await store.schedule("w1", "s1") == FIRST


async def test_a_change_is_looked_at_from_then_on_and_drops_what_was_open(store: Store) -> None:
    await store.put_schedule(FIRST, after(0))
    await store.fire(a_firing(1), after(1))
    changed = replace(FIRST, zone="UTC")
    assert not await store.change_schedule(changed, changed, after(2))
    assert [state for _, state, _ in await store.firing_states("w1", "s1")] == [FiringState.DUE]
    assert await store.change_schedule(FIRST, changed, after(3))
    assert [state for _, state, _ in await store.firing_states("w1", "s1")] == [FiringState.DROPPED]
    assert [(each.schedule, each.checked_until) for each in await store.schedules_to_check(after(4), 9)] == [
        (changed, after(3))
    ]


@pytest.mark.parametrize("was", [None, FIRST])
async def test_of_many_at_once_one_counts(store: Store, was: Schedule | None) -> None:
    if was is not None:
        await store.put_schedule(FIRST, after(0))
    wanted = [replace(FIRST, channel=f"new {number}") for number in range(8)]
    kept = await asyncio.gather(*(store.change_schedule(was, each, after(1)) for each in wanted))
    assert kept.count(True) == 1
    assert await store.schedules("w1") == [wanted[kept.index(True)]]
