"""Who was seen, and what they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Subquery, case, func, or_, select, update

from bot.core.positions import Position
from bot.storage.access import Access, AnySelect
from bot.storage.models import DigestPositionRow, MemberRow, PositionRow, PublishedPositionRow, ordinal
from bot.storage.rows import position_of

_MEMBERS_A_QUERY: Final = 500
"""SQLite takes 32,766 variables a statement, older builds 999."""


class PositionStore(Access):
    """The part of `core.ports.Store` that is about members and their positions."""

    # -- members ------------------------------------------------------------------------------------------------------

    async def join(self, workspace: str, member: str, name: str, at: datetime) -> None:
        statement = self._insert(MemberRow).values(
            workspace_id=workspace, member_id=member, name=name, first_seen=at, last_seen=at
        )
        new = statement.excluded
        newer = or_(MemberRow.name == "", new.last_seen >= MemberRow.last_seen)
        statement = statement.on_conflict_do_update(
            index_elements=["workspace_id", "member_id"],
            set_={
                "name": case(((new.name != "") & newer, new.name), else_=MemberRow.name),
                "first_seen": case((new.first_seen < MemberRow.first_seen, new.first_seen), else_=MemberRow.first_seen),
                "last_seen": case((new.last_seen > MemberRow.last_seen, new.last_seen), else_=MemberRow.last_seen),
                # What was said before it was known may be answered after it.
                "gone_at": case((new.last_seen > MemberRow.gone_at, None), else_=MemberRow.gone_at),
            },
        )
        async with self._writing() as connection:
            await connection.execute(statement)

    async def member_gone(self, workspace: str, member: str, at: datetime) -> bool:
        which = (MemberRow.workspace_id == workspace, MemberRow.member_id == member)
        async with self._writing() as connection:
            return (await connection.execute(update(MemberRow).where(*which).values(gone_at=at))).rowcount == 1

    async def member_count(self, workspace: str, since: datetime) -> int:
        row = await self._first(select(func.count()).where(*seen_since(workspace, since)))
        return 0 if row is None else int(row[0])

    async def member_names(self, workspace: str, members: Sequence[str]) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for start in range(0, len(members), _MEMBERS_A_QUERY):
            query = select(MemberRow.member_id, MemberRow.name).where(
                MemberRow.workspace_id == workspace,
                MemberRow.member_id.in_(members[start : start + _MEMBERS_A_QUERY]),
                MemberRow.name != "",
                MemberRow.gone_at.is_(None),
            )
            found |= {row.member_id: row.name for row in await self._all(query)}
        return found

    # -- positions ----------------------------------------------------------------------------------------------------

    async def add_position(self, position: Position) -> None:
        claim = (position.workspace, position.topic, position.claim_id)
        statement = self._insert(PositionRow).values(
            workspace_id=position.workspace,
            ordinal=ordinal(),
            member_id=position.member,
            topic=position.topic,
            claim_id=position.claim_id,
            claim_version=position.claim_version,
            stance=None if position.stance is None else position.stance.value,
            at=position.at,
            reason=position.reason,
            crux=position.crux,
            public=position.public,
        )
        hide = [
            update(row)
            .where(
                row.workspace_id == position.workspace,
                row.topic == position.topic,
                row.claim_id == position.claim_id,
                row.member_id == position.member,
            )
            .values(public=False)
            for row in (PublishedPositionRow, DigestPositionRow)
        ]
        async with self._writing() as connection:
            await self._hold(connection, position.workspace, shared=True)
            await self._hold(connection, *claim, shared=True)
            await connection.execute(statement)
            for statement in () if position.public else hide:
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

    async def current_positions(self, workspace: str, topic: str, claim_id: str) -> Sequence[Position]:
        held = current(workspace, topic, claim_id)
        # Sorted here: PostgreSQL may sort text by the rules of a language.
        return sorted((position_of(row) for row in await self._all(select(*held.c))), key=lambda each: each.member)


def seen_since(workspace: str, since: datetime) -> tuple[ColumnElement[bool], ...]:
    """Which members were seen since a time and are not gone."""
    return MemberRow.workspace_id == workspace, MemberRow.last_seen >= since, MemberRow.gone_at.is_(None)


def current(workspace: str, topic: str, claim_id: str, version: int | None = None) -> Subquery:
    """The rows of the newest positions on a claim, one of each member who holds one; with a version, on that alone."""
    newest_first = func.row_number().over(
        partition_by=PositionRow.member_id, order_by=(PositionRow.at.desc(), PositionRow.ordinal.desc())
    )
    ranked = (
        select(*PositionRow.__table__.columns, newest_first.label("nth"))
        .where(PositionRow.workspace_id == workspace, PositionRow.topic == topic, PositionRow.claim_id == claim_id)
        .subquery()
    )
    columns = [ranked.c[column.name] for column in PositionRow.__table__.columns]
    newest = select(*columns).where(ranked.c.nth == 1, ranked.c.stance.is_not(None))
    if version is not None:
        newest = newest.where(ranked.c.claim_version == version)
    return newest.subquery("held")


def _positions(workspace: str, member: str) -> AnySelect:
    return select(*PositionRow.__table__.columns).where(
        PositionRow.workspace_id == workspace, PositionRow.member_id == member
    )
