"""Slack's own time, which a test may push forward: for ids, expiries and tokens, never for network deadlines."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Clock:
    """Seconds since the epoch, from `source` plus what was skipped.

    Acknowledgement deadlines, redelivery and rate limits run on real time: they are about sockets, and a bot under
    test waits for them on its own event loop.
    """

    source: Callable[[], float] = time.time
    skipped: float = 0.0

    def now(self) -> float:
        return self.source() + self.skipped

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once."""
        self.skipped += seconds
