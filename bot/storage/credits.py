"""Credits: which argument changed a member's mind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.positions import Credit, creditable
from bot.storage.access import Access, AnySelect
from bot.storage.codec import storable, utc
from bot.storage.models import CreditRow, PositionRow, ordinal
from bot.storage.rows import credit_of, position_of


class CreditStore(Access):
    """The part of `core.ports.Store` that is about credits."""

    async def add_credit(self, credit: Credit) -> bool:
        history = (
            select(*PositionRow.__table__.columns)
            .where(
                PositionRow.workspace_id == credit.workspace,
                PositionRow.member_id == credit.member,
                PositionRow.topic == credit.topic,
                PositionRow.claim_id == credit.claim_id,
            )
            .order_by(PositionRow.at, PositionRow.ordinal)
        )
        statement = self._insert(CreditRow).values(
            workspace_id=credit.workspace,
            ordinal=ordinal(),
            member_id=credit.member,
            topic=credit.topic,
            claim_id=credit.claim_id,
            argument_id=credit.argument_id,
            reason=credit.reason,
            at=credit.at,
        )
        async with self._writing() as connection:
            await self._hold_credits(connection, credit.workspace, credit.member)
            positions = [position_of(row) for row in (await connection.execute(history)).all()]
            given = [
                credit_of(row) for row in (await connection.execute(_given(credit.workspace, credit.member))).all()
            ]
            if creditable(positions, given, storable(credit.topic), storable(credit.claim_id)) is None:
                return False
            await connection.execute(statement)
            return True

    async def undo_credit(self, workspace: str, member: str, at: datetime) -> Credit | None:
        async with self._writing() as connection:
            await self._hold_credits(connection, workspace, member)
            rows = (await connection.execute(_given(workspace, member))).all()
            standing = [row for row in rows if row.undone_at is None]
            if not standing:
                return None
            newest = standing[-1]
            await connection.execute(
                update(CreditRow)
                .where(CreditRow.workspace_id == workspace, CreditRow.ordinal == newest.ordinal)
                .values(undone_at=at)
            )
            return replace(credit_of(newest), undone_at=utc(at))

    async def credits_given(self, workspace: str, member: str) -> Sequence[Credit]:
        return [credit_of(row) for row in await self._all(_given(workspace, member))]

    async def credits(self, workspace: str, topic: str) -> Mapping[str, int]:
        query = (
            select(CreditRow.argument_id, func.count(CreditRow.member_id.distinct()))
            .where(CreditRow.workspace_id == workspace, CreditRow.topic == topic, CreditRow.undone_at.is_(None))
            .group_by(CreditRow.argument_id)
        )
        return {argument_id: int(count) for argument_id, count in await self._all(query)}

    async def credits_since(
        self, workspace: str, topic: str, since: datetime | None
    ) -> Mapping[str, Mapping[str, int]]:
        row = CreditRow
        members = func.count(row.member_id.distinct())
        query = select(row.claim_id, row.argument_id, members).where(
            row.workspace_id == workspace, row.topic == topic, row.undone_at.is_(None)
        )
        if since is not None:
            query = query.where(row.at > since)
        found: dict[str, dict[str, int]] = {}
        for claim_id, argument_id, count in await self._all(query.group_by(row.claim_id, row.argument_id)):
            found.setdefault(claim_id, {})[argument_id] = int(count)
        return found

    async def _hold_credits(self, connection: AsyncConnection, workspace: str, member: str) -> None:
        """Let nobody else decide on the member's credits, nor forget the member, until the transaction ends."""
        await self._hold(connection, workspace, shared=True)
        await self._hold(connection, workspace, "credits", member)


def _given(workspace: str, member: str) -> AnySelect:
    return (
        select(*CreditRow.__table__.columns)
        .where(CreditRow.workspace_id == workspace, CreditRow.member_id == member)
        .order_by(CreditRow.at, CreditRow.ordinal)
    )
