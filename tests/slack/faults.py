"""What goes wrong on purpose: the next calls of a method fail in a chosen way."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Fault:
    """`dropped` cuts the connection before doing anything; `dropped_after` once the thing is done."""

    kind: Literal["status", "hang", "dropped", "dropped_after", "error", "slow"]
    status: int = 503
    retry_after: int | None = None
    seconds: float = 0.0
    error: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


def rate_limited(retry_after: int = 1) -> Fault:
    return Fault("status", status=429, retry_after=retry_after)


def status(code: int = 503) -> Fault:
    return Fault("status", status=code)


def hang(seconds: float = 3600.0) -> Fault:
    """No answer at all, for `seconds` or until the server closes; nothing is done."""
    return Fault("hang", seconds=seconds)


def slow(seconds: float) -> Fault:
    """Done after `seconds`."""
    return Fault("slow", seconds=seconds)


def dropped() -> Fault:
    return Fault("dropped")


def dropped_after() -> Fault:
    """Done, but the caller can't know."""
    return Fault("dropped_after")


def error(name: str, **extra: Any) -> Fault:
    return Fault("error", error=name, extra=extra)


@dataclass
class Faults:
    """Faults in waiting, by method; `response_url`, `upload` and `*` (any method) are names too."""

    waiting: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    released: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server closes: what hangs is cut."""

    def add(self, method: str, fault: Fault, times: int = 1) -> None:
        """The next `times` calls of the method meet this fault, after those already in waiting."""
        self.waiting[method].extend([fault] * times)

    def met(self, method: str) -> bool:
        """Whether every fault that was added for a method has been met."""
        return not self.waiting[method]

    async def hangs(self, fault: Fault) -> None:
        """As long as it hangs."""
        try:
            async with asyncio.timeout(fault.seconds):
                await self.released.wait()
        except TimeoutError:
            return

    def clear(self) -> None:
        self.waiting.clear()

    def take(self, method: str) -> Fault | None:
        for name in (method, "*"):
            if self.waiting[name]:
                return self.waiting[name].popleft()
        return None
