"""Addresses and engines of the two databases.

Durability: an event is acknowledged to the platform once it is committed, and is then never sent again, so a commit
must survive a power cut. In WAL mode SQLite syncs the log at each commit only with `synchronous=FULL`; NORMAL may lose
the last commits (https://www.sqlite.org/pragma.html#pragma_synchronous). FULL costs one fsync a commit, well under the
time that a reply takes. PostgreSQL does the same by default.

Transactions: Python's sqlite3 opens them late and as readers. Here each is opened by us, and one that will write takes
the write lock at once (BEGIN IMMEDIATE): waiting for it up front can time out, but it can't fail half-way.

An error's text never shows a statement's parameters: they are what members wrote, and errors end in logs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from bot.errors import ConfigurationError

BUSY_SECONDS: Final = 5.0
"""How long to wait for a lock, or for a connection, before StorageBusy."""

WRITES: Final = {"sqlite_begin": "BEGIN IMMEDIATE"}
"""Execution options of an engine or connection whose transactions write; without them, they read."""

NO_TRANSACTION: Final = {"sqlite_begin": None}
"""Execution options for what SQLite does outside transactions only, such as the switch to WAL."""

_SQLITE_PRAGMAS: Final = ("foreign_keys=ON", "synchronous=FULL", "fullfsync=ON", "secure_delete=ON")
_TAKES = "CRUX_DATABASE_URL takes postgresql://user:password@host/name or sqlite:////path/to/crux.db"


def sqlite_url(path: Path) -> URL:
    """The address of an SQLite file."""
    return URL.create("sqlite+aiosqlite", database=str(path))


def parse_url(address: str) -> URL:
    """An operator's address with the driver that Crux uses.

    Raises:
        ConfigurationError: it is no address, not of PostgreSQL or SQLite, or an SQLite database in memory.
    """
    try:
        url = make_url(address.strip())
        backend = url.get_backend_name()
    except ArgumentError:
        raise ConfigurationError(f"{_TAKES}.") from None
    match backend:
        case "postgresql" | "postgres":
            return url.set(drivername="postgresql+psycopg")
        case "sqlite" if url.database and ":memory:" not in url.database:
            return url.set(drivername="sqlite+aiosqlite")
        case "sqlite":
            raise ConfigurationError(f"{_TAKES}; a database in memory would forget every debate.")
        case _:
            raise ConfigurationError(f"{_TAKES}, not {backend}.")


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def file_of(url: URL) -> Path:
    """The file of an SQLite address."""
    assert url.database is not None
    return Path(url.database.removeprefix("file:"))


def async_engine(url: URL, busy_seconds: float = BUSY_SECONDS, *, connections: int = 15) -> AsyncEngine:
    """The engine that a store works with. Nothing is opened before the first query; only PostgreSQL loads psycopg.

    Of PostgreSQL's connections at most so many are open, and at most five while little is done.
    """
    if not is_sqlite(url):
        kept = min(connections, 5)
        return create_async_engine(
            url,
            connect_args=_postgresql_arguments(url, busy_seconds),
            pool_size=kept,
            max_overflow=connections - kept,
            pool_pre_ping=True,
            pool_timeout=busy_seconds,
            hide_parameters=True,
        )
    engine = create_async_engine(
        url,
        connect_args={"timeout": busy_seconds, "isolation_level": None},
        pool_timeout=busy_seconds,
        hide_parameters=True,
    )
    _own_transactions(engine.sync_engine, _SQLITE_PRAGMAS)
    return engine


def sync_engine(url: URL, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """An engine for migrations and upkeep, which keeps no connection open.

    On SQLite foreign keys are off: Alembic alters a table by replacing it, which would empty those that refer to it.
    """
    if not is_sqlite(url):
        return create_engine(
            url, connect_args=_postgresql_arguments(url, busy_seconds), poolclass=NullPool, hide_parameters=True
        )
    engine = create_engine(
        url.set(drivername="sqlite"),
        connect_args={"timeout": busy_seconds, "isolation_level": None},
        poolclass=NullPool,
        hide_parameters=True,
    )
    _own_transactions(engine, ("foreign_keys=OFF", "synchronous=FULL", "fullfsync=ON", "secure_delete=ON"))
    return engine


def _postgresql_arguments(url: URL, busy_seconds: float) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    if "connect_timeout" not in url.query:
        arguments["connect_timeout"] = max(2, round(busy_seconds))
    if "options" not in url.query:
        # PgBouncer takes this when it is told to: `ignore_startup_parameters = options`.
        arguments["options"] = f"-c lock_timeout={round(busy_seconds * 1000)}"
    return arguments


def _own_transactions(engine: Engine, pragmas: tuple[str, ...]) -> None:
    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        statement = connection.get_execution_options().get("sqlite_begin", "BEGIN")
        if statement is not None:
            connection.exec_driver_sql(statement)
