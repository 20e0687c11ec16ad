"""How the parts of the store reach the database; each is about one kind of row, and `store.SqlStore` is all of them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from hashlib import blake2b
from typing import Any, TypeAlias

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.engine import WRITES
from bot.storage.failures import translated
from bot.storage.models import Base
from bot.storage.rows import AnyRow
from bot.storage.turn import Turn

AnySelect: TypeAlias = Select[*tuple[Any, ...]]


def beginning(query: AnySelect, column: Any, prefixes: Sequence[str]) -> AnySelect:
    """Of a query's rows those in which a column begins with one of the prefixes; all, where there are none."""
    if not prefixes:
        return query
    return query.where(or_(*(column.startswith(prefix, autoescape=True) for prefix in prefixes)))


class Access:
    """A database's connections.

    On SQLite the writers of one process wait for each other here, in turn, and not by polling the write lock;
    PostgreSQL locks rows and needs no such queue.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = self._urgent_writer = engine.execution_options(**WRITES)
        self._sqlite = engine.dialect.name == "sqlite"
        self._turn = Turn() if self._sqlite else None
        if self._sqlite:
            from sqlalchemy.dialects.sqlite import insert  # noqa: PLC0415 (each engine's own, loaded only when used)

            self._insert: Any = insert
        else:
            from sqlalchemy.dialects.postgresql import insert as insert_postgresql  # noqa: PLC0415

            self._insert = insert_postgresql

    @asynccontextmanager
    async def _writing(self, *, urgent: bool = False) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes; one that a platform's deadline waits for comes before others that wait."""
        with translated():
            writer = self._urgent_writer if urgent else self._writer
            async with self._in_turn(urgent=urgent), writer.begin() as connection:
                yield connection

    def _in_turn(self, *, urgent: bool = False) -> AbstractAsyncContextManager[None]:
        return nullcontext() if self._turn is None else self._turn.hold(urgent=urgent)

    async def _first(self, query: AnySelect) -> AnyRow | None:
        with translated():
            async with self._engine.connect() as connection:
                return (await connection.execute(query)).first()

    async def _all(self, query: AnySelect) -> Sequence[AnyRow]:
        with translated():
            async with self._engine.connect() as connection:
                return (await connection.execute(query)).all()

    def _upsert(self, row: type[Base], *changed: str) -> Any:
        """An insert that gives a row with the same key the new values of the named columns."""
        statement = self._insert(row)
        keys = [column.key for column in row.__table__.primary_key]
        return statement.on_conflict_do_update(
            index_elements=keys, set_={name: statement.excluded[name] for name in changed}
        )

    async def _hold(self, connection: AsyncConnection, *names: str, shared: bool = False) -> None:
        """Wait for a lock on what the names say, until the transaction ends; shared ones don't wait for each other.

        For what is decided from many rows, some of which may not be there yet, so that no row's lock would do. On
        SQLite the transaction holds the only lock there is. Take the lock of a workspace before those within it.
        """
        if self._sqlite:
            return
        # Two names may meet in 64 bits; their holders then wait for each other without need.
        digest = blake2b(json.dumps(names).encode(), digest_size=8).digest()
        lock = func.pg_advisory_xact_lock_shared if shared else func.pg_advisory_xact_lock
        await connection.execute(select(lock(int.from_bytes(digest, signed=True))))
