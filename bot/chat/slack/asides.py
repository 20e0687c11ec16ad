"""What is done beside answers, and no acknowledgement waits for: a form that is opened, a Home tab that is shown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from bot.errors import CruxError

log = logging.getLogger(__name__)


class Asides:
    """Runs them in the background, and lets them end."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin something; what goes wrong with it is logged."""
        task = asyncio.create_task(_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self, within: float) -> None:
        """Wait so many seconds for what runs, then cancel it."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=within)
        for task in set(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except CruxError as error:
        log.warning("something beside an answer could not be done: %s", type(error).__name__)
    except Exception:  # the last line of defence: nobody waits for it
        log.exception("something beside an answer could not be done")
