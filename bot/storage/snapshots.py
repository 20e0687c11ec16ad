"""What a group is shown of its positions: a snapshot a claim, which moves on only when enough has changed.

All of it is computed in the database: a claim of ten thousand voters never crosses the wire.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Subquery, and_, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.kept import PublishedClaim
from bot.core.positions import Position
from bot.core.standing import FLOOR
from bot.storage.access import Access
from bot.storage.models import MemberRow, PublishedClaimRow, PublishedPositionRow
from bot.storage.positions import current, seen_since
from bot.storage.rows import STANCE_COLUMNS, published_claim_of, published_of


@dataclass(frozen=True, slots=True)
class Compared:
    """The current positions on a claim, counted, and beside those of its snapshot."""

    counts: Mapping[str, int]
    """By the column of each stance."""
    marks: int
    joined: int
    changed: int
    """Whose stance is another than in the snapshot, and not absent from either."""
    left: int
    departed: int
    """Who was in the snapshot and has been forgotten since."""

    @property
    def moves(self) -> bool:
        """`core.disclosure.may_move`, from counts.

        Who was forgotten may be among those who joined, with the stance of before: then neither differs. So as many as
        may be the same people are counted on neither side.
        """
        return self.changed + self.left + abs(self.joined - self.departed) >= FLOOR


_KEY: Final = ("workspace_id", "topic", "claim_id")


class SnapshotStore(Access):
    """The part of `core.ports.Store` that is about what is published."""

    async def publish(
        self, workspace: str, topic: str, claim_id: str, version: int, at: datetime, since: datetime
    ) -> bool:
        held = current(workspace, topic, claim_id, version)
        key = dict(zip(_KEY, (workspace, topic, claim_id), strict=True))
        async with self._writing() as connection:
            # Nobody is forgotten and no position is added until the snapshot is whole.
            await self._hold(connection, workspace, shared=True)
            await self._hold(connection, workspace, topic, claim_id)
            compared = await self._compared(connection, held, key, version)
            if not compared.moves:
                return False
            members = await self._group(connection, held, workspace, since)
            await connection.execute(delete(PublishedPositionRow).filter_by(**key))
            columns = [column.name for column in PublishedPositionRow.__table__.columns]
            positions = select(*(held.c[name] for name in columns))
            await connection.execute(insert(PublishedPositionRow).from_select(columns, positions))
            figures = {
                "claim_version": version,
                "at": at,
                "members": members,
                **compared.counts,
                "marks": compared.marks,
                "departed": 0,
                "shown": True,
            }
            statement = self._upsert(PublishedClaimRow, *figures)
            await connection.execute(statement.values(**key, **figures))
            return True

    async def published(self, workspace: str, topic: str) -> Sequence[PublishedClaim]:
        query = select(*PublishedClaimRow.__table__.columns).where(_shown(workspace, topic))
        found = [published_claim_of(row) for row in await self._all(query)]
        return sorted(found, key=lambda each: each.claim_id)

    async def published_positions(self, workspace: str, topic: str, most: int) -> Sequence[Position] | None:
        voters = sum(PublishedClaimRow.__table__.c[name] for name in STANCE_COLUMNS.values())
        row = await self._first(select(func.sum(voters)).where(_shown(workspace, topic)))
        if row is not None and row[0] is not None and int(row[0]) > most:
            return None
        query = (
            select(*PublishedPositionRow.__table__.columns)
            .join(PublishedClaimRow, and_(*(_same(name) for name in _KEY)))
            .where(_shown(workspace, topic))
            .limit(most + 1)
        )
        found = [published_of(row) for row in await self._all(query)]
        if len(found) > most:  # a snapshot moved on between the two queries
            return None
        return sorted(found, key=lambda each: (each.claim_id, each.member))

    async def _compared(
        self, connection: AsyncConnection, held: Subquery, key: Mapping[str, str], version: int
    ) -> Compared:
        """The current positions beside the snapshot of the same version; beside nothing where it is of another."""
        before = (
            select(PublishedPositionRow.member_id, PublishedPositionRow.stance)
            .filter_by(**key, claim_version=version)
            .subquery()
        )
        stayed = before.c.member_id.is_not(None)
        row = (
            await connection.execute(
                select(
                    *(func.count().filter(held.c.stance == s.value).label(name) for s, name in STANCE_COLUMNS.items()),
                    func.count().filter(held.c.crux).label("marks"),
                    func.count().filter(before.c.member_id.is_(None)).label("joined"),
                    func.count().filter(stayed).label("stayed"),
                    func.count().filter(and_(stayed, before.c.stance != held.c.stance)).label("changed"),
                ).select_from(held.outerjoin(before, before.c.member_id == held.c.member_id))
            )
        ).one()
        were = await connection.scalar(select(func.count()).select_from(before))
        departed = await connection.scalar(select(PublishedClaimRow.departed).filter_by(**key, claim_version=version))
        return Compared(
            counts={name: int(getattr(row, name)) for name in STANCE_COLUMNS.values()},
            marks=int(row.marks),
            joined=int(row.joined),
            changed=int(row.changed),
            left=int(were or 0) - int(row.stayed),
            departed=int(departed or 0),
        )

    async def _group(self, connection: AsyncConnection, held: Subquery, workspace: str, since: datetime) -> int:
        """How many were seen since a time and are not gone, or hold a position on the claim."""
        seen = select(MemberRow.member_id).where(*seen_since(workspace, since)).subquery()
        others = select(held.c.member_id).where(held.c.member_id.not_in(select(seen.c.member_id))).subquery()
        counts = select(
            select(func.count()).select_from(seen).scalar_subquery(),
            select(func.count()).select_from(others).scalar_subquery(),
        )
        lately, long_ago = (await connection.execute(counts)).one()
        return int(lately) + int(long_ago)


def _shown(workspace: str, topic: str) -> Any:
    return and_(
        PublishedClaimRow.workspace_id == workspace, PublishedClaimRow.topic == topic, PublishedClaimRow.shown.is_(True)
    )


def _same(name: str) -> Any:
    return PublishedPositionRow.__table__.c[name] == PublishedClaimRow.__table__.c[name]
