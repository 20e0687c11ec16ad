"""What threads are about, and what was said last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import literal_column, or_, select

from bot.core.assignments import Task
from bot.core.messages import About
from bot.core.requests import Venue
from bot.storage.access import Access
from bot.storage.models import IN_THREAD, ReplyRow, RootRow, ThreadRow


class ThreadStore(Access):
    """The part of `core.ports.Store` that is about threads and turns."""

    async def last_turn(self, venue: Venue, member: str, own_since: datetime | None = None) -> About | None:
        query = (
            select(ReplyRow.topic, ReplyRow.claim_id, ReplyRow.affirmed, ReplyRow.command)
            .where(
                ReplyRow.workspace_id == venue.workspace,
                ReplyRow.channel_id == venue.channel,
                ReplyRow.claim_id.is_not(None),
                or_(ReplyRow.private.is_(False), ReplyRow.member_id == member),
            )
            .order_by(ReplyRow.at.desc(), ReplyRow.id.desc())
            .limit(1)
        )
        if venue.thread is not None:
            query = query.where(*_in_thread(venue))
        elif own_since is not None:
            query = query.where(ReplyRow.member_id == member, ReplyRow.at >= own_since)
        row = await self._first(query)
        if row is not None:
            return About(row.topic, row.claim_id, row.affirmed, row.command == Task.COUNTER)
        if venue.thread is None:
            return None
        root = await self._first(_root(venue).where(RootRow.claim_id.is_not(None)))
        return None if root is None else About(root.topic, root.claim_id, root.affirmed, root.countered)

    async def thread_topics(self, venue: Venue) -> Sequence[str]:
        chosen = select(ThreadRow.topic).where(*_is(ThreadRow, venue))
        newest = (
            select(ReplyRow.topic)
            .where(
                ReplyRow.workspace_id == venue.workspace,
                ReplyRow.channel_id == venue.channel,
                *_in_thread(venue),
                ReplyRow.private.is_(False),
                ReplyRow.topic.is_not(None),
            )
            .order_by(ReplyRow.at.desc(), ReplyRow.id.desc())
            .limit(1)
        )
        found = [await self._first(query) for query in (chosen, newest, _root(venue))]
        return [str(row.topic) for row in found if row is not None]

    async def set_thread_topic(self, venue: Venue, topic: str) -> None:
        if venue.thread is None:
            raise ValueError("a channel's topic is no thread's")
        statement = self._upsert(ThreadRow, "topic").values(
            workspace_id=venue.workspace, channel_id=venue.channel, thread_id=venue.thread, topic=topic
        )
        async with self._writing() as connection:
            await connection.execute(statement)


def _is(row: Any, venue: Venue) -> tuple[Any, ...]:
    return row.workspace_id == venue.workspace, row.channel_id == venue.channel, row.thread_id == venue.thread


def _in_thread(venue: Venue) -> tuple[Any, ...]:
    """Replies in a thread. The first condition, in the index's own words, lets both planners use it."""
    return literal_column(IN_THREAD), ReplyRow.thread_id == venue.thread


def _root(venue: Venue) -> Any:
    return select(RootRow.topic, RootRow.claim_id, RootRow.affirmed, RootRow.countered).where(*_is(RootRow, venue))
