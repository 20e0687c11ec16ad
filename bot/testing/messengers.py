"""Platforms that fail as platforms do: they answer late or never, show posts late, forget nonces, limit and refuse."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.core.outbox import Guard, Post
from bot.core.ports import Clock
from bot.errors import Departed, OutcomeUnknown, RateLimited, Refused, Unreachable
from bot.storage.engine import NO_TRANSACTION, async_engine


@dataclass(frozen=True, slots=True)
class Faults:
    """How likely a send goes wrong in each way, and how a platform behaves; times in seconds.

    Args:
        silent: it posts, and never answers.
        lost: it neither posts nor answers.
        unreachable: it refuses the connection.
        limited: it asks for a pause.
        latency: the mean time on the way there; the same again on the way back.
        shows_late: the longest time until `find` sees a post.
        gone: channels that refuse every post.
    """

    silent: float = 0.0
    lost: float = 0.0
    unreachable: float = 0.0
    limited: float = 0.0
    latency: float = 0.0
    shows_late: float = 0.0
    gone: frozenset[str] = frozenset()

    def draw(self, chance: random.Random) -> str:
        """What goes wrong this time; an empty text for nothing."""
        left = chance.random()
        for name in ("silent", "lost", "unreachable", "limited"):
            left -= getattr(self, name)
            if left < 0:
                return name
        return ""


@dataclass(slots=True)
class _Shown:
    post: Post
    at: float
    reference: str


@dataclass
class MemoryMessenger:
    """A platform in memory, on a clock that a test moves. What goes wrong is said beforehand, a word a send.

    `script` has `silent` (posts, then times out), `lost` (times out), `unreachable`, `limited`, `refused`, `departed`,
    `hang` (until it is cancelled), `posts and hangs`, and anything else for a send that works. When it is used up, all
    work.
    """

    clock: Clock
    guarding: Guard = field(default_factory=Guard)
    script: list[str] = field(default_factory=list)
    shows_late: float = 0.0
    retry_after: float = 5.0
    posts: list[Post] = field(default_factory=list)
    """What can be seen on the platform, in order; a double is in it twice."""
    sends: list[str] = field(default_factory=list)
    """The id of the post of every send."""
    looks: int = 0
    _shown: list[_Shown] = field(default_factory=list)

    def guard(self, post: Post) -> Guard:
        return self.guarding

    async def send(self, post: Post) -> str:
        self.sends.append(post.id)
        fault = self.script.pop(0) if self.script else ""
        await asyncio.sleep(0)
        match fault:
            case "lost":
                raise OutcomeUnknown
            case "unreachable":
                raise Unreachable
            case "limited":
                raise RateLimited(self.retry_after)
            case "refused":
                raise Refused
            case "departed":
                raise Departed
            case "hang":
                await asyncio.Event().wait()
        reference = self._post(post)
        if fault == "posts and hangs":
            await asyncio.Event().wait()
        if fault == "silent":
            raise OutcomeUnknown
        return reference

    def _post(self, post: Post) -> str:
        now = self.clock.now().timestamp()
        nonce_seconds = self.guarding.nonce_seconds
        for shown in self._shown:
            if nonce_seconds is not None and shown.post.nonce == post.nonce and now <= shown.at + nonce_seconds:
                return shown.reference
        self.posts.append(post)
        self._shown.append(_Shown(post, now, f"m{len(self.posts)}"))
        return self._shown[-1].reference

    async def find(self, post: Post) -> str | None:
        self.looks += 1
        now = self.clock.now().timestamp()
        for shown in self._shown:
            if shown.post.nonce == post.nonce and now >= shown.at + self.shows_late:
                return shown.reference
        return None

    @property
    def doubled(self) -> list[str]:
        """Ids of posts that can be seen more than once."""
        return [post_id for post_id, times in Counter(post.id for post in self.posts).items() if times > 1]


class SharedMessenger:
    """A platform that is a table, in a database of its own, so that several processes post to the same one.

    It has its own clock, the database's. A post is one statement: it is there or it isn't, whatever is killed.
    """

    def __init__(self, url: URL, guard: Guard, faults: Faults, chance: random.Random) -> None:
        self._engine: AsyncEngine = async_engine(url).execution_options(
            **({} if url.get_backend_name() == "postgresql" else NO_TRANSACTION)
        )
        if url.get_backend_name() == "postgresql":
            self._engine = self._engine.execution_options(isolation_level="AUTOCOMMIT")
            self._now = "extract(epoch FROM clock_timestamp())"
        else:
            self._now = "(julianday('now') - 2440587.5) * 86400"
        self._guard = guard
        self._faults = faults
        self._chance = chance

    async def prepare(self) -> None:
        """Make the table."""
        async with self._engine.connect() as connection:
            await connection.execute(text(_TABLE))

    async def close(self) -> None:
        await self._engine.dispose()

    def guard(self, post: Post) -> Guard:
        return self._guard

    async def send(self, post: Post) -> str:
        fault = self._faults.draw(self._chance)
        await self._travel()
        if post.channel in self._faults.gone:
            raise Refused
        match fault:
            case "unreachable":
                raise Unreachable
            case "limited":
                raise RateLimited(self._chance.uniform(0.0, 0.3))
            case "lost":
                await self._no_answer()
        await self._post(post)
        if fault == "silent":
            await self._no_answer()
        await self._travel()
        return post.nonce

    async def _travel(self) -> None:
        if self._faults.latency:
            await asyncio.sleep(self._chance.expovariate(1 / self._faults.latency))

    async def _no_answer(self) -> None:
        if self._chance.random() < 0.5:
            await asyncio.Event().wait()  # until the sender gives up
        raise OutcomeUnknown

    async def _post(self, post: Post) -> None:
        # Whoever counts the nonce as seen doesn't remember it longer for having seen it again.
        remembered = "" if self._guard.nonce_seconds is None else f"WHERE posts.at < {self._now} - :nonce_seconds"
        statement = text(
            f"INSERT INTO posts (nonce, workspace, body, copies, at, shown_at) "  # noqa: S608 (no value is in it)
            f"VALUES (:nonce, :workspace, :body, 1, {self._now}, {self._now} + :late) "
            f"ON CONFLICT (nonce) DO UPDATE SET copies = posts.copies + 1, at = {self._now} {remembered}"
        )
        values = {
            "nonce": post.nonce,
            "workspace": post.workspace,
            "body": post.message.text,
            "late": self._chance.uniform(0.0, self._faults.shows_late),
        }
        if self._guard.nonce_seconds is not None:
            values["nonce_seconds"] = self._guard.nonce_seconds
        async with self._engine.connect() as connection:
            await connection.execute(statement, values)

    async def find(self, post: Post) -> str | None:
        await self._travel()
        query = text(f"SELECT nonce FROM posts WHERE nonce = :nonce AND shown_at <= {self._now}")  # noqa: S608
        async with self._engine.connect() as connection:
            found = (await connection.execute(query, {"nonce": post.nonce})).scalar()
        return None if found is None else str(found)

    async def copies(self) -> dict[str, int]:
        """How often each post can be seen, by its nonce."""
        async with self._engine.connect() as connection:
            rows: Sequence[tuple[str, int]] = [
                (nonce, copies) for nonce, copies in await connection.execute(text("SELECT nonce, copies FROM posts"))
            ]
        return dict(rows)


_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS posts (nonce TEXT PRIMARY KEY, workspace TEXT NOT NULL, body TEXT NOT NULL, "
    "copies INTEGER NOT NULL, at DOUBLE PRECISION NOT NULL, shown_at DOUBLE PRECISION NOT NULL)"
)
