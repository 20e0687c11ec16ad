"""Time and memory of a group's standing as it grows: `python -m tests.benchmarks.standing [LARGEST] [ENGINE ...]`.

From 1,000 positions to LARGEST (1,000,000), in one topic on SQLite and PostgreSQL. Each member holds 100 positions: one
on the thesis, the other 99 spread over the claims. So at a million there are 10,000 members, and 1,000 claims of about
1,000 voters each. Memory is this process's peak above what it had once filled, so without PostgreSQL's own.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from sqlalchemy import URL, text

from bot.core.positions import Position, Stance
from bot.storage.engine import is_sqlite
from bot.storage.ledger import Ledger
from bot.storage.migrations import upgrade
from bot.storage.store import SqlStore
from tests.databases import SqliteFiles, postgresql_server
from tests.integration.values import after

EACH = 100
"""Positions of a member."""

FILL = """
INSERT INTO positions (workspace_id, ordinal, member_id, topic, claim_id, claim_version, stance, at, crux, public)
WITH RECURSIVE numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i < {positions} - 1),
held(i, member, nth) AS (SELECT i, i % {members}, i / {members} FROM numbers)
SELECT 'w1', CAST(1000000000 + i AS TEXT), 'm' || CAST(member AS TEXT), 'topic',
    'C-' || CAST(CASE nth WHEN 0 THEN 0 ELSE 1 + (member % {blocks} * {each} + nth) % {others} END AS TEXT), 1,
    CASE i / 3 % 97 * 31 / 7 % 5 WHEN 0 THEN 'strongly disagree' WHEN 1 THEN 'disagree' WHEN 2 THEN 'agree'
        WHEN 3 THEN 'strongly agree' ELSE 'unsure' END,
    {at}, i % 7 = 0, i % 11 = 0
FROM held
"""

MEMBERS = """
INSERT INTO members (workspace_id, member_id, name, first_seen, last_seen)
WITH RECURSIVE numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i < {members} - 1)
SELECT 'w1', 'm' || CAST(i AS TEXT), 'Member ' || CAST(i AS TEXT), {at}, {at} FROM numbers
"""

WHAT = ("stand", "same", "move", "all", "read", "cells", "live", "forget", "start")
HEADER = f"{'engine':<11}{'positions':>10}{'members':>9}{'claims':>8}" + "".join(f"{each:>9}" for each in WHAT)


async def fill(store: SqlStore, positions: int, claims: int) -> None:
    at = "'2026-03-01 12:00:00.000000'" if store._sqlite else "TIMESTAMPTZ '2026-03-01 12:00:00+00'"
    numbers: dict[str, Any] = {
        "positions": positions,
        "members": positions // EACH,
        "blocks": claims // EACH,
        "others": claims - 1,
        "each": EACH,
        "at": at,
    }
    async with store._writing() as connection:
        await connection.execute(text(FILL.format(**numbers)))
        await connection.execute(text(MEMBERS.format(**numbers)))
    if not store._sqlite:  # autovacuum's work, which a fill of seconds doesn't wait for
        async with store._engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            await connection.execute(text("VACUUM ANALYZE"))


async def timed(work: Awaitable[object]) -> float:
    start = time.perf_counter()
    await work
    return time.perf_counter() - start


def peak() -> float:
    """The most memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def measure(url: URL, positions: int, folder: Path) -> tuple[dict[str, float], float]:
    """Seconds of each kind of work, and MB."""
    claims = max(EACH, positions // 1_000)
    store = await SqlStore.open(url, ledger=Ledger(folder))
    await fill(store, positions, claims)
    before = peak()
    found: dict[str, float] = {}

    async def publish(claim: int) -> bool:
        return await store.publish("w1", "topic", f"C-{claim}", 1, after(1), after(0))

    async def publish_all() -> None:
        for claim in range(1, claims):
            await publish(claim)

    async def stand(member: str) -> None:
        position = Position("w1", "topic", "C-0", 1, member, Stance.AGREE, after(2))
        await store.add_position(position)

    await publish(0)
    found["stand"] = await timed(stand("new0"))
    found["same"] = await timed(publish(0))
    await stand("new1")
    await stand("new2")
    found["move"] = await timed(publish(0))
    found["all"] = await timed(publish_all())
    found["read"] = await timed(store.published("w1", "topic"))
    found["cells"] = await timed(store.published_positions("w1", "topic", 5_000))
    found["live"] = await timed(store.current_positions("w1", "topic", "C-0"))
    memory = peak() - before
    found["forget"] = await timed(store.forget("w1", "m1", after(3)))
    found["start"] = await timed(store.forget_again())
    await store.close()
    return found, memory


def run(url: URL, positions: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found, memory = asyncio.run(measure(url, positions, Path(folder)))
    engine, claims = "SQLite" if is_sqlite(url) else "PostgreSQL", max(EACH, positions // 1_000)
    cells = "".join(f"{found[what]:>8.3f}s" for what in WHAT)
    print(f"{engine:<11}{positions:>10,}{positions // EACH:>9,}{claims:>8,}{cells}{memory:>7.0f} MB", flush=True)


def main() -> None:
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    engines = sys.argv[2:] or ["sqlite", "postgresql"]
    sizes = [size for size in (1_000, 10_000, 100_000, 1_000_000) if size <= largest]
    print(__doc__)
    print(
        "stand: add a position; same: publish after it, nothing moves; move: publish the thesis anew; all: publish all"
    )
    print(
        "others once; read: all figures; cells: all positions unless above 5,000; live: one claim; forget: one member\n"
    )
    print(f"{HEADER}{'memory':>10}")
    fresh = multiprocessing.get_context("spawn")  # the peak of one run must not hide another's

    def each(url: URL, positions: int) -> None:
        process = fresh.Process(target=run, args=(url, positions))
        process.start()
        process.join()
        if process.exitcode:
            raise SystemExit(process.exitcode)

    if "sqlite" in engines:
        with tempfile.TemporaryDirectory() as folder:
            for size in sizes:
                each(SqliteFiles(Path(folder) / str(size)).empty(), size)
    if "postgresql" in engines:
        with postgresql_server() as server:
            for size in sizes:
                url = server.empty()
                upgrade(url)
                each(url, size)


if __name__ == "__main__":
    main()
