"""Prompts and their answers, the queue before the agenda, and the pace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.outbox import Post
from bot.core.positions import Stance
from bot.core.prompts import Pace, Prompt, Queued, Vote, Votes
from bot.storage.access import AnySelect
from bot.storage.models import (
    PaceRow,
    PassedOverRow,
    PositionRow,
    PromptPositionRow,
    PromptRow,
    PublishedClaimRow,
    PublishedPositionRow,
    QueueRow,
)
from bot.storage.outbox import OutboxStore
from bot.storage.rows import prompt_of, prompt_values, queued_of
from bot.storage.workspaces import is_here

_CLOSING: Final = ("open_channel", "open_claim", "closed_at", "ending", "closed_by", "answered", "closing")


class PromptStore(OutboxStore):
    """The part of `core.ports.Store` that is about prompts."""

    # -- prompts ------------------------------------------------------------------------------------------------------

    async def open_prompt(self, prompt: Prompt, since: datetime) -> Prompt | None:
        workspace, claim = prompt.workspace, (prompt.workspace, prompt.topic, prompt.claim_id)
        known = _prompts(workspace).where(PromptRow.id == prompt.id)
        same_claim = and_(PromptRow.topic == prompt.topic, PromptRow.claim_id == prompt.claim_id)
        in_the_way = or_(
            PromptRow.open_channel == prompt.channel,
            and_(same_claim, PromptRow.closed_at.is_(None)),
            and_(same_claim, PromptRow.claim_version == prompt.claim_version, PromptRow.opened_at > since),
        )
        async with self._writing() as connection:
            # Nobody is forgotten, no other prompt opened and the claim's snapshot not moved until this one is whole.
            await self._hold(connection, workspace, shared=True)
            await self._hold(connection, workspace, "prompts")
            await self._hold(connection, *claim)
            if (before := (await connection.execute(known)).first()) is not None:
                return prompt_of(before)
            if (await connection.execute(_prompts(workspace).where(in_the_way).limit(1))).first() is not None:
                return None
            published = _published(prompt)
            members = await connection.scalar(select(PublishedClaimRow.members).where(published))
            row = self._insert(PromptRow).values(**prompt_values(prompt), before_members=members)
            await connection.execute(row)
            if members is not None:
                await self._copy_snapshot(connection, prompt)
            await connection.execute(delete(QueueRow).where(*_claim(QueueRow, *claim)))
            return prompt_of((await connection.execute(known)).one())

    async def _copy_snapshot(self, connection: AsyncConnection, prompt: Prompt) -> None:
        row = PublishedPositionRow
        source = select(row.workspace_id, literal(prompt.id), row.member_id, row.stance, row.at).where(
            *_claim(row, prompt.workspace, prompt.topic, prompt.claim_id)
        )
        columns = ["workspace_id", "prompt_id", "member_id", "stance", "at"]
        await connection.execute(insert(PromptPositionRow).from_select(columns, source))

    async def prompt(self, workspace: str, prompt_id: str) -> Prompt | None:
        row = await self._first(_prompts(workspace).where(PromptRow.id == prompt_id))
        return None if row is None else prompt_of(row)

    async def open_prompts(self, workspace: str) -> Sequence[Prompt]:
        found = [prompt_of(row) for row in await self._all(_prompts(workspace).where(PromptRow.closed_at.is_(None)))]
        return sorted(found, key=lambda prompt: (prompt.opened_at, prompt.id))

    async def closed_prompts(
        self, workspace: str, channel: str, most: int, topic: str | None = None
    ) -> Sequence[Prompt]:
        query = _prompts(workspace).where(PromptRow.channel_id == channel, PromptRow.closed_at.is_not(None))
        if topic is not None:
            query = query.where(PromptRow.topic == topic)
        newest = query.order_by(PromptRow.opened_at.desc(), PromptRow.id).limit(most)
        return [prompt_of(row) for row in await self._all(newest)]

    async def prompt_closed_by(self, workspace: str, closed_by: str) -> Prompt | None:
        row = await self._first(_prompts(workspace).where(PromptRow.closed_by == closed_by))
        return None if row is None else prompt_of(row)

    async def last_asked(self, workspace: str, topic: str) -> Mapping[tuple[str, int], datetime]:
        query = (
            select(PromptRow.claim_id, PromptRow.claim_version, func.max(PromptRow.opened_at))
            .where(PromptRow.workspace_id == workspace, PromptRow.topic == topic)
            .group_by(PromptRow.claim_id, PromptRow.claim_version)
        )
        return {(row[0], row[1]): row[2] for row in await self._all(query)}

    async def votes(self, prompt: Prompt) -> Votes:
        async with self._writing() as connection:
            return await self._votes(connection, prompt)

    async def workspaces_to_close(self, now: datetime, most: int) -> Sequence[str]:
        row = PromptRow
        over = select(row.workspace_id).where(row.closed_at.is_(None), row.closes_at <= now, is_here(row))
        return [row[0] for row in await self._all(over.distinct().order_by(PromptRow.workspace_id).limit(most))]

    async def close_prompt(self, prompt: Prompt, votes: Votes, told: Sequence[Post] = ()) -> bool:
        values = prompt_values(prompt)
        closed = (
            update(PromptRow)
            .where(PromptRow.workspace_id == prompt.workspace, PromptRow.id == prompt.id, PromptRow.closed_at.is_(None))
            .values(before_members=None, **{name: values[name] for name in _CLOSING})
        )
        row = PromptPositionRow
        async with self._writing() as connection:
            if await self._votes(connection, prompt) != votes or (await connection.execute(closed)).rowcount != 1:
                return False
            await connection.execute(
                delete(row).where(row.workspace_id == prompt.workspace, row.prompt_id == prompt.id)
            )
            await self._enqueue(connection, told)
            return True

    async def _votes(self, connection: AsyncConnection, prompt: Prompt) -> Votes:
        """The votes of a prompt, which stay what they are until the transaction ends."""
        await self._hold(connection, prompt.workspace, shared=True)
        await self._hold(connection, prompt.workspace, prompt.topic, prompt.claim_id)
        claim = (prompt.workspace, prompt.topic, prompt.claim_id)
        before = select(PromptPositionRow.member_id, PromptPositionRow.stance).where(
            PromptPositionRow.workspace_id == prompt.workspace, PromptPositionRow.prompt_id == prompt.id
        )
        were = select(PromptRow.before_members).where(
            PromptRow.workspace_id == prompt.workspace, PromptRow.id == prompt.id
        )
        now = select(PublishedPositionRow.member_id, PublishedPositionRow.stance).where(
            *_claim(PublishedPositionRow, *claim)
        )
        answered = exists().where(
            *_claim(PositionRow, *claim),
            PositionRow.claim_version == prompt.claim_version,
            PositionRow.stance.is_not(None),
            PositionRow.at >= prompt.opened_at,
        )
        members = await connection.scalar(select(PublishedClaimRow.members).where(_published(prompt)))
        return Votes(
            before=await _vote(connection, before, await connection.scalar(were)),
            after=await _vote(connection, now, members),
            answered=bool(await connection.scalar(select(answered))),
        )

    # -- the queue ----------------------------------------------------------------------------------------------------

    async def queue(self, workspace: str, topic: str | None = None) -> Sequence[Queued]:
        query = select(*QueueRow.__table__.columns).where(QueueRow.workspace_id == workspace)
        if topic is not None:
            query = query.where(QueueRow.topic == topic)
        return [queued_of(row) for row in await self._all(query.order_by(QueueRow.place))]

    async def queue_claim(self, queued: Queued, *, first: bool = False) -> bool:
        places = select(func.min(QueueRow.place), func.max(QueueRow.place)).where(
            QueueRow.workspace_id == queued.workspace
        )
        async with self._writing() as connection:
            await self._hold(connection, queued.workspace, shared=True)
            await self._hold(connection, queued.workspace, "queue")
            least, most = (await connection.execute(places)).one()
            row = self._insert(QueueRow).values(
                workspace_id=queued.workspace,
                topic=queued.topic,
                claim_id=queued.claim_id,
                member_id=queued.member,
                at=queued.at,
                place=(least or 0) - 1 if first else (most or 0) + 1,
            )
            keys = ["workspace_id", "topic", "claim_id"]
            if first:
                row = row.on_conflict_do_update(index_elements=keys, set_={"place": row.excluded.place})
            else:
                row = row.on_conflict_do_nothing(index_elements=keys)
            return await connection.scalar(row.returning(QueueRow.claim_id)) is not None

    async def dequeue(self, workspace: str, topic: str, claim_id: str, member: str) -> bool:
        mine = delete(QueueRow).where(*_claim(QueueRow, workspace, topic, claim_id), QueueRow.member_id == member)
        async with self._writing() as connection:
            return bool((await connection.execute(mine)).rowcount)

    async def pass_over(self, workspace: str, topic: str, claim_id: str, at: datetime) -> None:
        passed = self._upsert(PassedOverRow, "at").values(workspace_id=workspace, topic=topic, claim_id=claim_id, at=at)
        async with self._writing() as connection:
            await connection.execute(passed)
            await connection.execute(delete(QueueRow).where(*_claim(QueueRow, workspace, topic, claim_id)))

    async def passed_over(self, workspace: str, topic: str) -> Mapping[str, datetime]:
        query = select(PassedOverRow.claim_id, PassedOverRow.at).where(
            PassedOverRow.workspace_id == workspace, PassedOverRow.topic == topic
        )
        return {row.claim_id: row.at for row in await self._all(query)}

    # -- the pace -----------------------------------------------------------------------------------------------------

    async def ask_pace(self, workspace: str, channel: str, topic: str) -> bool:
        row = self._insert(PaceRow).values(
            workspace_id=workspace, channel_id=channel, topic=topic, pace=Pace.ASKED.value
        )
        async with self._writing() as connection:
            return await connection.scalar(row.on_conflict_do_nothing().returning(PaceRow.pace)) is not None

    async def pace(self, workspace: str, channel: str, topic: str) -> Pace | None:
        row = await self._first(
            select(PaceRow.pace).where(
                PaceRow.workspace_id == workspace, PaceRow.channel_id == channel, PaceRow.topic == topic
            )
        )
        return None if row is None else Pace(row[0])

    async def set_pace(self, workspace: str, channel: str, topic: str, pace: Pace) -> None:
        row = self._upsert(PaceRow, "pace").values(
            workspace_id=workspace, channel_id=channel, topic=topic, pace=pace.value
        )
        async with self._writing() as connection:
            await connection.execute(row)


def _prompts(workspace: str) -> AnySelect:
    return select(*PromptRow.__table__.columns).where(PromptRow.workspace_id == workspace)


def _claim(row: Any, workspace: str, topic: str, claim_id: str) -> tuple[Any, ...]:
    return row.workspace_id == workspace, row.topic == topic, row.claim_id == claim_id


def _published(prompt: Prompt) -> Any:
    """The snapshot of a prompt's claim that may be shown, of the version that is asked."""
    return and_(
        *_claim(PublishedClaimRow, prompt.workspace, prompt.topic, prompt.claim_id),
        PublishedClaimRow.claim_version == prompt.claim_version,
        PublishedClaimRow.shown.is_(True),
    )


async def _vote(connection: AsyncConnection, positions: AnySelect, members: int | None) -> Vote | None:
    if members is None:
        return None
    rows = (await connection.execute(positions)).all()
    return Vote({member: Stance(stance) for member, stance in rows}, members)
