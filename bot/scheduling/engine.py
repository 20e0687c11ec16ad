"""Keeps the calendar going in one process: a clock that wakes, composers, senders, and a clean stop.

The clock is a sleep. DESIGN has APScheduler "in memory on every replica" for this, to wake and nothing else. What it
would wake for is one indexed query every few seconds, whose answer alone says what is due; a late or doubled waking
changes nothing. So an `asyncio` timer does the same in three lines, and misfire grace, job stores and time zones, which
would all have to be switched off, are not there to be got wrong.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.core.ports import Clock
from bot.errors import StorageError
from bot.scheduling.firing import Runner
from bot.scheduling.patience import back_off
from bot.scheduling.sender import Sender

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often an engine looks for work, in seconds, and how many posts it sends at once."""

    tick: float = 5.0
    poll: float = 1.0
    senders: int = 4


class Engine:
    """Runs a `Runner` and a `Sender` until it is stopped."""

    def __init__(
        self,
        runner: Runner,
        sender: Sender,
        clock: Clock,
        *,
        pace: Pace | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self._runner = runner
        self._sender = sender
        self._clock = clock
        self._pace = pace or Pace()
        self._chance = chance or random.Random()  # noqa: S311 (spreads waits)
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin, on the running event loop."""
        loops = [self._loop(self._tick, self._pace.tick)]
        loops += [self._loop(self._runner.work_one, self._pace.poll) for _ in range(self._runner.rules.at_once)]
        loops += [self._loop(self._sender.work_one, self._pace.poll) for _ in range(self._pace.senders)]
        self._tasks = [asyncio.create_task(each) for each in loops]

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

    async def _tick(self) -> bool:
        await self._runner.note(self._clock.now())
        return False

    async def _loop(self, work: Callable[[], Awaitable[bool]], pause: float) -> None:
        """Work as long as there is some, else pause; failures are waited out and end nothing."""
        failures = 0
        while not self._stopping.is_set():
            try:
                more = await work()
                failures = 0
            except StorageError as error:
                failures += 1
                log.warning("the calendar waits for the database: %s", error.message)
                more = False
            except Exception:  # the last line of defence: a bug in one piece of work must not end the loop
                failures += 1
                log.exception("the calendar's work failed")
                more = False
            if not more:
                await self._pause(back_off(failures, pause, 60.0, self._chance) if failures else pause)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return
