"""One thing that Slack sends the bot, with each attempt and what came back; the same for sockets and HTTP."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["events_api", "slash_commands", "interactive"]
Json = dict[str, Any]


@dataclass
class Attempt:
    """Times are real, in seconds since the epoch. `answered_at` past the deadline is a late acknowledgement."""

    number: int
    reason: str
    """Why it came again: timeout, http_timeout, http_error, connection_failed; empty at first."""
    sent_at: float = field(default_factory=time.time)
    via: str = ""
    answered_at: float | None = None
    status: int | None = None
    acked: bool = False
    failure: str = ""
    no_retry: bool = False
    response: Json | None = None

    @property
    def seconds(self) -> float | None:
        """How long the acknowledgement took, late or not."""
        return None if self.answered_at is None else self.answered_at - self.sent_at


@dataclass
class Delivery:
    """`outcome` is waiting until it is acknowledged, or given up for good."""

    kind: Kind
    payload: Json
    scope: str = ""
    """What an event needed to be sent."""
    attempts: list[Attempt] = field(default_factory=list)
    outcome: Literal["waiting", "acked", "failed"] = "waiting"
    shown_error: str = ""
    """What the member was shown for want of an acknowledgement: `operation_timeout`, `dispatch_failed`."""
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def acked(self) -> bool:
        return self.outcome == "acked"

    @property
    def response(self) -> Json | None:
        """What came with the acknowledgement."""
        return self.attempts[-1].response if self.acked else None

    @property
    def event(self) -> Json:
        event: Json = self.payload["event"]
        return event

    @property
    def event_id(self) -> str:
        return str(self.payload["event_id"])

    @property
    def is_event(self) -> bool:
        return self.kind == "events_api"

    @property
    def needs_commands(self) -> bool:
        """Slash commands and shortcuts need the scope `commands`; buttons and modals need none."""
        return self.kind == "slash_commands" or self.payload.get("type") in {"message_action", "shortcut"}

    async def done(self) -> Delivery:
        """Waits until it is acknowledged or given up."""
        await self._over.wait()
        return self

    def end(self, outcome: Literal["acked", "failed"]) -> None:
        self.outcome = outcome
        self._over.set()


async def carry(delivery: Delivery, attempt: Callable[[Attempt], Awaitable[None]], retries: Sequence[float]) -> None:
    """Sends until acknowledged: events again after each of `retries` seconds, commands and interactions once."""
    waits = (0.0, *retries) if delivery.is_event else (0.0,)
    reason = ""
    for number, wait in enumerate(waits):
        if wait > 0:
            await asyncio.sleep(wait)
        one = Attempt(number, reason)
        delivery.attempts.append(one)
        await attempt(one)
        if one.acked:
            return delivery.end("acked")
        reason = one.failure
        if one.no_retry:
            break
    if not delivery.is_event:
        timed_out = reason in {"timeout", "http_timeout"}
        delivery.shown_error = "operation_timeout" if timed_out else "dispatch_failed"
    return delivery.end("failed")
