"""What members make of replies, and what replies cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, desc, func, select

from bot.core.assignments import Usage
from bot.core.kept import Endorsement, EndorsementCount
from bot.core.language import say
from bot.errors import BadInput
from bot.storage.access import Access
from bot.storage.models import EndorsementRow, ReplyRow, UsageRow, ordinal


class EndorsementStore(Access):
    """The part of `core.ports.Store` that is about endorsements and usage."""

    # -- endorsements -------------------------------------------------------------------------------------------------

    async def endorse(self, workspace: str, reply_id: str, member: str, endorsement: Endorsement, at: datetime) -> None:
        # Locked against deletion until the endorsement is in.
        kept = select(ReplyRow.id).where(ReplyRow.workspace_id == workspace, ReplyRow.id == reply_id)
        statement = self._upsert(EndorsementRow, "endorsement", "at").values(
            workspace_id=workspace,
            reply_id=reply_id,
            member_id=member,
            endorsement=endorsement.value,
            at=at,
        )
        async with self._writing() as connection:
            if (await connection.execute(kept.with_for_update(read=True, key_share=True))).first() is None:
                raise BadInput(say("That reply is no longer kept, so it can't be signed."))
            await connection.execute(statement)

    async def endorsements(self, workspace: str, reply_id: str) -> Mapping[Endorsement, int]:
        query = (
            select(EndorsementRow.endorsement, func.count())
            .where(EndorsementRow.workspace_id == workspace, EndorsementRow.reply_id == reply_id)
            .group_by(EndorsementRow.endorsement)
        )
        counts = dict.fromkeys(Endorsement, 0)
        counts |= {Endorsement(kind): int(count) for kind, count in await self._all(query)}
        return counts

    async def endorsement_counts(self, workspace: str) -> Sequence[EndorsementCount]:
        by_model = ReplyRow.writer == "model"
        each = (
            select(
                # A model that was asked and not used wrote nothing that could be signed.
                case((by_model, ReplyRow.prompt_version)).label("prompt_version"),
                case((by_model, ReplyRow.model)).label("model"),
                ReplyRow.at,
                self._count_of(Endorsement.SIGNED).label("signed"),
                self._count_of(Endorsement.NOT_MINE).label("not_mine"),
            )
            .where(ReplyRow.workspace_id == workspace, ReplyRow.command == "steelman")
            .subquery()
        )
        query = (
            select(
                each.c.prompt_version, each.c.model, func.count(), func.sum(each.c.signed), func.sum(each.c.not_mine)
            )
            .group_by(each.c.prompt_version, each.c.model)
            .order_by(desc(func.max(each.c.at)))
        )
        return [
            EndorsementCount(version, model, int(replies), int(signed), int(not_mine))
            for version, model, replies, signed, not_mine in await self._all(query)
        ]

    @staticmethod
    def _count_of(endorsement: Endorsement) -> Any:
        return (
            select(func.count())
            .where(
                EndorsementRow.workspace_id == ReplyRow.workspace_id,
                EndorsementRow.reply_id == ReplyRow.id,
                EndorsementRow.endorsement == endorsement.value,
            )
            .scalar_subquery()
        )

    # -- usage --------------------------------------------------------------------------------------------------------

    async def record_usage(self, workspace: str, member: str, at: datetime, model: str, usage: Usage) -> None:
        statement = self._insert(UsageRow).values(
            workspace_id=workspace,
            ordinal=ordinal(),
            member_id=member,
            at=at,
            model=model,
            tokens_in=usage.tokens_in,
            tokens_out=usage.tokens_out,
            calls=usage.calls,
        )
        async with self._writing() as connection:
            await connection.execute(statement)

    async def tokens_spent(self, workspace: str, since: datetime, member: str | None = None) -> int:
        query = select(func.sum(UsageRow.tokens_in + UsageRow.tokens_out)).where(
            UsageRow.workspace_id == workspace, UsageRow.at >= since
        )
        if member is not None:
            query = query.where(UsageRow.member_id == member)
        row = await self._first(query)
        return 0 if row is None or row[0] is None else int(row[0])
