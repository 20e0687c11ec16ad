"""What members propose for the maps, and what becomes of the maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.amendments import Amendment
from bot.core.proposals import Proposal, ProposalState
from bot.storage.access import Access, AnySelect
from bot.storage.models import AmendmentRow, ProposalRow, SequenceRow
from bot.storage.rows import amendment_of, amendment_values, proposal_of, proposal_values


class AmendmentStore(Access):
    """The part of `core.ports.Store` that is about the group's own questions."""

    # -- proposals ----------------------------------------------------------------------------------------------------

    async def propose(self, proposal: Proposal) -> Proposal:
        row = ProposalRow
        made = _proposals(proposal.workspace).where(row.event == proposal.event)
        async with self._writing() as connection:
            await self._hold(connection, proposal.workspace, shared=True)
            await self._hold(connection, proposal.workspace, "proposals")
            if (before := (await connection.execute(made)).first()) is not None:
                return proposal_of(before)
            numbered = replace(proposal, number=await self._next_number(connection, proposal.workspace))
            await connection.execute(self._insert(row).values(**proposal_values(numbered)))
            return proposal_of((await connection.execute(made)).one())

    async def _next_number(self, connection: AsyncConnection, workspace: str) -> int:
        first = self._insert(SequenceRow).values(workspace_id=workspace, name="proposals", newest=1)
        following = first.on_conflict_do_update(
            index_elements=["workspace_id", "name"], set_={"newest": SequenceRow.newest + 1}
        )
        return int(await connection.scalar(following.returning(SequenceRow.newest)) or 0)

    async def proposal(self, workspace: str, number: int) -> Proposal | None:
        row = await self._first(_proposals(workspace).where(ProposalRow.number == number))
        return None if row is None else proposal_of(row)

    async def proposals(self, workspace: str, member: str | None = None) -> Sequence[Proposal]:
        query = _proposals(workspace).order_by(ProposalRow.number)
        if member is not None:
            query = query.where(ProposalRow.member_id == member)
        return [proposal_of(row) for row in await self._all(query)]

    async def settle(self, proposal: Proposal, was: ProposalState, amendment: Amendment | None = None) -> bool:
        values = proposal_values(proposal)
        settled = (
            update(ProposalRow)
            .where(
                ProposalRow.workspace_id == proposal.workspace,
                ProposalRow.number == proposal.number,
                ProposalRow.state == was.value,
            )
            .values({name: values[name] for name in ("state", "decided_at", "decided_by", "reason", "made")})
        )
        async with self._writing() as connection:
            await self._hold(connection, proposal.workspace, shared=True)
            # The amendment's number is decided first, since a row that is changed could not be changed back.
            if amendment is not None and not await self._follows(connection, amendment):
                return False
            if (await connection.execute(settled)).rowcount != 1:
                return False
            if amendment is not None:
                await connection.execute(self._insert(AmendmentRow).values(**amendment_values(amendment)))
            return True

    # -- amendments ---------------------------------------------------------------------------------------------------

    async def amend(self, amendment: Amendment) -> bool:
        async with self._writing() as connection:
            await self._hold(connection, amendment.workspace, shared=True)
            if not await self._follows(connection, amendment):
                return False
            await connection.execute(self._insert(AmendmentRow).values(**amendment_values(amendment)))
            return True

    async def amendments(self, workspace: str) -> Sequence[Amendment]:
        query = select(*AmendmentRow.__table__.columns).where(AmendmentRow.workspace_id == workspace)
        return [amendment_of(row) for row in await self._all(query.order_by(AmendmentRow.number))]

    async def revision(self, workspace: str) -> int:
        row = await self._first(_newest(workspace))
        return 0 if row is None or row[0] is None else int(row[0])

    async def _follows(self, connection: AsyncConnection, amendment: Amendment) -> bool:
        """Whether an amendment's number is the next; nobody else amends the workspace until the transaction ends."""
        await self._hold(connection, amendment.workspace, "amendments")
        return amendment.number == int(await connection.scalar(_newest(amendment.workspace)) or 0) + 1


def _proposals(workspace: str) -> AnySelect:
    return select(*ProposalRow.__table__.columns).where(ProposalRow.workspace_id == workspace)


def _newest(workspace: str) -> AnySelect:
    return select(func.max(AmendmentRow.number)).where(AmendmentRow.workspace_id == workspace)
