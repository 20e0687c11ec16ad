"""Posts on their way to a platform."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, delete, func, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from bot.core.outbox import ANSWER, ORGANISERS, Entry, Post, PostState
from bot.storage.access import Access, beginning
from bot.storage.codec import load_message
from bot.storage.models import UNSENT, OutboxRow, RootRow, ordinal
from bot.storage.rows import entry_of, post_values
from bot.storage.workspaces import is_here

_OF_ROOT: Final = (
    *(OutboxRow.workspace_id, OutboxRow.id, OutboxRow.channel_id, OutboxRow.thread_id),
    *(OutboxRow.kind, OutboxRow.message),
)
_TOLD: Final = ("post_id", "at", "topic", "claim_id", "affirmed", "countered")


class OutboxStore(Access):
    """`core.outbox.Outbox`."""

    async def enqueue(self, posts: Sequence[Post]) -> int:
        if any(post.firing is not None for post in posts):
            raise ValueError("posts of a firing come with its end")
        async with self._writing() as connection:
            return await self._enqueue(connection, posts)

    async def _put(self, connection: AsyncConnection, entry: Entry) -> None:
        """Put an entry as it is into the outbox; one whose id is there already is left."""
        row = self._insert(OutboxRow).values(
            **post_values(entry.post),
            ordinal=ordinal(),
            state=entry.state.value,
            free_at=entry.free_at,
            worker=entry.worker,
            tries=entry.tries,
            unknown_since=entry.unknown_since,
            settled_at=entry.settled_at,
        )
        await connection.execute(row.on_conflict_do_nothing())

    async def _enqueue(self, connection: AsyncConnection, posts: Sequence[Post]) -> int:
        new = 0
        for post in posts:
            statement = self._insert(OutboxRow).values(
                **post_values(post), ordinal=ordinal(), state="pending", free_at=post.created_at, tries=0
            )
            kept = await connection.execute(statement.on_conflict_do_nothing().returning(OutboxRow.tries))
            new += kept.first() is not None
        return new

    async def lease_post(
        self,
        worker: str,
        now: datetime,
        seconds: float,
        spacing: float = 0.0,
        workspace: str | None = None,
        prefixes: Sequence[str] = (),
    ) -> Entry | None:
        row = OutboxRow
        unsent: Any = literal_column(f"outbox.{UNSENT}")
        query = select(*row.__table__.columns).where(unsent, row.free_at <= now, is_here(row))
        if workspace is not None:
            query = query.where(row.workspace_id == workspace)
        query = beginning(query, row.workspace_id, prefixes)
        in_turn = and_(~_earlier().exists(), ~_just_sent(now - timedelta(seconds=spacing)).exists())
        query = query.where(or_(row.kind == ANSWER, in_turn))
        # A row that another is taking is skipped, not waited for; SQLite has one writer at a time anyway.
        oldest = query.order_by(row.free_at, row.ordinal).limit(1).with_for_update(skip_locked=True, of=row)
        until = now + timedelta(seconds=seconds)
        async with self._writing() as connection:
            found = (await connection.execute(oldest)).first()
            if found is None:
                return None
            entry = entry_of(found)
            taken = {
                "state": "sending",
                "worker": worker,
                "free_at": until,
                "tries": entry.tries + 1,
                "unknown_since": func.coalesce(row.unknown_since, now),
                "settled_at": until,
            }
            await connection.execute(update(row).where(_is(entry.post.workspace, entry.post.id)).values(taken))
            return replace(entry, state=PostState.SENDING, worker=worker, free_at=until, tries=entry.tries + 1)

    async def post_sent(self, workspace: str, post_id: str, reference: str, at: datetime) -> bool:
        sent = {
            "state": "sent",
            "worker": None,
            "sent_at": at,
            "reference": reference,
            "unknown_since": None,
            "settled_at": None,
            "reason": None,
            "picture": None,
            "picture_alt": None,
        }
        shows_reply = delete(OutboxRow).where(_is(workspace, post_id), OutboxRow.kind == ANSWER)
        other = update(OutboxRow).where(_is(workspace, post_id), OutboxRow.state != "sent").values(**sent)
        async with self._writing() as connection:
            for done in (shows_reply, other):
                row = (await connection.execute(done.returning(*_OF_ROOT))).first()
                if row is not None:
                    await self._keep_root(connection, row, reference, at)
                    return True
            return False

    async def _keep_root(self, connection: AsyncConnection, row: Any, reference: str, at: datetime) -> None:
        """Keep what a post is about that a thread may hang from: its id is the reference."""
        message = load_message(row.message)
        about = message.about
        if about is None or row.thread_id is not None or row.kind == ORGANISERS or message.private:
            return
        root = self._upsert(RootRow, *_TOLD).values(
            workspace_id=row.workspace_id,
            channel_id=row.channel_id,
            thread_id=reference,
            post_id=row.id,
            at=at,
            topic=about.topic,
            claim_id=about.claim_id,
            affirmed=about.affirmed,
            countered=about.countered,
        )
        await connection.execute(root)

    async def give_back(self, entry: Entry, worker: str) -> bool:
        if entry.state not in (PostState.PENDING, PostState.HELD):
            raise ValueError("a post is given back pending or held")
        return await self._change(
            _is(entry.post.workspace, entry.post.id),
            OutboxRow.state == "sending",
            OutboxRow.worker == worker,
            state=entry.state.value,
            worker=None,
            tries=entry.tries,
            free_at=entry.free_at,
            unknown_since=entry.unknown_since,
            settled_at=entry.settled_at,
            reason=entry.reason,
        )

    async def retry_post(self, workspace: str, post_id: str, at: datetime) -> bool:
        afresh = {"state": "pending", "tries": 0, **dict.fromkeys(("unknown_since", "settled_at", "until", "reason"))}
        which = _is(workspace, post_id)
        if await self._change(which, OutboxRow.state.in_(("held", "dropped")), free_at=at, **afresh):
            return True
        return await self._change(which, OutboxRow.state == "pending", free_at=at)

    async def drop_post(self, workspace: str, post_id: str, at: datetime) -> bool:
        waits = OutboxRow.state.in_(("pending", "held"))
        lapsed = and_(OutboxRow.state == "sending", OutboxRow.free_at <= at)
        return await self._change(_is(workspace, post_id), or_(waits, lapsed), state="dropped", worker=None)

    async def outbox_entry(self, workspace: str, post_id: str) -> Entry | None:
        row = await self._first(select(*OutboxRow.__table__.columns).where(_is(workspace, post_id)))
        return None if row is None else entry_of(row)

    async def outbox(self, states: Collection[PostState], workspace: str | None = None) -> Sequence[Entry]:
        query = select(*OutboxRow.__table__.columns).where(OutboxRow.state.in_([state.value for state in states]))
        if workspace is not None:
            query = query.where(OutboxRow.workspace_id == workspace)
        return [entry_of(row) for row in await self._all(query.order_by(OutboxRow.created_at, OutboxRow.ordinal))]

    async def _change(self, *which: Any, **values: object) -> bool:
        async with self._writing() as connection:
            return (await connection.execute(update(OutboxRow).where(*which).values(**values))).rowcount == 1


def _is(workspace: str, post_id: str) -> Any:
    return and_(OutboxRow.workspace_id == workspace, OutboxRow.id == post_id)


def _earlier() -> Any:
    """Posts of the same channel that were there before and are on their way still."""
    other = aliased(OutboxRow, name="earlier")
    return select(other.id).where(
        other.workspace_id == OutboxRow.workspace_id,
        other.channel_id == OutboxRow.channel_id,
        literal_column(f"earlier.{UNSENT}"),
        other.ordinal < OutboxRow.ordinal,
        other.kind != ANSWER,
    )


def _just_sent(since: datetime) -> Any:
    """Posts of the same channel that were sent later than a time."""
    other = aliased(OutboxRow, name="just_sent")
    return select(other.id).where(
        other.workspace_id == OutboxRow.workspace_id,
        other.channel_id == OutboxRow.channel_id,
        other.sent_at > since,
    )
