"""A worker process that may be killed at any moment: receives every event, works on the inbox until it is empty.

It writes what it was told into a journal, a line at once: `received` when the inbox had taken an event, which a
platform would then never send again, and `shown` when a reply was stored and would go out.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from bot.core.inbox import Inbox
from bot.core.kept import Reply
from bot.core.messages import Added, Message, Paragraph, Replaced
from bot.core.requests import Request
from bot.errors import StorageBusy
from bot.storage.engine import async_engine, parse_url
from bot.storage.stats import stats
from bot.storage.store import SqlStore

LEASE_SECONDS = 0.4


@dataclass(frozen=True)
class Job:
    """What a worker is to do. Its name is its own: a worker that takes a dead one's place is another."""

    name: str
    address: str
    events: int
    seed: int
    journal: Path


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class Answerer:
    """Takes a few milliseconds over a reply, and now and then longer than its lease. No two replies are the same."""

    def __init__(self, chance: random.Random, name: str) -> None:
        self._chance = chance
        self._name = name

    async def answer(self, request: Request) -> AsyncGenerator[Added | Replaced | Reply]:
        yield Added("thinking")
        late = self._chance.random() < 0.03
        await asyncio.sleep(LEASE_SECONDS * 1.3 if late else self._chance.expovariate(1 / 0.004))
        yield Reply(
            id=uuid4().hex,
            workspace=request.workspace,
            channel=request.channel,
            member=request.member,
            event_id=request.event_id,
            command="steelman",
            message=Message((Paragraph(f"{self._name} on {request.text}"),)),
            at=datetime.now(UTC),
        )


def event(number: int) -> Request:
    """Events come from three workspaces, which use the same ids."""
    return Request(
        workspace=f"w{number % 3}",
        channel="c",
        member="m",
        text=f"event {number}",
        event_id=f"e{number // 3}",
        received_at=datetime.now(UTC),
    )


def run(job: Job) -> None:
    """What the process does; returns when all events are received and done."""
    asyncio.run(_run(job))


async def _run(job: Job) -> None:
    chance = random.Random(f"{job.seed} {job.name}")
    journal = os.open(job.journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(what: str, request: Request) -> None:
        os.write(journal, f"{what} {request.workspace}/{request.event_id}\n".encode())

    url = parse_url(job.address)
    store = SqlStore(async_engine(url))
    inbox = Inbox(store, Answerer(chance, job.name), SystemClock(), job.name, LEASE_SECONDS)
    # The platform sends every event to everybody, in any order.
    feed = [event(number) for number in chance.sample(range(job.events), job.events)]
    while True:
        try:
            if feed and chance.random() < 0.7:
                await inbox.receive(feed[-1])
                note("received", feed.pop())
                continue
            worked = await inbox.work_one()
            if worked is not None:
                request, message = worked
                text = message.text
                # A worker that lost its lease is handed the reply that counts, which another shows.
                if text.startswith(f"{job.name} on "):
                    note("shown", request)
                continue
        except StorageBusy:
            continue
        if not feed:
            counted = await asyncio.to_thread(stats, url)
            if counted.waiting + counted.leased == 0:
                break
            await asyncio.sleep(0.02)
    await store.close()
    os.close(journal)
