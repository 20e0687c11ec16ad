"""Turns at writing: in order, the urgent first, and nobody waits for ever."""

from __future__ import annotations

import asyncio

from bot.storage.turns import Turns


async def order(wanted: list[bool], turns: Turns) -> list[int]:
    """In which order those who ask while the lock is held have their turn, by number; True is urgent."""
    done: list[int] = []

    async def one(number: int, *, urgent: bool) -> None:
        async with turns.turn(urgent=urgent):
            done.append(number)
            await asyncio.sleep(0)

    async with turns.turn():
        tasks = [asyncio.create_task(one(n, urgent=urgent)) for n, urgent in enumerate(wanted)]
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    return done


async def test_the_urgent_come_first_every_other_turn() -> None:
    turns = Turns()
    assert await order([False, False, False], turns) == [0, 1, 2]
    assert await order([False, False, True, True, False], turns) == [2, 0, 3, 1, 4]
    assert await order([True, True], turns) == [0, 1]


async def test_whoever_gives_up_holds_nobody_up() -> None:
    turns = Turns()
    done: list[str] = []

    async def one(name: str) -> None:
        async with turns.turn():
            done.append(name)

    async with turns.turn():
        tasks = [asyncio.create_task(one(name)) for name in "abc"]
        await asyncio.sleep(0)
        tasks[0].cancel()
    tasks[1].cancel()  # its turn has come, and it has not run yet
    await asyncio.gather(*tasks, return_exceptions=True)
    assert done[-1] == "c"
    assert "a" not in done
    async with asyncio.timeout(1), turns.turn():
        done.append("free")


async def test_one_at_a_time() -> None:
    turns, inside, most = Turns(), 0, 0

    async def one(*, urgent: bool) -> None:
        nonlocal inside, most
        async with turns.turn(urgent=urgent):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(one(urgent=n % 3 == 0) for n in range(60)))
    assert (inside, most) == (0, 1)
