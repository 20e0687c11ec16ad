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
        row = await self._first(newest_turn(venue, member, own_since))
        if row is not None:
            return About(row.topic, row.claim_id, row.affirmed, row.command == Task.COUNTER)
        if venue.thread is None:
            return None
        root = await self._first(_root(venue).where(RootRow.claim_id.is_not(None)))
        return None if root is None else About(root.topic, root.claim_id, root.affirmed, root.countered)

    async def thread_topics(self, venue: Venue) -> Sequence[str]:
        chosen = select(ThreadRow.topic).where(*_is(ThreadRow, venue))
        found = [await self._first(query) for query in (chosen, newest_topic(venue), _root(venue))]
        return [str(row.topic) for row in found if row is not None]

    async def set_thread_topic(self, venue: Venue, topic: str) -> None:
        if venue.thread is None:
            raise ValueError("a channel's topic is no thread's")
        statement = self._upsert(ThreadRow, "topic").values(
            workspace_id=venue.workspace, channel_id=venue.channel, thread_id=venue.thread, topic=topic
        )
        async with self._writing() as connection:
            await connection.execute(statement)


def newest_turn(venue: Venue, member: str, own_since: datetime | None) -> Any:
    """The newest reply about a claim, of those that a member knows of."""
    known = or_(ReplyRow.private.is_(False), ReplyRow.member_id == member)
    query = _newest(venue, known, ReplyRow.claim_id.is_not(None))
    if venue.thread is None and own_since is not None:
        query = query.where(ReplyRow.member_id == member, ReplyRow.at >= own_since)
    return query


def newest_topic(venue: Venue) -> Any:
    """The newest reply in a thread that has a topic, of those that all saw."""
    return _newest(venue, ReplyRow.private.is_(False), ReplyRow.topic.is_not(None))


def _newest(venue: Venue, *which: Any) -> Any:
    # The first condition on the thread, in the index's own words, lets both planners use it.
    in_thread = () if venue.thread is None else (literal_column(IN_THREAD), ReplyRow.thread_id == venue.thread)
    return (
        select(ReplyRow.topic, ReplyRow.claim_id, ReplyRow.affirmed, ReplyRow.command)
        .where(ReplyRow.workspace_id == venue.workspace, ReplyRow.channel_id == venue.channel, *in_thread, *which)
        .order_by(ReplyRow.at.desc(), ReplyRow.id.desc())
        .limit(1)
    )


def _is(row: Any, venue: Venue) -> tuple[Any, ...]:
    return row.workspace_id == venue.workspace, row.channel_id == venue.channel, row.thread_id == venue.thread


def _root(venue: Venue) -> Any:
    return select(RootRow.topic, RootRow.claim_id, RootRow.affirmed, RootRow.countered).where(*_is(RootRow, venue))
