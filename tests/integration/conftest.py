"""Databases and stores: in memory, on SQLite, on a PostgreSQL that is started once for all tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Protocol

import pytest
from sqlalchemy import URL, event

from bot.storage.engine import async_engine, is_sqlite
from bot.storage.store import SqlStore
from bot.testing import MemoryStore
from tests.databases import HastyStore, PostgresqlServer, SqliteFiles, postgresql_server

ENGINES = ("sqlite", "postgresql")


class Databases(Protocol):
    """Where new databases come from."""

    def empty(self) -> URL: ...

    def migrated(self) -> URL: ...


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    with postgresql_server() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    return SqliteFiles(tmp_path_factory.mktemp("databases"))


@pytest.fixture(params=ENGINES)
def databases(request: pytest.FixtureRequest) -> Databases:
    found: Databases = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def migrated(databases: Databases) -> URL:
    """The address of a new database with all tables."""
    return databases.migrated()


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
