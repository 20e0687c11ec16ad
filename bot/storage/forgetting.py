"""All that is kept of one member: to hand it over, and to delete it, so that neither rows nor bytes are left."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Delete, and_, delete, or_, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.assignments import Usage
from bot.core.kept import NAMING, OF_DIGESTS, QUOTING, Endorsed, Endorsement, Forgotten, InDigest, MemberRecord, Spent
from bot.storage.access import Access
from bot.storage.codec import load_message, names_any, storable, utc
from bot.storage.digests import forget_in_digests
from bot.storage.erasing import Erasing
from bot.storage.failures import translated
from bot.storage.ledger import Ledger
from bot.storage.models import (
    AmendmentRow,
    CreditRow,
    DigestClaimRow,
    DigestPositionRow,
    DigestRow,
    EndorsementRow,
    InboxRow,
    InstallationRow,
    MemberRow,
    OutboxRow,
    PositionRow,
    PromptPositionRow,
    PromptRow,
    ProposalRow,
    PublishedClaimRow,
    PublishedPositionRow,
    QueueRow,
    ReplyRow,
    RootRow,
    UsageRow,
)
from bot.storage.naming import forget_answers, forget_posts
from bot.storage.rows import (
    credit_of,
    position_of,
    proposal_of,
    published_of,
    queued_of,
    reply_of,
    request_of,
)

log = logging.getLogger(__name__)

_TABLES: Final[Mapping[str, tuple[Any, Any]]] = {
    "endorsements": (EndorsementRow, EndorsementRow.at),
    "replies": (ReplyRow, ReplyRow.at),
    "usage": (UsageRow, UsageRow.at),
    "credits": (CreditRow, CreditRow.at),
    "positions": (PositionRow, PositionRow.at),
    "proposals": (ProposalRow, ProposalRow.at),
    "queued": (QueueRow, QueueRow.at),
    "installed": (InstallationRow, InstallationRow.at),
}
"""What of a member is deleted, and the time of each row. Requests go before them; see `ForgettingStore._delete`."""

_IDS_A_QUERY: Final = 500
"""SQLite takes 32,766 variables a statement, older builds 999."""

_COPIES: Final = (PublishedPositionRow, PublishedClaimRow, DigestPositionRow, DigestClaimRow, DigestRow)
_TOUCHED: Final = tuple(
    row.__tablename__
    for row in (
        *(InboxRow, MemberRow, OutboxRow, RootRow, PromptPositionRow, *_COPIES),
        *(row for row, _ in _TABLES.values()),
    )
)
"""The tables in which bytes of deleted rows may be left."""


class ForgettingStore(Erasing, Access):
    """The part of `core.ports.Store` that is about all of a member's rows at once."""

    _ledger: Ledger | None = None

    async def member_record(self, workspace: str, member: str) -> MemberRecord:
        async def rows(row: Any, *order: Any) -> Sequence[Any]:
            query = select(*row.__table__.columns).where(row.workspace_id == workspace, row.member_id == member)
            return (await connection.execute(query.order_by(*order))).all()

        with translated():
            async with self._engine.connect() as connection:
                known = next(iter(await rows(MemberRow)), None)
                positions = await rows(PositionRow, PositionRow.at, PositionRow.ordinal)
                given = await rows(CreditRow, CreditRow.at, CreditRow.ordinal)
                endorsed = await rows(EndorsementRow)
                requests = await rows(InboxRow, InboxRow.received_at, InboxRow.ordinal)
                replies = await rows(ReplyRow)
                usage = await rows(UsageRow, UsageRow.at, UsageRow.ordinal)
                proposed = await rows(ProposalRow, ProposalRow.number)
                queued = await rows(QueueRow, QueueRow.place)
                copied = await rows(DigestPositionRow)
                installed = await rows(InstallationRow, InstallationRow.at)
        endorsements = [Endorsed(row.reply_id, Endorsement(row.endorsement), row.at) for row in endorsed]
        return MemberRecord(
            workspace=storable(workspace),
            member=storable(member),
            name=known.name if known is not None else None,
            first_seen=known.first_seen if known is not None else None,
            last_seen=known.last_seen if known is not None else None,
            positions=tuple(map(position_of, positions)),
            credits=tuple(map(credit_of, given)),
            endorsements=tuple(sorted(endorsements, key=lambda each: (each.at, each.reply_id))),
            requests=tuple(map(request_of, requests)),
            replies=tuple(sorted(map(reply_of, replies), key=lambda reply: (reply.at, reply.id))),
            usage=tuple(Spent(row.at, row.model, Usage(row.tokens_in, row.tokens_out, row.calls)) for row in usage),
            proposals=tuple(map(proposal_of, proposed)),
            queued=tuple(map(queued_of, queued)),
            digests=in_order(InDigest(row.key, published_of(row)) for row in copied),
            installed=tuple(row.at for row in installed),
        )

    async def forget(self, workspace: str, member: str, at: datetime) -> Forgotten:
        at = utc(at)
        if self._ledger is not None:
            # First: of a deletion that a crash cuts short, the next start does the rest.
            await asyncio.to_thread(self._ledger.add, workspace, member, at)
        async with self._writing() as connection:
            found = await self._delete(connection, workspace, member, at)
        return replace(found, erased=await self._erase(_TOUCHED))

    async def forget_again(self) -> int:
        """Forget whoever the ledger names and the database has rows of from before; how many members that were.

        Nobody, unless an older copy of the database was put back or a deletion cut short.
        """
        forgotten_at = await asyncio.to_thread(self._ledger.lookup) if self._ledger is not None else None
        if forgotten_at is None:
            return 0
        tables = (
            *(MemberRow, InboxRow, PublishedPositionRow, PromptPositionRow, DigestPositionRow),
            *(row for row, _ in _TABLES.values()),
        )
        known = await self._all(select(union(*(select(row.workspace_id, row.member_id) for row in tables)).subquery()))
        again = 0
        for workspace, member in known:
            if member is None:  # an installation that is about nobody
                continue
            at = forgotten_at(workspace, member)
            if at is None:
                continue
            async with self._writing() as connection:
                again += await self._delete(connection, workspace, member, at, until=at) != Forgotten()
        if again:
            log.warning("%d members who had asked to be forgotten were in the database again, and are deleted", again)
            await self._erase(_TOUCHED)
        return again

    async def _delete(
        self, connection: AsyncConnection, workspace: str, member: str, at: datetime, until: datetime | None = None
    ) -> Forgotten:
        """Delete a member's rows; where a time is given, those of later are of a member who came back, and stay."""

        def theirs(row: Any, time: Any) -> Any:
            mine = and_(row.workspace_id == workspace, row.member_id == member)
            return mine if until is None else and_(mine, time <= until)

        await self._hold(connection, workspace)
        names = await _names(connection, workspace, member)
        posts = await forget_posts(connection, workspace, names, at, until)
        naming = await self._replies_naming(connection, workspace, member, names, until)
        naming = [*naming, *await self._replies_quoting(connection, theirs(ProposalRow, ProposalRow.at))]
        digests = await forget_in_digests(connection, theirs(DigestPositionRow, DigestPositionRow.at))
        if digests:
            shows_one = and_(ReplyRow.workspace_id == workspace, ReplyRow.command.in_(OF_DIGESTS))
            naming = [*naming, *(await connection.scalars(select(ReplyRow.id).where(shows_one))).all()]
        # A reply is stored in the transaction that finishes its request: once the requests are gone, none can follow.
        counts: dict[str, Any] = {
            "digests": digests,
            "requests": await _count(connection, delete(InboxRow).where(theirs(InboxRow, InboxRow.received_at))),
        }
        own = (await connection.scalars(select(ReplyRow.id).where(theirs(ReplyRow, ReplyRow.at)))).all()
        await forget_answers(connection, workspace, [*own, *naming])
        for name, (row, time) in _TABLES.items():
            counts[name] = await _count(connection, delete(row).where(theirs(row, time)))
        for start in range(0, len(naming), _IDS_A_QUERY):
            some = ReplyRow.id.in_(naming[start : start + _IDS_A_QUERY])
            counts["replies"] += await _count(
                connection, delete(ReplyRow).where(ReplyRow.workspace_id == workspace, some)
            )
        wrote = and_(AmendmentRow.workspace_id == workspace, AmendmentRow.author_id == member)
        if until is not None:
            wrote = and_(wrote, AmendmentRow.at <= until)
        await connection.execute(update(AmendmentRow).where(wrote).values(author_id=None))
        withdrawn = await self._withdraw(connection, theirs(PublishedPositionRow, PublishedPositionRow.at))
        await _hide_openings(connection, theirs(PromptPositionRow, PromptPositionRow.at))
        if until is not None:
            returned = and_(MemberRow.workspace_id == workspace, MemberRow.member_id == member)
            early = and_(returned, MemberRow.first_seen <= until, MemberRow.last_seen > until)
            await connection.execute(update(MemberRow).where(early).values(first_seen=MemberRow.last_seen))
        await connection.execute(delete(MemberRow).where(theirs(MemberRow, MemberRow.last_seen)))
        return Forgotten(**counts, posts=posts, withdrawn=withdrawn)

    async def _replies_naming(
        self,
        connection: AsyncConnection,
        workspace: str,
        member: str,
        names: Collection[str],
        until: datetime | None,
    ) -> Sequence[str]:
        """Ids of others' replies that show a name of the member's, or their id."""
        if not names:
            return []
        written = [json.dumps(name)[1:-1] for name in names]  # as in `codec.dump_message`
        query = select(ReplyRow.id, ReplyRow.message).where(
            ReplyRow.workspace_id == workspace,
            ReplyRow.member_id != member,
            ReplyRow.command.in_(NAMING),
            or_(*(ReplyRow.message.contains(name, autoescape=True) for name in written)),
        )
        if until is not None:
            query = query.where(ReplyRow.at <= until)
        rows = (await connection.execute(query)).all()
        return [reply_id for reply_id, message in rows if names_any(load_message(message), names)]

    async def _replies_quoting(self, connection: AsyncConnection, theirs: Any) -> Sequence[str]:
        """Ids of replies that show what the member proposed."""
        columns = select(*ProposalRow.__table__.columns)
        proposed = [proposal_of(row) for row in (await connection.execute(columns.where(theirs))).all()]
        claims = {proposal.edit.words.claim for proposal in proposed}
        if not claims:
            return []
        written = [json.dumps(claim)[1:-1] for claim in claims]  # as in `codec.dump_message`
        query = select(ReplyRow.id).where(
            ReplyRow.workspace_id == proposed[0].workspace,
            ReplyRow.command.in_(QUOTING),
            or_(*(ReplyRow.message.contains(claim, autoescape=True) for claim in written)),
        )
        return (await connection.scalars(query)).all()

    async def _withdraw(self, connection: AsyncConnection, theirs: Any) -> tuple[tuple[str, str], ...]:
        """Take positions out of snapshots, and hide those snapshots; which they were."""
        row, claim = PublishedPositionRow, PublishedClaimRow
        found = (await connection.execute(select(row.topic, row.claim_id).where(theirs))).all()
        was_in = (
            select(row.member_id)
            .where(
                theirs,
                row.workspace_id == claim.workspace_id,
                row.topic == claim.topic,
                row.claim_id == claim.claim_id,
            )
            .exists()
        )
        counts = ("members", "strongly_disagree", "disagree", "agree", "strongly_agree", "unsure", "marks")
        hide = update(claim).where(was_in).values(shown=False, departed=claim.departed + 1, **dict.fromkeys(counts, 0))
        await connection.execute(hide.execution_options(synchronize_session=False))
        await connection.execute(delete(row).where(theirs))
        return tuple(sorted((topic, claim_id) for topic, claim_id in found))


async def _names(connection: AsyncConnection, workspace: str, member: str) -> set[str]:
    """What a member is called: the id, and every name that they came under."""
    called = await connection.scalars(
        union(
            select(MemberRow.name).where(MemberRow.workspace_id == workspace, MemberRow.member_id == member),
            select(InboxRow.member_name).where(InboxRow.workspace_id == workspace, InboxRow.member_id == member),
        )
    )
    return {storable(member), *called.all()} - {""}


async def _hide_openings(connection: AsyncConnection, theirs: Any) -> None:
    """Drop the snapshots that open prompts began with and the member was in: the rest would tell what they held."""
    row = PromptPositionRow
    for workspace, prompt_id in (await connection.execute(select(row.workspace_id, row.prompt_id).where(theirs))).all():
        prompt = and_(PromptRow.workspace_id == workspace, PromptRow.id == prompt_id)
        await connection.execute(update(PromptRow).where(prompt).values(before_members=None))
        await connection.execute(delete(row).where(row.workspace_id == workspace, row.prompt_id == prompt_id))


def in_order(copies: Iterable[InDigest]) -> tuple[InDigest, ...]:
    """Copies by topic, digest and claim; a database may sort text by the rules of a language."""
    return tuple(sorted(copies, key=lambda each: (each.position.topic, each.key, each.position.claim_id)))


async def _count(connection: AsyncConnection, statement: Delete) -> int:
    return (await connection.execute(statement)).rowcount
