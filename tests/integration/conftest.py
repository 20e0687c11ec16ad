"""Stores: in memory, on SQLite, on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import URL, event

from bot.storage.engine import async_engine, is_sqlite
from bot.storage.store import SqlStore
from bot.testing import MemoryStore
from tests.conftest import ENGINES, Databases
from tests.databases import HastyStore


@pytest.fixture
async def sql_store(migrated: URL) -> AsyncIterator[SqlStore]:
    store = SqlStore(async_engine(migrated))
    yield store
    await store.close()


@pytest.fixture
async def hasty_store(migrated: URL) -> AsyncIterator[SqlStore]:
    """A store for properties, which are tried on thousands of commits."""
    engine = async_engine(migrated)
    if is_sqlite(migrated):
        event.listen(engine.sync_engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    store = HastyStore(engine)
    yield store
    await store.close()


@pytest.fixture(params=["memory", *ENGINES])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[MemoryStore | SqlStore]:
    """Each kind of store, empty."""
    if request.param == "memory":
        yield MemoryStore()
        return
    databases: Databases = request.getfixturevalue(request.param)
    store = SqlStore(async_engine(databases.migrated()))
    yield store
    await store.close()
