"""How often and how soon to try a failing server again, and when to leave it alone."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

FIRST_DELAY: Final = 0.5
LONGEST_DELAY: Final = 8.0
LONGEST_HOLD: Final = 900.0
"""A server that asks for more than this many seconds is asked again after this many."""

Monotonic = Callable[[], float]


def backoff(attempt: int, chance: random.Random) -> float:
    """Seconds to wait before try `attempt` + 1 (from 1): doubling, of which half is left to chance.

    The spread keeps clients that failed together from coming back together.
    """
    delay: float = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** (attempt - 1))
    return delay * (0.5 + chance.random() / 2)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that a server asked to wait, by `retry-after-ms` or `Retry-After` (seconds or a date, RFC 9110 10.2.3).

    None where it didn't say, or not so that it can be read; never negative.
    """
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name, "").strip()
        if not value:
            continue
        try:
            seconds = float(value) * scale
        except ValueError:
            seconds = _seconds_until(value, now)
        if math.isfinite(seconds):
            return max(0.0, seconds)
    return None


def _seconds_until(date: str, now: datetime) -> float:
    try:
        then = parsedate_to_datetime(date)
    except ValueError:
        return float("nan")
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return (then - now).total_seconds()


class CircuitBreaker:
    """Leaves a server alone after failures in a row, then lets one call through to see whether it is back.

    Not for threads: all calls come from one event loop.

    Args:
        failures: how many in a row open it.
        seconds: how long it then stays open.
        monotonic: the clock, in seconds.
    """

    def __init__(self, failures: int, seconds: float, monotonic: Monotonic = time.monotonic) -> None:
        self._limit = failures
        self._seconds = seconds
        self._monotonic = monotonic
        self._failed = 0
        self._open_until: float | None = None
        self._trial = False

    def wait(self) -> float:
        """Seconds for which calls are refused; 0 when one may be made."""
        if self._open_until is None:
            return 0.0
        left = self._open_until - self._monotonic()
        if left > 0:
            return left
        return self._seconds if self._trial else 0.0

    def enter(self) -> bool:
        """A call starts; whether it is the trial: the first after a pause, which keeps others out until it ends."""
        self._trial = self._open_until is not None
        return self._trial

    def succeeded(self) -> None:
        self._failed = 0
        self._open_until = None
        self._trial = False

    def failed(self, hold: float | None = None) -> bool:
        """A call failed, the server asking for `hold` seconds of rest. Returns whether this opened the breaker."""
        self._failed += 1
        was_open = self._open_until is not None
        pause = min(hold, LONGEST_HOLD) if hold is not None else None
        if was_open or self._failed >= self._limit:
            pause = max(pause or 0.0, self._seconds)
        if pause:
            self._open_until = self._monotonic() + pause
        self._trial = False
        return not was_open and self._open_until is not None

    def abandoned(self) -> None:
        """The trial told nothing about the server: nobody waited for it, or the fault was the prompt's."""
        self._trial = False
