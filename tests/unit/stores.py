"""Stores at which others are served first: races, made to happen."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, cast

from bot.core.ports import Store
from bot.testing import MemoryStore

Meanwhile = Callable[[], Awaitable[object]]


class _Slow:
    """A store that lets every other task go first at each call."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._meanwhile: dict[str, list[Meanwhile]] = {}

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if not inspect.iscoroutinefunction(method):
            return method

        async def later(*args: Any, **kwargs: Any) -> Any:
            await asyncio.sleep(0)
            if waiting := self._meanwhile.get(name):
                await waiting.pop(0)()
            return await method(*args, **kwargs)

        return later


def slow_store() -> Store:
    """A store in memory that lets every other task go first at each call."""
    return cast("Store", _Slow(MemoryStore()))


def meanwhile(store: Store, method: str, do: Meanwhile, skip: int = 0) -> None:
    """Have something done right before a slow store's next call of a method, or a later one."""

    async def nothing() -> None:
        pass

    cast("_Slow", store)._meanwhile[method] = [nothing] * skip + [do]
