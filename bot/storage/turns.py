"""Whose turn it is to write, where a database takes one writer at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """A lock that is taken in the order of asking, and by what is urgent before all else, every other turn.

    Urgent is what a platform waits for, seconds at the most; everything else may wait for longer, though not for ever.
    """

    def __init__(self) -> None:
        self._taken = False
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._others: deque[asyncio.Future[None]] = deque()
        self._last_urgent = False

    @asynccontextmanager
    async def turn(self, *, urgent: bool = False) -> AsyncIterator[None]:
        """Hold the lock."""
        if self._taken:
            await self._wait(self._urgent if urgent else self._others)
        self._taken, self._last_urgent = True, urgent
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, queue: deque[asyncio.Future[None]]) -> None:
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self._pass_on()  # the turn came at the moment of giving up
            raise

    def _pass_on(self) -> None:
        """Give the turn to the next one that still waits; `_taken` stays, so that nobody comes between."""
        first, second = (self._others, self._urgent) if self._last_urgent else (self._urgent, self._others)
        for queue in (first, second):
            while queue:
                waiting = queue.popleft()
                if not waiting.done():
                    waiting.set_result(None)
                    return
        self._taken = False
