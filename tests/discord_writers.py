"""Writers that take their time, for what happens while an answer is being written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from bot.core.assignments import Assignment, Released, WriterEvent, Written
from bot.writing.outline import OutlineWriter


@dataclass
class SlowWriter:
    """Says a first sentence, waits until it is let go or for some seconds, and ends with the outline's text."""

    seconds: float | None = None
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)
    outline: OutlineWriter = field(default_factory=OutlineWriter)
    written: int = 0

    async def write(self, assignment: Assignment) -> AsyncGenerator[WriterEvent]:
        self.begun.set()
        first = f"It begins like this [{assignment.walk.steps[0].argument.id}]."
        yield Released(first)
        if self.seconds is None:
            await self.go.wait()
        else:
            await asyncio.sleep(self.seconds)
        async for event in self.outline.write(assignment):
            if isinstance(event, Written):
                self.written += 1
                yield event
