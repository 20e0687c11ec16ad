"""Workspaces that removed the bot, and their end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.access import Access
from bot.storage.codec import storable, utc
from bot.storage.erasing import Erasing
from bot.storage.ledger import Ledger
from bot.storage.models import Base, DepartureRow, InboxRow, MemberRow

log = logging.getLogger(__name__)


def is_here(row: Any) -> ColumnElement[bool]:
    """Rows of workspaces that have not removed the bot; a look into a small table by its key, for each row."""
    return ~select(DepartureRow.workspace_id).where(DepartureRow.workspace_id == row.workspace_id).exists()


class WorkspaceStore(Erasing, Access):
    """`core.workspaces.Workspaces`."""

    _ledger: Ledger | None = None

    async def workspace_left(self, workspace: str, at: datetime) -> None:
        left = self._insert(DepartureRow).values(workspace_id=workspace, at=at).on_conflict_do_nothing()
        async with self._writing() as connection:
            await connection.execute(left)

    async def workspace_back(self, workspace: str) -> bool:
        async with self._writing() as connection:
            # Waits for a deletion that is under way: then there is nothing to come back to.
            await self._hold(connection, workspace)
            back = delete(DepartureRow).where(DepartureRow.workspace_id == workspace)
            return (await connection.execute(back)).rowcount == 1

    async def workspaces_here(self, prefix: str) -> Sequence[str]:
        rows = (each.class_ for each in Base.registry.mappers)
        kept = [row.workspace_id for row in rows if hasattr(row, "workspace_id") and row is not DepartureRow]
        begun = (select(column).where(column.startswith(storable(prefix), autoescape=True)) for column in kept)
        found = union(*begun).subquery()
        left = select(DepartureRow.workspace_id).where(DepartureRow.workspace_id == found.c.workspace_id).exists()
        here = (each[0] for each in await self._all(select(found.c.workspace_id).where(~left)))
        return sorted(each for each in here if each.startswith(storable(prefix)))  # SQLite's LIKE takes Discord: too

    async def workspaces_to_delete(self, before: datetime, most: int) -> Sequence[str]:
        row = DepartureRow
        left = select(row.workspace_id).where(row.at < before).order_by(row.at, row.workspace_id).limit(most)
        return [each[0] for each in await self._all(left)]

    async def delete_workspace(self, workspace: str, at: datetime, left_before: datetime | None = None) -> int:
        at = utc(at)
        async with self._writing() as connection:
            await self._hold(connection, workspace)
            if left_before is not None and not await self._left(connection, workspace, left_before):
                return 0
            if self._ledger is not None:
                # Before it is committed: of a deletion that a crash cuts short, the next start does the rest.
                await asyncio.to_thread(self._ledger.add, workspace, None, at)
            deleted = await _delete_all(connection, workspace)
        if deleted:
            await self._erase(_OF_WORKSPACES)
        return deleted

    async def _left(self, connection: AsyncConnection, workspace: str, before: datetime) -> bool:
        row = DepartureRow
        left = select(row.at).where(row.workspace_id == workspace, row.at < before)
        return (await connection.execute(left)).first() is not None

    async def delete_again(self) -> int:
        """Delete the workspaces that the ledger names and the database has from before that; how many they were.

        A workspace that came back later has no member who was seen, and no request that came, before it was deleted.
        """
        deleted_at = await asyncio.to_thread(self._ledger.lookup) if self._ledger is not None else None
        if deleted_at is None:
            return 0
        tables = (DepartureRow, MemberRow, InboxRow)
        known = await self._all(select(union(*(select(row.workspace_id) for row in tables)).subquery()))
        again = 0
        for (workspace,) in known:
            at = deleted_at(workspace, None)
            if at is None:
                continue
            async with self._writing() as connection:
                await self._hold(connection, workspace)
                if await _is_from_before(connection, workspace, at):
                    again += await _delete_all(connection, workspace) > 0
        if again:
            log.warning("%d workspaces that had been deleted were in the database again, and are deleted", again)
            await self._erase(_OF_WORKSPACES)
        return again


_OF_WORKSPACES = tuple(table.name for table in Base.metadata.sorted_tables if "workspace_id" in table.columns)


async def _is_from_before(connection: AsyncConnection, workspace: str, at: datetime) -> bool:
    times = ((MemberRow, MemberRow.first_seen), (InboxRow, InboxRow.received_at), (DepartureRow, DepartureRow.at))
    early = (select(row.workspace_id).where(row.workspace_id == workspace, time <= at).exists() for row, time in times)
    return bool(await connection.scalar(select(or_(*early))))


async def _delete_all(connection: AsyncConnection, workspace: str) -> int:
    """Delete a workspace's rows of all tables, those that refer to others first."""
    tables = [table for table in reversed(Base.metadata.sorted_tables) if "workspace_id" in table.columns]
    return sum([(await connection.execute(delete(t).where(t.c.workspace_id == workspace))).rowcount for t in tables])
