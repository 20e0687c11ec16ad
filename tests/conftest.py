"""Databases: SQLite files, and a PostgreSQL that is started once for all tests."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Protocol

import pytest
from sqlalchemy import URL

from tests.databases import PostgresqlServer, SqliteFiles, postgresql_server

ENGINES = ("sqlite", "postgresql")


class Databases(Protocol):
    """Where new databases come from."""

    def empty(self) -> URL: ...

    def migrated(self) -> URL: ...


@pytest.fixture(autouse=True)
def log_levels() -> Iterator[None]:
    """A command that runs within a test sets the log up as it likes; the next test finds it as it was."""
    root, ours = logging.getLogger(), logging.getLogger("bot")
    before = (list(root.handlers), root.level, ours.level)
    yield
    root.handlers[:], level, own = before
    root.setLevel(level)
    ours.setLevel(own)


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
