"""Workspaces that remove the bot: left alone while they are gone, deleted to the last row and byte, or back again."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Boolean, LargeBinary, insert, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect

from bot.core.outbox import PostState
from bot.core.ports import Store
from bot.scheduling.upkeep import Upkeep
from bot.storage.backup import back_up
from bot.storage.engine import file_of
from bot.storage.inbox import _open
from bot.storage.ledger import Ledger
from bot.storage.models import (
    OPEN,
    UNCLOSED,
    UNSENT,
    Base,
    DepartureRow,
    FiringRow,
    InboxRow,
    OutboxRow,
    PromptRow,
    ScheduleRow,
)
from bot.storage.store import SqlStore
from bot.storage.workspaces import is_here
from bot.testing import ManualClock
from tests.databases import SqliteFiles
from tests.integration.test_forgetting import SECRET, live, on_disk
from tests.integration.values import a_firing, a_post, a_prompt, a_request, a_schedule, after

TABLES = [table for table in Base.metadata.sorted_tables if "workspace_id" in table.columns]
CHECKED: Mapping[tuple[str, str], object] = {
    ("inbox", "state"): "received",
    ("inbox", "leased_until"): None,
    ("endorsements", "endorsement"): "signed",
    ("positions", "stance"): "agree",
    ("published_positions", "stance"): "agree",
    ("prompt_positions", "stance"): "agree",
    ("digest_positions", "stance"): "agree",
    ("proposals", "state"): "open",
    ("proposals", "decided_at"): None,
    ("firings", "state"): "due",
    ("firings", "worker"): None,
    ("outbox", "state"): "pending",
    ("outbox", "worker"): None,
    ("outbox", "sent_at"): None,
    ("prompts", "ending"): None,
    ("prompts", "closed_at"): None,
    ("paces", "pace"): "keep",
}
"""What a check demands of a column; any other takes any value of its type."""


def a_row(table: Any, workspace: str) -> dict[str, Any]:
    """A row with something in every column."""
    row: dict[str, Any] = {}
    for column in table.columns:
        value: Any = workspace if column.name == "workspace_id" else f"a {column.name}"
        if column.type.python_type is int or column.type.python_type is float:
            value = 1
        elif isinstance(column.type, Boolean):
            value = True
        elif isinstance(column.type, LargeBinary):
            value = b"bytes"
        elif "time" in str(column.type.compile(sqlite_dialect.dialect())).lower():
            value = after(1)
        if column.name == "reply_id":
            value = "a id"
        row[column.name] = CHECKED.get((table.name, column.name), value)
    return row


async def contents(store: SqlStore, workspace: str) -> dict[str, list[Any]]:
    async with store._engine.connect() as connection:
        return {
            table.name: [
                tuple(row) for row in await connection.execute(select(table).where(table.c.workspace_id == workspace))
            ]
            for table in TABLES
        }


async def test_deleting_a_workspace_empties_every_table_of_it_and_touches_no_other(sql_store: SqlStore) -> None:
    async with sql_store._writer.begin() as connection:
        for table in TABLES:
            for workspace in ("w1", "w10", "w2"):
                await connection.execute(insert(table).values(a_row(table, workspace)))
    others = [await contents(sql_store, workspace) for workspace in ("w10", "w2")]
    assert all(all(rows.values()) for rows in others)
    assert await sql_store.delete_workspace("w1", after(9)) == len(TABLES)
    assert not any((await contents(sql_store, "w1")).values())
    assert [await contents(sql_store, workspace) for workspace in ("w10", "w2")] == others
    assert await sql_store.delete_workspace("w1", after(9)) == 0


async def test_what_members_left_in_a_workspace_goes_with_it(store: Store) -> None:
    await live(store)
    await live(store, workspace="w2", words="elsewhere")
    await store.set_setting("w1", "c1", "model", "off")
    await store.keep_installation("w1", "bot", b"sealed", after(0), "ada")
    before = await store.member_record("w2", "ada")
    assert await store.delete_workspace("w1", after(9)) > 0
    found = await store.member_record("w1", "ada")
    assert (found.name, found.positions, found.requests, found.replies, found.usage) == (None, (), (), (), ())
    assert await store.settings("w1", "c1") == {}
    assert [part.workspace for part in await store.all_installations()] == ["w2"]
    assert await store.member_record("w2", "ada") == before
    assert await store.receive(a_request("ada-0"))  # nothing is known of its events either


async def test_no_bytes_of_a_deleted_workspace_are_left(sqlite: SqliteFiles) -> None:
    url = sqlite.migrated()
    store = await SqlStore.open(url)
    await live(store)
    await live(store, workspace="w2", words="elsewhere")
    assert on_disk(url, SECRET)
    await store.delete_workspace("w1", after(9))
    assert on_disk(url, SECRET) == []
    assert on_disk(url, "elsewhere")
    await store.close()


# -- while it is gone -------------------------------------------------------------------------------------------------


async def arrange(store: Store, workspace: str) -> None:
    await store.put_schedule(a_schedule(workspace=workspace), after(0))
    await store.fire(a_firing(1, workspace=workspace), after(1))
    await store.enqueue([a_post(workspace=workspace, at=2)])
    await store.receive(a_request(workspace=workspace))
    assert await store.open_prompt(a_prompt(workspace=workspace), after(0)) is not None


async def taken(store: Store) -> list[set[str]]:
    """The workspaces of which something is taken up, by kind."""
    found: list[set[str]] = [{each.schedule.workspace for each in await store.schedules_to_check(after(500), 9)}]
    while firing := await store.lease_firing("a", after(500), 1000):
        found.append({firing.workspace})
    while entry := await store.lease_post("a", after(500), 1000):
        found.append({entry.post.workspace})
    while request := await store.lease("a", after(500), 1000):
        found.append({request.workspace})
    found.append(set(await store.workspaces_to_close(after(500), 9)))
    return found


async def test_nothing_of_a_workspace_that_left_is_taken_up_until_it_is_back(store: Store) -> None:
    await arrange(store, "w1")
    await arrange(store, "w2")
    await store.workspace_left("w1", after(3))
    backlog = await store.backlog()
    assert (backlog.posts[PostState.PENDING], backlog.firings) == (1, 1)
    assert await taken(store) == [{"w2"}] * 5
    assert await store.workspace_back("w1")
    assert [each.schedule.workspace for each in await store.schedules_to_check(after(500), 9)] == ["w1", "w2"]
    assert [found for found in await taken(store) if found == {"w1"}] == [{"w1"}] * 3
    assert await store.workspaces_to_close(after(500), 9) == ["w1", "w2"]
    assert not await store.workspace_back("w1")


async def test_the_workspaces_that_are_here_are_those_with_anything_kept_that_have_not_left(store: Store) -> None:
    await store.join("discord:1", "ann", "Ann", after(0))
    await store.set_setting("discord:2", None, "budget", "5")
    await store.set_channel_topic("discord:3", "c", "tea")
    await store.receive(a_request(workspace="discord:4"))
    await store.workspace_left("discord:3", after(1))
    await store.workspace_left("discord:6", after(1))
    await store.join("slack:5", "ann", "Ann", after(0))
    await store.join("discordant", "ann", "Ann", after(0))
    assert await store.workspaces_here("discord:") == ["discord:1", "discord:2", "discord:4"]
    await store.delete_workspace("discord:1", after(2))
    assert await store.workspace_back("discord:3")
    assert await store.workspaces_here("discord:") == ["discord:2", "discord:3", "discord:4"]
    assert await store.workspaces_here("nowhere:") == []


async def test_departures_count_from_the_first_one_until_it_is_back(store: Store) -> None:
    for workspace, at in (("w1", 5), ("w2", 1), ("w1", 9), ("w3", 3)):
        await store.workspace_left(workspace, after(at))
    assert await store.workspaces_to_delete(after(5), 9) == ["w2", "w3"]
    assert await store.workspaces_to_delete(after(6), 2) == ["w2", "w3"]
    assert await store.workspace_back("w2")
    assert await store.workspaces_to_delete(after(6), 9) == ["w3", "w1"]
    assert await store.delete_workspace("w1", after(9), left_before=after(5)) == 0
    assert await store.delete_workspace("w2", after(9), left_before=after(5)) == 0
    assert await store.delete_workspace("w3", after(9), left_before=after(5)) > 0
    assert not await store.workspace_back("w3")


async def test_a_workspace_is_back_or_deleted_and_never_both(migrated: URL) -> None:
    store = await SqlStore.open(migrated)
    for n in range(10):
        workspace = f"w{n}"
        await live(store, workspace=workspace)
        await store.workspace_left(workspace, after(0))
        deleted, back = await asyncio.gather(
            store.delete_workspace(workspace, after(9), after(5)), store.workspace_back(workspace)
        )
        assert (deleted > 0) is not back
        assert bool((await store.member_record(workspace, "ada")).positions) is back
    await store.close()


class NoPrompts:
    async def end_due(self, workspace: str, channel: str | None = None) -> None:
        raise AssertionError("none is open")


async def test_upkeep_deletes_who_left_long_ago_and_names_nobody(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="bot.scheduling.upkeep")
    clock = ManualClock(after(0))
    upkeep = Upkeep(NoPrompts(), store, clock, timedelta(days=90), timedelta(days=30))
    for workspace in ("gone-for-good", "gone-a-while", "here"):
        await live(store, workspace=workspace)
    await store.workspace_left("gone-for-good", clock.now())
    clock.advance(3600 * 24)
    await store.workspace_left("gone-a-while", clock.now())
    clock.advance(3600 * 24 * 29 + 1)
    await upkeep.do()
    left = [bool((await store.member_record(w, "ada")).positions) for w in ("gone-for-good", "gone-a-while", "here")]
    assert left == [False, True, True]
    assert "deleted a workspace that had removed the bot" in caplog.text
    assert "gone-for-good" not in caplog.text
    assert await store.workspace_back("gone-a-while")
    clock.advance(3600 * 24 * 90)
    await upkeep.do()
    assert (await store.member_record("gone-a-while", "ada")).positions


# -- a backup that is put back ----------------------------------------------------------------------------------------


async def test_a_backup_that_is_put_back_deletes_again_and_spares_who_came_back_later(
    sqlite: SqliteFiles, tmp_path: Path
) -> None:
    url = sqlite.migrated()
    store = await SqlStore.open(url, ledger=Ledger(tmp_path))
    await live(store)
    await live(store, workspace="w2", words="elsewhere")
    old = back_up(url, tmp_path / "copies")
    await store.delete_workspace("w1", after(50))
    await live(store, words="installed anew", at=100)
    new = back_up(url, tmp_path / "copies")
    await store.close()
    for copy, positions in ((old, 0), (new, 2)):
        shutil.copy(copy, file_of(url))
        store = await SqlStore.open(url, ledger=Ledger(tmp_path))
        assert len((await store.member_record("w1", "ada")).positions) == positions
        assert len((await store.member_record("w2", "ada")).positions) == 2
        assert on_disk(url, SECRET) == []
        await store.close()
    assert "w1" not in (tmp_path / "forgotten.jsonl").read_text()


# -- query plans ------------------------------------------------------------------------------------------------------

QUERIES = {
    "ix_inbox_open": select(InboxRow.event_id)
    .where(_open(after(0)), is_here(InboxRow))
    .order_by(InboxRow.received_at, InboxRow.ordinal),
    "ix_firings_open": select(FiringRow.schedule_id)
    .where(text(OPEN), FiringRow.free_at <= after(0), is_here(FiringRow))
    .order_by(FiringRow.free_at),
    "ix_outbox_open": select(OutboxRow.id)
    .where(text(f"outbox.{UNSENT}"), OutboxRow.free_at <= after(0), is_here(OutboxRow))
    .order_by(OutboxRow.free_at),
    "ix_schedules_wake": select(ScheduleRow.id)
    .where(ScheduleRow.wake_at <= after(0), is_here(ScheduleRow))
    .order_by(ScheduleRow.wake_at),
    "ix_prompts_open": select(PromptRow.workspace_id).where(
        text(UNCLOSED), PromptRow.closes_at <= after(0), is_here(PromptRow)
    ),
    "ix_departures_at": select(DepartureRow.workspace_id).where(DepartureRow.at < after(0)).order_by(DepartureRow.at),
}


@pytest.mark.parametrize("index", QUERIES)
async def test_what_is_asked_every_second_is_read_from_an_index(sql_store: SqlStore, index: str) -> None:
    on_sqlite = sql_store._sqlite
    dialect = sqlite_dialect.dialect() if on_sqlite else postgresql.dialect()  # type: ignore[no-untyped-call]
    query = str(QUERIES[index].limit(1).compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    async with sql_store._engine.connect() as connection:
        if on_sqlite:
            rows = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")).all()
        else:
            await connection.exec_driver_sql("SET enable_seqscan = off")
            rows = (await connection.exec_driver_sql(f"EXPLAIN {query}")).all()
    plan = "\n".join(str(row[-1]) for row in rows)
    assert index in plan
    if index != "ix_departures_at":
        assert "departures" in plan
        assert "SCAN departures" not in plan
        assert "Seq Scan on departures" not in plan
