"""One due time, one post, under kills: `python -m tests.soak.outbox --seeds 200 --engine postgresql`.

A hundred workspaces have a digest due in the same minute. Replicas that share one PostgreSQL (on SQLite: one process)
compose and send them. They are killed by SIGKILL at random moments and replaced, stopped by SIGSTOP for longer than
their leases, and their connections to the database are cut. They post to a platform that times out after having posted,
shows posts late, forgets nonces, asks for pauses, and refuses two channels. At the end every due post is seen once, or
is held for an organiser; none is seen twice, none is lost.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL, create_engine, text
from sqlalchemy.pool import NullPool

from bot.core.firings import Firing, FiringState
from bot.core.outbox import Guard, PostState
from bot.core.schedules import Recurrence, Schedule, ScheduleKind
from bot.storage.backup import check
from bot.storage.engine import async_engine, is_sqlite
from bot.storage.store import SqlStore
from bot.testing.messengers import Faults, SharedMessenger
from tests.databases import SqliteFiles, postgresql_server
from tests.soak import replica
from tests.soak.replica import GUARDS, LEASE, Job, ids_of, seen
from tests.soak.tallied import Tallied

REPLICAS = 3
SECONDS = 240.0
"""How long one run may take before what is not done counts as lost."""


class Databases(Protocol):
    def empty(self) -> URL: ...

    def migrated(self) -> URL: ...


@dataclass
class Outcome(Tallied):
    """What came of one run, or of many added up."""

    runs: int = 0
    kills: int = 0
    pauses: int = 0
    """Replicas that were stopped for longer than a lease, and went on."""
    cuts: int = 0
    """Connections to the database that were cut."""
    due: int = 0
    """Posts that must be there, or held."""
    sent: int = 0
    held: int = 0
    there: int = 0
    """Held posts that can be seen on the platform: what the organiser is asked to look for."""
    doubled: int = 0
    """Posts that can be seen twice."""
    lost: int = 0
    """Neither sent nor held; or said to be sent, and nowhere to be seen."""
    crashed: int = 0
    """Replicas that ended by anything but a kill."""

    @property
    def sound(self) -> bool:
        return not (self.doubled or self.lost or self.crashed) and self.sent + self.held == self.due


@dataclass(frozen=True)
class Plan:
    """How much is to happen in one run."""

    workspaces: int = 100
    kills: int = 8
    pauses: int = 2
    cuts: int = 3
    longest: float = 1.8
    """Seconds that a pause lasts at most; beyond 2.9, what is promised about slow senders no longer covers it."""


def run(databases: Databases, seed: int, plan: Plan | None = None) -> Outcome:
    """Let replicas loose on new databases, and do to them what the plan says.

    Raises:
        StorageCorrupt: the SQLite file is damaged at the end.
    """
    plan = plan or Plan()
    url, platform = databases.migrated(), databases.empty()
    guard = guard_of(seed)
    due_at = datetime.now(UTC).replace(second=0, microsecond=0)
    asyncio.run(_prepare(url, platform, due_at, plan.workspaces))
    trial = Trial(url, platform, seed, guard, replicas=1 if is_sqlite(url) else REPLICAS, longest=plan.longest)
    outcome = trial.run(plan)
    if is_sqlite(url):
        check(url)
    asyncio.run(_count(url, platform, due_at, plan.workspaces, outcome))
    return outcome


def guard_of(seed: int) -> str:
    """The platforms take turns."""
    return list(GUARDS)[seed % len(GUARDS)]


class Trial:
    """The replicas of one run."""

    def __init__(self, url: URL, platform: URL, seed: int, guard: str, replicas: int, longest: float) -> None:
        self._longest = longest
        self._chance = random.Random(seed)
        self._names = count()
        self._url = url
        self._platform = platform
        self._seed = seed
        self._guard = guard
        # Processes are forked from one that has imported everything, so that kills hit the work and not the start-up.
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([replica.__name__, "psycopg"])
        self._replicas = [self._start() for _ in range(replicas)]
        self._paused: dict[int, float] = {}
        """When the replica of a place goes on."""

    def run(self, plan: Plan) -> Outcome:
        outcome = Outcome(runs=1)
        deadline = time.monotonic() + SECONDS
        acts: list[Callable[[Outcome], None]] = [*[self._kill] * plan.kills, *[self._pause] * plan.pauses]
        if not is_sqlite(self._url):
            acts.extend([self._cut] * plan.cuts)
        self._chance.shuffle(acts)
        time.sleep(0.1)
        for act in acts:
            time.sleep(self._chance.expovariate(1 / 0.12))
            self._wake()
            if all(each.exitcode == 0 for each in self._replicas) or time.monotonic() > deadline:
                break
            act(outcome)
        while self._paused:
            time.sleep(0.02)
            self._wake()
        for each in self._replicas:
            each.join(max(0.0, deadline - time.monotonic()))
            if each.exitcode is None:
                each.kill()
                each.join()
            outcome.crashed += each.exitcode != 0
        return outcome

    def _start(self) -> BaseProcess:
        addresses = [url.render_as_string(hide_password=False) for url in (self._url, self._platform)]
        job = Job(f"replica-{next(self._names)}", addresses[0], addresses[1], self._seed, self._guard)
        process = self._context.Process(target=replica.run, args=(job,))
        process.start()
        return process

    def _kill(self, outcome: Outcome) -> None:
        place = self._chance.randrange(len(self._replicas))
        victim = self._replicas[place]
        victim.kill()
        victim.join()
        self._paused.pop(place, None)
        outcome.kills += victim.exitcode == -signal.SIGKILL
        outcome.crashed += victim.exitcode not in {0, -signal.SIGKILL}
        self._replicas[place] = self._start()

    def _pause(self, outcome: Outcome) -> None:
        place = self._chance.randrange(len(self._replicas))
        if place in self._paused or not self._signal(place, signal.SIGSTOP):
            return
        self._paused[place] = time.monotonic() + self._chance.uniform(1.1 * LEASE, self._longest)
        outcome.pauses += 1

    def _wake(self) -> None:
        for place, at in list(self._paused.items()):
            if time.monotonic() >= at:
                self._signal(place, signal.SIGCONT)
                del self._paused[place]

    def _signal(self, place: int, what: signal.Signals) -> bool:
        process = self._replicas[place]
        if process.exitcode is not None or process.pid is None:
            return False
        os.kill(process.pid, what)
        return True

    def _cut(self, outcome: Outcome) -> None:
        chosen = (
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "ORDER BY random() LIMIT 3"
        )
        engine = create_engine(self._url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            cut = connection.execute(text(f"SELECT count(pg_terminate_backend(pid)) FROM ({chosen}) AS chosen"))
            outcome.cuts += int(cut.scalar() or 0)


def _schedule(number: int, due_at: datetime) -> Schedule:
    return Schedule(
        workspace=f"w{number}",
        id="digest",
        kind=ScheduleKind.DIGEST,
        recurrence=Recurrence("FREQ=WEEKLY", due_at.replace(tzinfo=None)),
        zone="UTC",
        channel=f"c{number}",
        created_at=due_at - timedelta(days=1),
    )


async def _prepare(url: URL, platform: URL, due_at: datetime, workspaces: int) -> None:
    messenger = SharedMessenger(platform, Guard(), Faults(), random.Random(0))
    await messenger.prepare()
    await messenger.close()
    store = SqlStore(async_engine(url))
    for number in range(workspaces):
        await store.put_schedule(_schedule(number, due_at), due_at - timedelta(seconds=1))
    await store.close()


async def _count(url: URL, platform: URL, due_at: datetime, workspaces: int, outcome: Outcome) -> None:
    copies = await seen(platform)
    store = SqlStore(async_engine(url))
    wanted = set()
    for number in range(workspaces):
        workspace = f"w{number}"
        fired = await store.firing_states(workspace, "digest")
        one_done = [(firing.due_at, state) for firing, state, _ in fired] == [(due_at, FiringState.DONE)]
        for post_id in ids_of(Firing(workspace, "digest", ScheduleKind.DIGEST, due_at)):
            outcome.due += 1
            entry = await store.outbox_entry(workspace, post_id)
            times = 0 if entry is None else copies.get(entry.post.nonce, 0)
            sent = entry is not None and entry.state is PostState.SENT
            held = entry is not None and entry.state is PostState.HELD
            outcome.sent += sent
            outcome.held += held
            outcome.there += held and times > 0
            outcome.doubled += times > 1
            outcome.lost += not one_done or not (held or (sent and times > 0))
            if entry is not None:
                wanted.add(entry.post.nonce)
    outcome.doubled += len(set(copies) - wanted)  # under another id: composed twice
    await store.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="number of runs, each with its own seed")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="postgresql")
    parser.add_argument("--workspaces", type=int, default=100, help="workspaces that are due at once")
    parser.add_argument("--kills", type=int, default=8, help="kills a run, at most")
    parser.add_argument("--pauses", type=int, default=2, help="pauses a run, at most")
    parser.add_argument("--cuts", type=int, default=3, help="times a run that connections are cut, at most")
    parser.add_argument("--longest", type=float, default=1.8, help="seconds that a pause lasts at most")
    options = parser.parse_args()
    plan = Plan(options.workspaces, options.kills, options.pauses, options.cuts, options.longest)
    total = Outcome()
    by_guard = {guard: Outcome() for guard in GUARDS}
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="crux-soak-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        databases = SqliteFiles(folder) if options.engine == "sqlite" else stack.enter_context(postgresql_server())
        for seed in range(options.first, options.first + options.seeds):
            outcome = run(databases, seed, plan)
            total += outcome
            by_guard[guard_of(seed)] += outcome
            if not outcome.sound:
                print(f"seed {seed}: {outcome}", flush=True)
            elif (seed + 1) % 10 == 0:
                print(f"after seed {seed}: {total} seconds={time.monotonic() - started:.0f}", flush=True)
    for guard, some in by_guard.items():
        print(f"{guard}: {some}")
    print(f"{options.engine}: {total} seconds={time.monotonic() - started:.0f}")
    return int(not total.sound)


if __name__ == "__main__":
    raise SystemExit(main())
