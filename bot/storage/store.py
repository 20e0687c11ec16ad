"""The store on SQLite and PostgreSQL; `bot.testing.MemoryStore` is its twin in memory, held to the same tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import URL, Select, and_, case, desc, func, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.orm import InstrumentedAttribute

from bot.core.ports import Endorsement, EndorsementCount, Reply, Request, Usage
from bot.core.positions import Position
from bot.errors import BadInput
from bot.storage.codec import dump_vector, load_vector
from bot.storage.engine import BUSY_SECONDS, WRITES, async_engine
from bot.storage.failures import translated
from bot.storage.migrations import prepare
from bot.storage.models import (
    DONE,
    LEASED,
    RECEIVED,
    Base,
    ChannelRow,
    EndorsementRow,
    InboxRow,
    PositionRow,
    ReplyRow,
    UsageRow,
    VectorRow,
    ordinal,
)
from bot.storage.rows import AnyRow, position_of, reply_of, reply_values, request_of

AnySelect: TypeAlias = Select[*tuple[Any, ...]]

_HASHES_A_QUERY: Final = 500
"""SQLite takes 32,766 variables a statement, older builds 999."""


class SqlStore:
    """`core.ports.Store` over SQLAlchemy.

    On SQLite the writers of one process wait for each other here, in turn, and not by polling the write lock;
    PostgreSQL locks rows and needs no such queue.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**WRITES)
        sqlite = engine.dialect.name == "sqlite"
        self._turn: asyncio.Lock | nullcontext[None] = asyncio.Lock() if sqlite else nullcontext()
        if sqlite:
            from sqlalchemy.dialects.sqlite import insert  # noqa: PLC0415 (each engine's own, loaded only when used)

            self._insert: Any = insert
        else:
            from sqlalchemy.dialects.postgresql import insert as insert_postgresql  # noqa: PLC0415

            self._insert = insert_postgresql

    @classmethod
    async def open(cls, url: URL, busy_seconds: float = BUSY_SECONDS) -> SqlStore:
        """Open a database whose schema is this code's; an SQLite file is made or upgraded first, after a backup.

        Raises:
            SchemaTooNew, StorageBusy, StorageFull, StorageCorrupt: as their names say.
            StorageError: PostgreSQL needs `crux db upgrade`, or refuses the connection.
        """
        await asyncio.to_thread(prepare, url, busy_seconds)
        return cls(async_engine(url, busy_seconds))

    async def close(self) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        with translated():
            async with self._turn, self._writer.begin() as connection:
                yield connection

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

    # -- inbox --------------------------------------------------------------------------------------------------------

    async def receive(self, request: Request) -> bool:
        statement = self._insert(InboxRow).values(
            workspace_id=request.workspace,
            event_id=request.event_id,
            ordinal=ordinal(),
            channel_id=request.channel,
            thread_id=request.thread,
            member_id=request.member,
            member_name=request.member_name,
            text=request.text,
            received_at=request.received_at,
            state=RECEIVED,
            attempts=0,
        )
        async with self._writing() as connection:
            new = await connection.execute(statement.on_conflict_do_nothing().returning(InboxRow.event_id))
            return new.first() is not None

    async def lease(self, worker: str, now: datetime, seconds: float, workspace: str | None = None) -> Request | None:
        query = select(*InboxRow.__table__.columns).where(_open(now))
        if workspace is not None:
            query = query.where(InboxRow.workspace_id == workspace)
        # A row that another worker is taking is skipped, not waited for; SQLite has one writer at a time anyway.
        oldest = query.order_by(InboxRow.received_at, InboxRow.ordinal).limit(1).with_for_update(skip_locked=True)
        async with self._writing() as connection:
            row = (await connection.execute(oldest)).first()
            if row is None:
                return None
            await connection.execute(_take(row.workspace_id, row.event_id, worker, now, seconds))
            return request_of(row)

    async def lease_this(self, request: Request, worker: str, now: datetime, seconds: float) -> bool:
        statement = _take(request.workspace, request.event_id, worker, now, seconds).where(_open(now))
        async with self._writing() as connection:
            return (await connection.execute(statement)).rowcount == 1

    async def finish(self, request: Request, worker: str, reply: Reply | None) -> bool:
        if reply is not None and (reply.workspace, reply.event_id) != (request.workspace, request.event_id):
            raise ValueError("a reply answers its own request")
        done = (
            update(InboxRow)
            .where(
                InboxRow.workspace_id == request.workspace,
                InboxRow.event_id == request.event_id,
                InboxRow.state == LEASED,
                InboxRow.worker == worker,
            )
            .values(state=DONE, leased_until=None)
        )
        async with self._writing() as connection:
            if (await connection.execute(done)).rowcount != 1:
                return False
            if reply is not None:
                await connection.execute(self._insert(ReplyRow).values(**reply_values(reply)))
            return True

    # -- replies ------------------------------------------------------------------------------------------------------

    async def reply(self, workspace: str, reply_id: str) -> Reply | None:
        return await self._reply_where(workspace, ReplyRow.id, reply_id)

    async def reply_to(self, workspace: str, event_id: str) -> Reply | None:
        return await self._reply_where(workspace, ReplyRow.event_id, event_id)

    async def _reply_where(self, workspace: str, column: InstrumentedAttribute[str], value: str) -> Reply | None:
        query = select(*ReplyRow.__table__.columns).where(ReplyRow.workspace_id == workspace, column == value)
        row = await self._first(query)
        return None if row is None else reply_of(row)

    async def times_answered(
        self, workspace: str, channel: str, command: str, topic: str, claim_id: str, affirmed: bool
    ) -> int:
        query = select(func.count()).where(
            ReplyRow.workspace_id == workspace,
            ReplyRow.channel_id == channel,
            ReplyRow.command == command,
            ReplyRow.topic == topic,
            ReplyRow.claim_id == claim_id,
            ReplyRow.affirmed == affirmed,
        )
        row = await self._first(query)
        return 0 if row is None else int(row[0])

    # -- endorsements -------------------------------------------------------------------------------------------------

    async def endorse(self, workspace: str, reply_id: str, member: str, endorsement: Endorsement, at: datetime) -> None:
        # Locked against deletion until the endorsement is in.
        kept = select(ReplyRow.id).where(ReplyRow.workspace_id == workspace, ReplyRow.id == reply_id)
        statement = self._upsert(EndorsementRow, "endorsement", "at").values(
            workspace_id=workspace,
            reply_id=reply_id,
            member_id=member,
            endorsement=endorsement.value,
            at=at,
        )
        async with self._writing() as connection:
            if (await connection.execute(kept.with_for_update(read=True, key_share=True))).first() is None:
                raise BadInput("That reply is no longer kept, so it can't be signed.")
            await connection.execute(statement)

    async def endorsements(self, workspace: str, reply_id: str) -> Mapping[Endorsement, int]:
        query = (
            select(EndorsementRow.endorsement, func.count())
            .where(EndorsementRow.workspace_id == workspace, EndorsementRow.reply_id == reply_id)
            .group_by(EndorsementRow.endorsement)
        )
        counts = dict.fromkeys(Endorsement, 0)
        counts |= {Endorsement(kind): int(count) for kind, count in await self._all(query)}
        return counts

    async def endorsement_counts(self, workspace: str) -> Sequence[EndorsementCount]:
        by_model = ReplyRow.writer == "model"
        each = (
            select(
                # A model that was asked and not used wrote nothing that could be signed.
                case((by_model, ReplyRow.prompt_version)).label("prompt_version"),
                case((by_model, ReplyRow.model)).label("model"),
                ReplyRow.at,
                self._count_of(Endorsement.SIGNED).label("signed"),
                self._count_of(Endorsement.NOT_MINE).label("not_mine"),
            )
            .where(ReplyRow.workspace_id == workspace, ReplyRow.command == "steelman")
            .subquery()
        )
        query = (
            select(
                each.c.prompt_version, each.c.model, func.count(), func.sum(each.c.signed), func.sum(each.c.not_mine)
            )
            .group_by(each.c.prompt_version, each.c.model)
            .order_by(desc(func.max(each.c.at)))
        )
        return [
            EndorsementCount(version, model, int(replies), int(signed), int(not_mine))
            for version, model, replies, signed, not_mine in await self._all(query)
        ]

    @staticmethod
    def _count_of(endorsement: Endorsement) -> Any:
        return (
            select(func.count())
            .where(
                EndorsementRow.workspace_id == ReplyRow.workspace_id,
                EndorsementRow.reply_id == ReplyRow.id,
                EndorsementRow.endorsement == endorsement.value,
            )
            .scalar_subquery()
        )

    # -- usage --------------------------------------------------------------------------------------------------------

    async def record_usage(self, workspace: str, member: str, at: datetime, model: str, usage: Usage) -> None:
        statement = self._insert(UsageRow).values(
            workspace_id=workspace,
            ordinal=ordinal(),
            member_id=member,
            at=at,
            model=model,
            tokens_in=usage.tokens_in,
            tokens_out=usage.tokens_out,
            calls=usage.calls,
        )
        async with self._writing() as connection:
            await connection.execute(statement)

    async def tokens_spent(self, workspace: str, since: datetime, member: str | None = None) -> int:
        query = select(func.sum(UsageRow.tokens_in + UsageRow.tokens_out)).where(
            UsageRow.workspace_id == workspace, UsageRow.at >= since
        )
        if member is not None:
            query = query.where(UsageRow.member_id == member)
        row = await self._first(query)
        return 0 if row is None or row[0] is None else int(row[0])

    # -- positions ----------------------------------------------------------------------------------------------------

    async def add_position(self, position: Position) -> None:
        statement = self._insert(PositionRow).values(
            workspace_id=position.workspace,
            ordinal=ordinal(),
            member_id=position.member,
            topic=position.topic,
            claim_id=position.claim_id,
            claim_version=position.claim_version,
            stance=position.stance.value,
            at=position.at,
            reason=position.reason,
            crux=position.crux,
            public=position.public,
        )
        async with self._writing() as connection:
            await connection.execute(statement)

    async def current_position(self, workspace: str, topic: str, claim_id: str, member: str) -> Position | None:
        query = (
            _positions(workspace, member)
            .where(PositionRow.topic == topic, PositionRow.claim_id == claim_id)
            .order_by(PositionRow.at.desc(), PositionRow.ordinal.desc())
            .limit(1)
        )
        row = await self._first(query)
        return None if row is None else position_of(row)

    async def position_history(self, workspace: str, member: str) -> Sequence[Position]:
        query = _positions(workspace, member).order_by(PositionRow.at, PositionRow.ordinal)
        return [position_of(row) for row in await self._all(query)]

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


def _open(now: datetime) -> Any:
    """Requests that may be taken up. The first condition, in the index's own words, lets both planners use it."""
    return and_(
        InboxRow.state != literal_column(f"'{DONE}'"),
        or_(InboxRow.state == RECEIVED, InboxRow.leased_until <= now),
    )


def _take(workspace: str, event_id: str, worker: str, now: datetime, seconds: float) -> Any:
    return (
        update(InboxRow)
        .where(InboxRow.workspace_id == workspace, InboxRow.event_id == event_id)
        .values(
            state=LEASED,
            worker=worker,
            leased_until=now + timedelta(seconds=seconds),
            attempts=InboxRow.attempts + 1,
        )
    )


def _positions(workspace: str, member: str) -> AnySelect:
    return select(*PositionRow.__table__.columns).where(
        PositionRow.workspace_id == workspace, PositionRow.member_id == member
    )
