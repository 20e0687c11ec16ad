"""Waiting for something while Slack waits for a sign."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def within(seconds: float, work: Coroutine[Any, Any, Result]) -> Result:
    """What a piece of work gives, if it ends in time; it goes on all the same, for whoever asks next.

    Cutting it would leave a connection of the database half in use, and what Slack was about to tell untold.

    Raises:
        TimeoutError: it takes longer.
    """
    task = asyncio.create_task(work)
    await asyncio.wait({task}, timeout=seconds)
    if task.done():
        return task.result()
    task.add_done_callback(_heard)
    raise TimeoutError


def _heard(task: asyncio.Task[Any]) -> None:
    """What went wrong after nobody waited any longer is nobody's news."""
    if not task.cancelled():
        task.exception()
