"""Requests that arrive together are committed together: one wait for the disk, one turn at writing, for all of them.

While one commit is under way others gather for the next. So the hundredth of a hundred commands that come at once waits
for two commits and not for a hundred, which a platform's patience would not outlast.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from bot.errors import StorageError

Values: TypeAlias = Mapping[str, Any]
Key: TypeAlias = tuple[str, str]
"""Workspace and event of a request."""

MOST: Final = 50
"""Requests a commit; each is some hundred bytes, or a command's text."""


class Arrivals:
    """Gathers rows of requests.

    Args:
        write: commits some rows, in the order given, and returns the keys of those that were not there before.
    """

    def __init__(self, write: Callable[[Sequence[Values]], Awaitable[set[Key]]]) -> None:
        self._write = write
        self._waiting: list[tuple[Values, asyncio.Future[bool]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def commit(self, values: Values) -> bool:
        """Commit one row; False when its key was there before.

        Raises:
            StorageError: it isn't committed, or not known to be.
        """
        settled: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((values, settled))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        return await settled

    async def _write_all(self) -> None:
        while self._waiting:
            # Whoever has given up is left out; nothing is known to have come of it.
            batch = [each for each in self._waiting[:MOST] if not each[1].done()]
            del self._waiting[:MOST]
            # In one order for all, so that processes that get the same events don't wait for each other in a circle.
            batch.sort(key=lambda each: _key(each[0]))
            try:
                await self._settle(batch)
            except StorageError as error:
                if len(batch) > 1:
                    await self._one_by_one(batch)
                else:
                    _fail(batch, error)
            except BaseException as error:
                _fail(batch, error)
                raise

    async def _settle(self, batch: Sequence[tuple[Values, asyncio.Future[bool]]]) -> None:
        if not batch:
            return
        new = await self._write([values for values, _ in batch])
        for values, settled in batch:
            was_new = _key(values) in new
            new.discard(_key(values))  # the same event may have come twice at once
            if not settled.done():
                settled.set_result(was_new)

    async def _one_by_one(self, batch: Sequence[tuple[Values, asyncio.Future[bool]]]) -> None:
        """What one row is refused for must not be the others' failure."""
        for each in batch:
            try:
                await self._settle([each])
            except StorageError as error:
                _fail([each], error)


def _key(values: Values) -> Key:
    return values["workspace_id"], values["event_id"]


def _fail(batch: Sequence[tuple[Values, asyncio.Future[bool]]], error: BaseException) -> None:
    for _, settled in batch:
        if not settled.done():
            if isinstance(error, asyncio.CancelledError):
                settled.cancel()
            else:
                settled.set_exception(error)
