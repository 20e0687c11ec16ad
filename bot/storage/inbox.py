"""Requests, and the replies to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import InstrumentedAttribute

from bot.core.kept import Reply
from bot.core.outbox import Entry
from bot.core.requests import Request
from bot.storage.access import beginning
from bot.storage.arrivals import Arrivals, Key, Values
from bot.storage.codec import storable
from bot.storage.models import DONE, LEASED, RECEIVED, InboxRow, ReplyRow, ordinal
from bot.storage.outbox import OutboxStore
from bot.storage.rows import reply_of, reply_values, request_of
from bot.storage.workspaces import is_here


class InboxStore(OutboxStore):
    """The part of `core.ports.Store` that is about requests and replies."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self._arrivals = Arrivals(self._keep)

    # -- inbox --------------------------------------------------------------------------------------------------------

    async def receive(self, request: Request, worker: str | None = None, seconds: float = 0.0) -> bool:
        held = worker is not None
        values = {
            "workspace_id": storable(request.workspace),
            "event_id": storable(request.event_id),
            "ordinal": ordinal(),
            "channel_id": request.channel,
            "thread_id": request.thread,
            "member_id": request.member,
            "member_name": request.member_name,
            "organiser": request.organiser,
            "stranger": request.stranger,
            "within_id": request.within,
            "direct": request.direct,
            "replies_to": request.replies_to,
            "text": request.text,
            "received_at": request.received_at,
            "state": LEASED if held else RECEIVED,
            "worker": worker,
            "leased_until": request.received_at + timedelta(seconds=seconds) if held else None,
            "attempts": int(held),
        }
        return await self._arrivals.commit(values)

    async def _keep(self, rows: Sequence[Values]) -> set[Key]:
        """Commit new requests; the keys of those that were not there."""
        statement = self._insert(InboxRow).on_conflict_do_nothing()
        async with self._writing(urgent=True) as connection:
            new = await connection.execute(statement.returning(InboxRow.workspace_id, InboxRow.event_id), rows)
            return {(str(row[0]), str(row[1])) for row in new}

    async def lease(
        self,
        worker: str,
        now: datetime,
        seconds: float,
        workspace: str | None = None,
        prefixes: Sequence[str] = (),
    ) -> Request | None:
        query = select(*InboxRow.__table__.columns).where(_open(now), is_here(InboxRow))
        if workspace is not None:
            query = query.where(InboxRow.workspace_id == workspace)
        query = beginning(query, InboxRow.workspace_id, prefixes)
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

    async def finish(self, request: Request, worker: str, reply: Reply | None, answer: Entry | None = None) -> bool:
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
            .returning(InboxRow.begun)
        )
        async with self._writing() as connection:
            row = (await connection.execute(done)).first()
            if row is None:
                return False
            if reply is not None:
                await connection.execute(self._insert(ReplyRow).values(**reply_values(reply)))
            if answer is not None:
                await self._put(connection, replace(answer, post=replace(answer.post, begun=row.begun)))
            return True

    async def note_begun(self, request: Request, worker: str, reference: str) -> bool:
        held = (
            InboxRow.workspace_id == request.workspace,
            InboxRow.event_id == request.event_id,
            InboxRow.state == LEASED,
            InboxRow.worker == worker,
        )
        async with self._writing() as connection:
            noted = update(InboxRow).where(*held).values(begun=reference)
            return (await connection.execute(noted)).rowcount == 1

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
