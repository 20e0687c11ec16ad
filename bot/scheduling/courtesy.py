"""Members first: what the calendar computes waits while commands are being answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass

from bot.core.inbox import Answerer
from bot.core.kept import Reply
from bot.core.messages import Added, Replaced, Started
from bot.core.requests import Request


class Courtesy:
    """Counts the commands that this process is answering.

    Args:
        longest: seconds that one piece of the calendar's work waits at most, so that a busy day does not stop it.
    """

    def __init__(self, longest: float = 2.0) -> None:
        self._longest = longest
        self._running = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    @contextmanager
    def command(self) -> Iterator[None]:
        """Around the answering of one command."""
        self._running += 1
        self._quiet.clear()
        try:
            yield
        finally:
            self._running -= 1
            if not self._running:
                self._quiet.set()

    async def turn(self) -> None:
        """Let others run, then wait until no command is being answered, though no longer than `longest`."""
        await asyncio.sleep(0)
        if self._quiet.is_set():
            return
        try:
            async with asyncio.timeout(self._longest):
                await self._quiet.wait()
        except TimeoutError:
            return


@dataclass(frozen=True)
class CourteousAnswerer:
    """An answerer that the calendar's work makes way for."""

    answerer: Answerer
    courtesy: Courtesy

    async def answer(self, request: Request) -> AsyncGenerator[Started | Added | Replaced | Reply]:
        with self.courtesy.command():
            async with aclosing(self.answerer.answer(request)) as events:
                async for event in events:
                    yield event
