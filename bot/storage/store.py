"""The store on SQLite and PostgreSQL; `bot.testing.MemoryStore` is its twin in memory, held to the same tests."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import URL, select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

from bot.storage.amendments import AmendmentStore
from bot.storage.backlog import BacklogStore
from bot.storage.calendar import CalendarStore
from bot.storage.codec import dump_vector, load_vector
from bot.storage.credits import CreditStore
from bot.storage.digests import DigestStore
from bot.storage.endorsements import EndorsementStore
from bot.storage.engine import BUSY_SECONDS, WRITES, async_engine, is_sqlite
from bot.storage.forgetting import ForgettingStore
from bot.storage.inbox import InboxStore
from bot.storage.installations import InstallationStore
from bot.storage.ledger import Ledger
from bot.storage.migrations import prepare
from bot.storage.models import ChannelRow, VectorRow
from bot.storage.positions import PositionStore
from bot.storage.prompts import PromptStore
from bot.storage.settings import SettingStore
from bot.storage.snapshots import SnapshotStore
from bot.storage.threads import ThreadStore
from bot.storage.workspaces import WorkspaceStore

log = logging.getLogger(__name__)

_REST_SECONDS: Final = 1.0

_HASHES_A_QUERY: Final = 500
"""SQLite takes 32,766 variables a statement, older builds 999."""


class SqlStore(
    InboxStore,
    EndorsementStore,
    PositionStore,
    SnapshotStore,
    CreditStore,
    DigestStore,
    AmendmentStore,
    CalendarStore,
    PromptStore,
    ThreadStore,
    BacklogStore,
    SettingStore,
    InstallationStore,
    WorkspaceStore,
    ForgettingStore,
):
    """`core.ports.Store` over SQLAlchemy.

    Args:
        ledger: where it is noted, outside the database, who asked to be forgotten.
        hurried: connections of their own for what a platform's deadline waits for, where there are several writers;
            or it would wait behind everything that is being answered.
    """

    def __init__(self, engine: AsyncEngine, ledger: Ledger | None = None, hurried: AsyncEngine | None = None) -> None:
        super().__init__(engine)
        self._hurried = hurried
        if hurried is not None:
            self._urgent_writer = hurried.execution_options(**WRITES)
        self._ledger = ledger

    @classmethod
    async def open(cls, url: URL, busy_seconds: float = BUSY_SECONDS, ledger: Ledger | None = None) -> SqlStore:
        """Open a database whose schema is this code's; an SQLite file is made or upgraded first, after a backup.

        Whoever the ledger says is to be forgotten, and isn't since a backup was put back, is forgotten again.

        Raises:
            SchemaTooNew, StorageBusy, StorageFull, StorageCorrupt: as their names say.
            StorageError: PostgreSQL needs `crux db upgrade`, or refuses the connection; the ledger lacks its key.
        """
        await asyncio.to_thread(prepare, url, busy_seconds)
        hurried = None if is_sqlite(url) else async_engine(url, busy_seconds, connections=2)
        store = cls(async_engine(url, busy_seconds), ledger, hurried)
        try:
            await store.delete_again()
            await store.forget_again()
        except BaseException:
            await store.close()
            raise
        return store

    async def close(self) -> None:
        """Close all connections; those that still work for somebody get a moment for it."""
        for engine in (self._engine, self._hurried):
            if engine is not None:
                await _at_rest(engine)
                await engine.dispose()

    # -- channels -----------------------------------------------------------------------------------------------------

    async def channel_topic(self, workspace: str, channel: str) -> str | None:
        query = select(ChannelRow.topic).where(ChannelRow.workspace_id == workspace, ChannelRow.channel_id == channel)
        row = await self._first(query)
        return None if row is None else str(row[0])

    async def set_channel_topic(self, workspace: str, channel: str, topic: str) -> None:
        statement = self._upsert(ChannelRow, "topic").values(workspace_id=workspace, channel_id=channel, topic=topic)
        async with self._writing() as connection:
            await connection.execute(statement)

    # -- vectors ------------------------------------------------------------------------------------------------------

    async def vectors(self, model_id: str, hashes: Sequence[str]) -> Mapping[str, NDArray[np.float32]]:
        found: dict[str, NDArray[np.float32]] = {}
        for start in range(0, len(hashes), _HASHES_A_QUERY):
            query = select(VectorRow.text_hash, VectorRow.vector).where(
                VectorRow.model_id == model_id, VectorRow.text_hash.in_(hashes[start : start + _HASHES_A_QUERY])
            )
            found |= {text_hash: load_vector(vector) for text_hash, vector in await self._all(query)}
        return found

    async def keep_vectors(self, model_id: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        if not vectors:
            return
        # In one order for all, so that two processes that keep the same vectors don't wait for each other in a circle.
        rows = [
            {"model_id": model_id, "text_hash": text_hash, "vector": dump_vector(vectors[text_hash])}
            for text_hash in sorted(vectors)
        ]
        async with self._writing() as connection:
            await connection.execute(self._upsert(VectorRow, "vector"), rows)


async def _at_rest(engine: AsyncEngine) -> None:
    """Wait, not for long, until no connection is in use: one that comes back later is closed by nobody."""
    pool = engine.pool
    assert isinstance(pool, QueuePool)
    try:
        async with asyncio.timeout(_REST_SECONDS):
            while pool.checkedout():  # noqa: ASYNC110 (the pool tells nobody when one comes back)
                await asyncio.sleep(0.005)
    except TimeoutError:
        log.info("the database is closed while it is in use")
