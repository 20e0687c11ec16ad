"""Digests a second, and what a member waits meanwhile: `python -m tests.benchmarks.calendar [--workspaces 5000]`.

That many workspaces have a digest due in the same minute, in one process. Composing one is `--work` milliseconds of
computing on the event loop, in steps of five (a real one reads the database and draws off the loop). The platform takes
50 ms a post. Every quarter of a second a member asks for `/steelman`, which the outline writer answers; the delay is
from the receipt to the stored reply, without the calendar, with it, and with it but without courtesy.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import Application, SystemClock, running
from bot.core.firings import Firing
from bot.core.messages import Message, Paragraph
from bot.core.outbox import Composed, Guard, Post, PostState
from bot.core.requests import Request
from bot.core.schedules import Recurrence, Schedule, ScheduleKind
from bot.scheduling.courtesy import Courtesy
from bot.scheduling.engine import Engine, Pace
from bot.scheduling.firing import FiringRules, Runner
from bot.scheduling.sender import Sender, SendingRules
from bot.settings import EncoderKind, Settings
from bot.storage.engine import async_engine
from bot.storage.store import SqlStore
from tests.databases import PostgresqlServer, SqliteFiles, postgresql_server

STEP = 0.005
WAYS = ("without the calendar", "with courtesy", "without courtesy")


class Busy:
    """Computes on the event loop, and lets others run every five milliseconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def compose(self, firing: Firing) -> Sequence[Composed]:
        left = self._seconds
        while left > 0:
            until = time.thread_time() + min(left, STEP)
            while time.thread_time() < until:
                pass
            left -= STEP
            await asyncio.sleep(0)
        return [Composed("c1", "digest", Message((Paragraph("Where you stand."),)))]


class Platform:
    """Posts after 50 ms, and counts."""

    def __init__(self) -> None:
        self.sent = 0

    def guard(self, post: Post) -> Guard:
        return Guard(nonce_seconds=120)

    async def send(self, post: Post) -> str:
        await asyncio.sleep(0.05)
        self.sent += 1
        return post.nonce

    async def find(self, post: Post) -> str | None:
        return None


@dataclass
class Measured:
    """One way of running; seconds."""

    name: str
    digests: int
    seconds: float
    delays: list[float]

    def __str__(self) -> str:
        cuts = statistics.quantiles(self.delays, n=20) if len(self.delays) > 1 else [0.0] * 19
        rate = f"{self.digests / self.seconds:6.1f} digests/s" if self.digests else " " * 16
        return (
            f"{self.name:<22} {rate}  /steelman: median {1000 * statistics.median(self.delays):5.0f} ms, "
            f"95% {1000 * cuts[18]:5.0f} ms, longest {1000 * max(self.delays):5.0f} ms ({len(self.delays)} asked)"
        )


def due_once(schedule: Schedule, after: datetime, until: datetime) -> Sequence[datetime]:
    at = schedule.recurrence.anchor.replace(tzinfo=UTC)
    return [at] if after < at <= until else []


async def plan(store: SqlStore, workspaces: int) -> None:
    due_at = datetime.now(UTC).replace(second=0, microsecond=0)
    for number in range(workspaces):
        recurrence = Recurrence("FREQ=WEEKLY", due_at.replace(tzinfo=None))
        schedule = Schedule(f"w{number}", "s", ScheduleKind.DIGEST, recurrence, "UTC", "c1", due_at - timedelta(days=1))
        await store.put_schedule(schedule, due_at - timedelta(seconds=1))


async def ask(application: Application, courtesy: Courtesy | None, number: int) -> float:
    request = Request("console", "c1", "m", "/steelman MI-07", f"{time.time_ns()}-{number}", datetime.now(UTC))
    began = time.monotonic()
    with courtesy.command() if courtesy is not None else nullcontext():
        await application.inbox.receive(request)
        async for _ in application.inbox.respond(request):
            pass
    return time.monotonic() - began


async def measure(application: Application, store: SqlStore, name: str, options: argparse.Namespace) -> Measured:
    """Ask until all digests are sent; for ten seconds when none are due."""
    courtesy = Courtesy() if name == "with courtesy" else None
    workspaces = 0 if name == "without the calendar" else options.workspaces
    await plan(store, workspaces)
    clock, platform, chance = SystemClock(), Platform(), random.Random(1)
    rules = FiringRules(at_once=options.at_once)
    composer = Busy(options.work / 1000)
    runner = Runner(store, composer, clock, name, due_once, rules=rules, courtesy=courtesy, chance=chance)
    sender = Sender(store, platform, clock, name, rules=SendingRules(spacing=1.0), chance=chance)
    engine = Engine(runner, sender, clock, pace=Pace(tick=1.0, poll=0.2, senders=8), chance=chance)
    delays: list[float] = []
    asking: set[asyncio.Task[float]] = set()
    began = time.monotonic()
    engine.start()
    number = 0
    while platform.sent < workspaces or (not workspaces and time.monotonic() - began < 10):
        asking.add(asyncio.create_task(ask(application, courtesy, number)))
        number += 1
        await asyncio.sleep(0.25)
    seconds = time.monotonic() - began
    delays += await asyncio.gather(*asking)
    await engine.stop(10)
    left = await store.outbox([PostState.PENDING, PostState.SENDING, PostState.HELD])
    assert not left, f"{len(left)} posts are left"
    return Measured(name, workspaces, seconds, delays)


async def compare(databases: SqliteFiles | PostgresqlServer, options: argparse.Namespace, folder: Path) -> None:
    settings = Settings(data_dir=folder, encoder=EncoderKind.NONE)
    for name in options.ways or WAYS:
        store = SqlStore(async_engine(databases.migrated()))
        async with running(settings, store=store) as application:
            await application.ready()
            await ask(application, None, -1)
            print(await measure(application, store, name, options), flush=True)
        await store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspaces", type=int, default=5000)
    parser.add_argument("--work", type=float, default=20.0, help="milliseconds of computing a digest")
    parser.add_argument("--at-once", type=int, default=2, help="digests that are composed at the same time")
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="postgresql")
    parser.add_argument("--ways", nargs="*", choices=WAYS, help="which of the three to measure; all by default")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crux-calendar-")))
        databases: SqliteFiles | PostgresqlServer = SqliteFiles(folder)
        if options.engine == "postgresql":
            databases = stack.enter_context(postgresql_server())
        asyncio.run(compare(databases, options, folder))


if __name__ == "__main__":
    main()
