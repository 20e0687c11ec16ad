"""What the calendar has still to do, and the end of what it has done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select

from bot.core.backlog import COUNTED, Backlog
from bot.core.firings import FiringState
from bot.core.outbox import PostState
from bot.storage.access import Access
from bot.storage.models import FiringRow, OutboxRow, RootRow
from bot.storage.workspaces import is_here

_OPEN = (FiringState.DUE.value, FiringState.LEASED.value)


class BacklogStore(Access):
    """The part of `core.ports.Store` that is for whoever runs it."""

    async def backlog(self) -> Backlog:
        counted = [state.value for state in COUNTED]
        by_state = (
            select(OutboxRow.state, func.count(), func.min(OutboxRow.created_at))
            .where(OutboxRow.state.in_(counted), is_here(OutboxRow))
            .group_by(OutboxRow.state)
        )
        found = {PostState(state): (count, oldest) for state, count, oldest in await self._all(by_state)}
        is_open = FiringRow.state.in_(_OPEN)
        open_ones = select(func.count(), func.min(FiringRow.due_at)).where(is_open, is_here(FiringRow))
        firings, oldest_firing = await self._first(open_ones) or (0, None)
        waiting = [found[state][1] for state in (PostState.PENDING, PostState.SENDING) if state in found]
        return Backlog(
            posts={state: found[state][0] if state in found else 0 for state in COUNTED},
            oldest_post=min(waiting, default=None),
            firings=firings,
            oldest_firing=oldest_firing,
        )

    async def prune(self, before: datetime) -> int:
        posts = delete(OutboxRow).where(OutboxRow.state.in_(("sent", "dropped")), OutboxRow.created_at < before)
        firings = delete(FiringRow).where(FiringRow.state.not_in(_OPEN), FiringRow.due_at < before)
        roots = delete(RootRow).where(RootRow.at < before)
        async with self._writing() as connection:
            await connection.execute(roots)
            return (await connection.execute(posts)).rowcount + (await connection.execute(firings)).rowcount
