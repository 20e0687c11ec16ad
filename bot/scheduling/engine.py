"""Keeps the calendar going in one process: a clock that wakes, composers, senders, and a clean stop.

The clock is a sleep. DESIGN has APScheduler "in memory on every replica" for this, to wake and nothing else. What it
would wake for is one indexed query every few seconds, whose answer alone says what is due; a late or doubled waking
changes nothing. So an `asyncio` timer does the same in three lines, and misfire grace, job stores and time zones, which
would all have to be switched off, are not there to be got wrong.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import TypeVar

from bot.core.patience import back_off
from bot.core.ports import Clock
from bot.errors import StorageError
from bot.scheduling.firing import Runner
from bot.scheduling.sender import Sender

log = logging.getLogger(__name__)


Work = TypeVar("Work")
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Pace:
    """How often an engine looks for work, in seconds, and how many posts it sends at once."""

    tick: float = 5.0
    poll: float = 1.0
    senders: int = 4


class Engine:
    """Runs a `Runner` and a `Sender` until it is stopped.

    Args:
        chores: what else is to be done at every look at the calendar, as ending prompts whose time is over.
    """

    def __init__(
        self,
        runner: Runner,
        sender: Sender,
        clock: Clock,
        *,
        pace: Pace | None = None,
        chores: Callable[[], Awaitable[object]] | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self._runner = runner
        self._sender = sender
        self._clock = clock
        self._pace = pace or Pace()
        self._chores = chores
        self._chance = chance or random.Random()  # noqa: S311 (spreads waits)
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._failures = 0

    def start(self) -> None:
        """Begin, on the running event loop."""
        loops = [self._clockwork()]
        loops += self._crew(self._runner.take, self._runner.work, self._runner.rules.at_once)
        loops += self._crew(self._sender.take, self._sender.work, self._pace.senders)
        self._tasks = [asyncio.create_task(each) for each in loops]

    @property
    def alive(self) -> bool:
        """Whether it was started and none of its loops has ended."""
        return bool(self._tasks) and not any(task.done() for task in self._tasks)

    async def stop(self, within: float) -> bool:
        """Take up nothing new, give what runs `within` seconds to end, then hand it back; whether all of it ended.

        What is handed back is free for other processes at once. When the database is away, its leases run out instead.
        """
        self._stopping.set()
        if not self._tasks:
            return True
        _, running = await asyncio.wait(self._tasks, timeout=within)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._tasks = []
        return not running

    async def _clockwork(self) -> None:
        while not self._stopping.is_set():
            await self._careful(lambda: self._runner.note(self._clock.now()))
            if self._chores is not None:
                await self._careful(self._chores)
            await self._pause(self._pace.tick)

    def _crew(
        self, take: Callable[[], Awaitable[Work | None]], work: Callable[[Work], Awaitable[None]], hands: int
    ) -> list[Coroutine[None, None, None]]:
        """So many loops that take and do one kind of work. One idle hand looks for more, and the others wait for it."""
        looking = asyncio.Lock()

        async def hand() -> None:
            while not self._stopping.is_set():
                async with looking:
                    taken = await self._look(take)
                if taken is not None:
                    await self._careful(functools.partial(work, taken))

        return [hand() for _ in range(hands)]

    async def _look(self, take: Callable[[], Awaitable[Work | None]]) -> Work | None:
        """Wait until there is work, and take it; None when the engine stops."""
        while not self._stopping.is_set():
            if (taken := await self._careful(take)) is not None:
                return taken
            await self._pause(self._pace.poll)
        return None

    async def _careful(self, work: Callable[[], Awaitable[Done]]) -> Done | None:
        """Do a piece of work; a failure is logged, waited out, and ends nothing."""
        try:
            done = await work()
        except StorageError as error:
            log.warning("the calendar waits for the database: %s", error.message)
        except Exception:  # the last line of defence: a bug in one piece of work must not end the loop
            log.exception("the calendar's work failed")
        else:
            self._failures = 0
            return done
        self._failures += 1
        await self._pause(back_off(self._failures, self._pace.poll, 60.0, self._chance))
        return None

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return
