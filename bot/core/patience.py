"""Waiting between tries, and insisting on what must be written down."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from bot.errors import StorageBusy

Result = TypeVar("Result")

_INSISTS: Final = 6
_FIRST_SECONDS: Final = 0.05


def back_off(tries: int, first: float, longest: float, chance: random.Random) -> float:
    """Seconds to wait after so many tries: doubling from `first` to `longest`, between half and one and a half of it.

    The spread keeps what failed together from coming back together.
    """
    doubled: float = first * 2.0 ** min(max(tries - 1, 0), 30)
    return min(longest, doubled) * chance.uniform(0.5, 1.5)


async def insist(write: Callable[[], Awaitable[Result]]) -> Result:
    """Do a write of the store again while the database is busy or cut off, for about three seconds.

    For writes that say no when they were done already: a cut connection leaves it open whether the first one counted.

    Raises:
        StorageBusy: it is busy still.
    """
    for attempt in range(_INSISTS - 1):
        try:
            return await write()
        except StorageBusy:
            await asyncio.sleep(_FIRST_SECONDS * 2**attempt)
    return await write()
