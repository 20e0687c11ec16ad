"""A replica that may be killed, stopped or cut off at any moment: composes and sends what is due, until all is done."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import URL, func, select

from bot.core.firings import Firing
from bot.core.messages import Message, Paragraph
from bot.core.outbox import Composed, Guard, firing_post_id
from bot.core.schedules import Schedule
from bot.errors import StorageError
from bot.scheduling.engine import Engine, Pace
from bot.scheduling.firing import FiringRules, Runner
from bot.scheduling.sender import Sender, SendingRules
from bot.storage.engine import async_engine, parse_url
from bot.storage.models import FiringRow, OutboxRow, ScheduleRow
from bot.storage.store import SqlStore
from bot.testing.messengers import Faults, SharedMessenger
from tests.soak.worker import SystemClock

LEASE = 0.8
SENDING = SendingRules(lease=LEASE, send=0.5, spacing=0.05, most_tries=15, first_wait=0.05, longest_wait=0.4)
FIRING = FiringRules(lease=LEASE, compose=0.6, at_once=3, most_tries=1000, first_wait=0.05, longest_wait=0.3, batch=20)
PACE = Pace(tick=0.2, poll=0.05, senders=3)

GUARDS = {
    "nonce": Guard(nonce_seconds=3.0),
    "marker": Guard(shows_within=2.2),
    "both": Guard(nonce_seconds=1.2, shows_within=2.2),
    "neither": Guard(),
}
"""By what a platform can do: Discord, Slack, a Discord that is also looked through, and one that can do nothing."""

GONE = frozenset({"c7", "c31"})
FAULTS = Faults(silent=0.08, lost=0.04, unreachable=0.05, limited=0.05, latency=0.004, shows_late=1.0, gone=GONE)


@dataclass(frozen=True)
class Job:
    """What a replica is to do. Its name is its own: one that takes a dead one's place is another."""

    name: str
    address: str
    platform: str
    seed: int
    guard: str


def parts_of(workspace: str) -> int:
    """Every third workspace's digest is two posts."""
    return 2 if int(workspace[1:]) % 3 == 0 else 1


def ids_of(firing: Firing) -> list[str]:
    """The ids that the posts of a firing must have."""
    return [firing_post_id(firing, part) for part in range(parts_of(firing.workspace))]


def due_once(schedule: Schedule, after: datetime, until: datetime) -> Sequence[datetime]:
    """A schedule is due at its anchor, once."""
    at = schedule.recurrence.anchor.replace(tzinfo=UTC)
    return [at] if after < at <= until else []


class Digests:
    """Takes a few milliseconds over a digest, and now and then longer than its lease. No two are the same."""

    def __init__(self, chance: random.Random, name: str) -> None:
        self._chance = chance
        self._name = name

    async def compose(self, firing: Firing) -> Sequence[Composed]:
        late = self._chance.random() < 0.02
        await asyncio.sleep(LEASE * 1.3 if late else self._chance.expovariate(1 / 0.01))
        if self._chance.random() < 0.02:
            raise RuntimeError("a bug in a composer")
        channel = f"c{firing.workspace[1:]}"
        return [
            Composed(channel, "digest", Message((Paragraph(f"{self._name}: part {part}"),)))
            for part in range(parts_of(firing.workspace))
        ]


def run(job: Job) -> None:
    """What the process does; returns when every schedule has fired and no post is waiting."""
    logging.disable(logging.CRITICAL)
    asyncio.run(_run(job))


async def _run(job: Job) -> None:
    chance = random.Random(f"{job.seed} {job.name}")
    store = SqlStore(async_engine(parse_url(job.address)))
    messenger = SharedMessenger(parse_url(job.platform), GUARDS[job.guard], FAULTS, chance)
    clock = SystemClock()
    runner = Runner(store, Digests(chance, job.name), clock, job.name, due_once, rules=FIRING, chance=chance)
    sender = Sender(store, messenger, clock, job.name, rules=SENDING, chance=chance)
    engine = Engine(runner, sender, clock, pace=PACE, chance=chance)
    engine.start()
    while not await _done(store):  # noqa: ASYNC110 (the end is in the database)
        await asyncio.sleep(0.25)
    await engine.stop(1.0)
    await store.close()
    await messenger.close()


async def _done(store: SqlStore) -> bool:
    fired = select(func.count()).select_from(FiringRow).where(FiringRow.state.in_(("done", "failed", "dropped")))
    waiting = select(func.count()).select_from(OutboxRow).where(OutboxRow.state.in_(("pending", "sending")))
    try:
        # In this order: a firing that is done has its posts in the outbox.
        (done,) = await store._first(fired) or (0,)
        (left,) = await store._first(waiting) or (1,)
        (all_of_them,) = await store._first(select(func.count()).select_from(ScheduleRow)) or (0,)
        return bool(done == all_of_them and left == 0)
    except StorageError:
        return False


async def seen(platform: URL) -> dict[str, int]:
    """How often each post can be seen on the platform, by its nonce."""
    messenger = SharedMessenger(platform, Guard(), Faults(), random.Random(0))
    try:
        return await messenger.copies()
    finally:
        await messenger.close()
