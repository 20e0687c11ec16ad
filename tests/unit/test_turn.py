"""The writers' turn: one at a time, in order, and those in a hurry first."""

from __future__ import annotations

import asyncio

import pytest

from bot.storage.turn import Turn


async def test_one_at_a_time_in_order_with_those_in_a_hurry_first() -> None:
    turn, order = Turn(), list[str]()

    async def write(name: str, *, urgent: bool = False) -> None:
        async with turn.hold(urgent=urgent):
            order.append(f"{name} begins")
            await asyncio.sleep(0.001)
            order.append(f"{name} ends")

    tasks = [asyncio.create_task(write("first"))]
    await asyncio.sleep(0)
    tasks += [asyncio.create_task(write(name)) for name in ("a", "b")]
    tasks += [asyncio.create_task(write(name, urgent=True)) for name in ("u", "v")]
    await asyncio.gather(*tasks)
    assert order == [f"{name} {what}" for name in ("first", "u", "v", "a", "b") for what in ("begins", "ends")]


@pytest.mark.parametrize("handed", [False, True])
async def test_who_gives_up_waiting_passes_the_turn_on(handed: bool) -> None:
    turn = Turn()

    async def write() -> str:
        async with turn.hold():
            return "done"

    async with turn.hold():
        gives_up, waits = asyncio.create_task(write()), asyncio.create_task(write())
        await asyncio.sleep(0)
        if not handed:
            gives_up.cancel()
    if handed:  # the turn was just handed over, and isn't taken up any more
        gives_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gives_up
    assert await waits == "done"
    assert await write() == "done"


async def test_a_failure_ends_the_turn() -> None:
    turn = Turn()
    with pytest.raises(ValueError, match="oops"):
        async with turn.hold():
            raise ValueError("oops")
    async with asyncio.timeout(1), turn.hold():
        pass
