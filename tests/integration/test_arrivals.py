"""Requests that come at once: committed together, each with its own answer, on each database."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest

from bot.core.requests import Request
from bot.errors import StorageBusy
from bot.storage.arrivals import Arrivals, Key, Values
from bot.storage.store import SqlStore
from tests.databases import PostgresqlServer

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


def request(event: str, workspace: str = "w") -> Request:
    return Request(workspace, "c", "ann", "/crux me", event, AT)


async def test_many_at_once_are_each_new_once(sql_store: SqlStore) -> None:
    events = [f"e{n % 70}" for n in range(140)]
    new = await asyncio.gather(*(sql_store.receive(request(event), "worker", 90) for event in events))
    assert sum(new) == 70
    assert not any(await asyncio.gather(*(sql_store.receive(request(event)) for event in events)))
    assert await sql_store.receive(request("e0", "another"))


async def test_two_processes_that_get_the_same_events_share_them_out(sql_store: SqlStore) -> None:
    other = SqlStore(sql_store._engine)
    events = [f"e{n}" for n in range(60)]
    one = [sql_store.receive(request(event), "one", 90) for event in events]
    two = [other.receive(request(event), "two", 90) for event in reversed(events)]
    new = await asyncio.gather(*one, *two)
    assert [a + b for a, b in zip(new[:60], reversed(new[60:]), strict=True)] == [1] * 60


class Disk:
    """Writes when it is let, and refuses what a test says."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.batches: list[list[str]] = []
        self.refused: set[str] = set()

    async def write(self, rows: Sequence[Values]) -> set[Key]:
        self.batches.append([row["event_id"] for row in rows])
        await self.go.wait()
        if self.refused & set(self.batches[-1]):
            raise StorageBusy
        return {(row["workspace_id"], row["event_id"]) for row in rows}


def row(event: str) -> Values:
    return {"workspace_id": "w", "event_id": event}


async def test_what_comes_during_a_commit_waits_for_the_next_and_no_longer() -> None:
    disk = Disk()
    arrivals = Arrivals(disk.write)
    first = asyncio.create_task(arrivals.commit(row("a")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    later = [asyncio.create_task(arrivals.commit(row(event))) for event in ("c", "b", "gone")]
    await asyncio.sleep(0)
    later[2].cancel()
    await asyncio.sleep(0)
    disk.go.set()
    assert await first
    assert await asyncio.gather(*later[:2]) == [True, True]
    assert disk.batches == [["a"], ["b", "c"]]


async def test_what_one_is_refused_for_is_not_the_others_failure() -> None:
    disk = Disk()
    disk.go.set()
    disk.refused = {"b"}
    arrivals = Arrivals(disk.write)
    came = await asyncio.gather(*(arrivals.commit(row(event)) for event in "abc"), return_exceptions=True)
    assert [came[0], came[2]] == [True, True]
    assert isinstance(came[1], StorageBusy)
    with pytest.raises(StorageBusy):
        await arrivals.commit(row("b"))
    assert await arrivals.commit(row("d"))


async def test_events_are_taken_in_while_every_other_connection_is_in_use(postgresql: PostgresqlServer) -> None:
    store = await SqlStore.open(postgresql.migrated())
    try:
        async with AsyncExitStack() as busy:
            for _ in range(15):
                await busy.enter_async_context(store._writing())
            async with asyncio.timeout(2):
                assert await store.receive(request("e1"))
    finally:
        await store.close()
