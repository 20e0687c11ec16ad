"""What goes wrong on demand, and how fast the bot may call: faults and rate limits of REST routes."""

from __future__ import annotations

import asyncio
import hashlib
import math
import time
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from tests.discord_wire.errors import Json

Headers = dict[str, str]


@dataclass(eq=False)
class Fault:
    """Spoils the next `times` calls whose "METHOD /path" matches the pattern."""

    pattern: str
    times: int
    status: int = 0
    code: int | None = None
    retry_after: float | None = None
    everywhere: bool = False
    hangs: bool = False
    loses: bool = False
    met: int = 0


@dataclass(eq=False)
class Window:
    """The calls left in one bucket, until it refills."""

    left: int
    until: float


@dataclass
class Faults:
    """The faults that wait to happen; patterns are as in `fnmatch`, such as "POST /channels/*/messages"."""

    waiting: list[Fault] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def _add(self, fault: Fault) -> Fault:
        self.waiting.append(fault)
        return fault

    def fail(self, pattern: str, *, times: int = 1, status: int = 500) -> Fault:
        """Answers with a 5xx, having done nothing."""
        return self._add(Fault(pattern, times, status=status))

    def refuse(self, pattern: str, code: int, *, times: int = 1) -> Fault:
        """Answers with one of Discord's errors, such as 50013."""
        return self._add(Fault(pattern, times, code=code))

    def limit(self, pattern: str, *, retry_after: float, times: int = 1, everywhere: bool = False) -> Fault:
        """Answers 429, of the route or, with `everywhere`, of the whole bot."""
        return self._add(Fault(pattern, times, retry_after=retry_after, everywhere=everywhere))

    def hang(self, pattern: str, *, times: int = 1) -> Fault:
        """Never answers, having done nothing, until `release()`; then the connection is cut."""
        return self._add(Fault(pattern, times, hangs=True))

    def lose(self, pattern: str, *, times: int = 1) -> Fault:
        """Does what was asked, then cuts the connection in place of an answer."""
        return self._add(Fault(pattern, times, loses=True))

    def release(self) -> None:
        """Ends all hanging calls."""
        self.released.set()
        self.released = asyncio.Event()

    def take(self, call: str) -> Fault | None:
        """The fault that this call meets, if any, counted down."""
        for fault in self.waiting:
            if fault.times > fault.met and fnmatchcase(call, fault.pattern):
                fault.met += 1
                return fault
        return None


@dataclass
class Rates:
    """How many calls each bucket takes in how many seconds of real time.

    A bucket is a method, a route and its first id. The default is far above Discord's (about five messages in five
    seconds), so that tests are quick; `set` makes a route as tight as one wants.
    """

    default: tuple[int, float] = (1000, 1.0)
    set_by: list[tuple[str, int, float]] = field(default_factory=list)
    windows: dict[str, Window] = field(default_factory=dict)
    overall: tuple[int, float] | None = None  # Discord's is (50, 1.0)

    def set(self, pattern: str, limit: int, per: float) -> None:
        """The pattern is as in `Faults`."""
        self.set_by.insert(0, (pattern, limit, per))

    def spend(self, call: str, bucket: str, *, exempt: bool) -> tuple[Headers, Json | None]:
        """Counts a call; returns its headers, and the body of a 429 if it is one too many.

        Calls that answer interactions are exempt from the overall limit.
        """
        now = time.monotonic()
        if self.overall is not None and not exempt:
            whole = self._window("*", *self.overall, now)
            if whole.left <= 0:
                return refusal(whole.until - now, everywhere=True)
            whole.left -= 1
        limit, per = next(((n, s) for pattern, n, s in self.set_by if fnmatchcase(call, pattern)), self.default)
        window = self._window(bucket, limit, per, now)
        after = window.until - now
        if window.left <= 0:
            headers, body = refusal(after)
            return {**headers, **standing(limit, 0, after, bucket)}, body
        window.left -= 1
        return standing(limit, window.left, after, bucket), None

    def _window(self, bucket: str, limit: int, per: float, now: float) -> Window:
        found = self.windows.get(bucket)
        if found is None or found.until <= now:
            found = self.windows[bucket] = Window(limit, now + per)
        return found


def standing(limit: int, left: int, after: float, bucket: str) -> Headers:
    """The headers that tell a client where it stands."""
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset": f"{time.time() + after:.3f}",
        "X-RateLimit-Reset-After": f"{after:.3f}",
        "X-RateLimit-Bucket": hash_of(bucket),
    }


def hash_of(bucket: str) -> str:
    """A name for the route, which all its channels share, as Discord's bucket names do."""
    return hashlib.sha256(bucket.partition("|")[0].encode()).hexdigest()[:32]


def refusal(after: float, *, everywhere: bool = False) -> tuple[Headers, Json]:
    """The headers and body of a 429. Without `Via` discord.py takes it for a ban of the address."""
    headers = {"Via": "1.1 google", "Retry-After": str(math.ceil(after))}
    headers["X-RateLimit-Scope"] = "global" if everywhere else "user"
    if everywhere:
        headers["X-RateLimit-Global"] = "true"
    body: Json = {"message": "You are being rate limited.", "retry_after": round(after, 3), "global": everywhere}
    return headers, body
