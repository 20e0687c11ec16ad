"""The archive of digests, each with a copy of the snapshots that it was made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import and_, delete, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.digest import Digest, next_key, without
from bot.core.kept import PublishedClaim
from bot.core.positions import Position
from bot.storage.access import Access, AnySelect
from bot.storage.codec import dump_digest
from bot.storage.models import (
    DigestClaimRow,
    DigestPositionRow,
    DigestRow,
    PublishedClaimRow,
    PublishedPositionRow,
)
from bot.storage.rows import STANCE_COLUMNS, digest_of, digest_values, published_claim_of, published_of

_COUNTS = ("members", *STANCE_COLUMNS.values(), "marks")


class DigestStore(Access):
    """The part of `core.ports.Store` that is about digests."""

    async def archive(self, digest: Digest, made_of: Sequence[PublishedClaim]) -> Digest | None:
        workspace, topic = digest.workspace, digest.topic
        row, of_topic = PublishedClaimRow, and_(DigestRow.workspace_id == workspace, DigestRow.topic == topic)
        shown = and_(row.workspace_id == workspace, row.topic == topic, row.shown.is_(True))
        async with self._writing() as connection:
            # No snapshot moves on and nobody is forgotten until the copy is whole.
            await self._hold(connection, workspace)
            made = await connection.execute(_digests(workspace).where(DigestRow.event == digest.event))
            if (kept := made.first()) is not None:
                return digest_of(kept)
            earlier = (
                await connection.execute(select(DigestRow.key).where(of_topic).order_by(DigestRow.number))
            ).scalars()
            keys = earlier.all()
            published = (await connection.execute(select(*row.__table__.columns).where(shown))).all()
            now = sorted((published_claim_of(each) for each in published), key=lambda each: each.claim_id)
            if now != list(made_of) or digest.before != (keys[-1] if keys else None):
                return None
            keyed = replace(digest, key=next_key(digest.key, keys))
            await connection.execute(self._insert(DigestRow).values(**digest_values(keyed), number=len(keys) + 1))
            await self._copy(connection, keyed, shown)
            return digest_of((await connection.execute(_digests(workspace, topic, keyed.key))).one())

    async def _copy(self, connection: AsyncConnection, digest: Digest, shown: Any) -> None:
        """Copy the shown snapshots of a digest's topic, and what they are made of."""
        key = literal(digest.key, type_=DigestRow.__table__.c.key.type)
        for copy, source in ((DigestClaimRow, PublishedClaimRow), (DigestPositionRow, PublishedPositionRow)):
            names = [column.name for column in copy.__table__.columns]
            taken = select(*(key if name == "key" else source.__table__.c[name] for name in names))
            if source is PublishedPositionRow:
                same = ("workspace_id", "topic", "claim_id")
                claim = PublishedClaimRow.__table__
                taken = taken.join(claim, and_(*(claim.c[name] == source.__table__.c[name] for name in same)))
            await connection.execute(insert(copy).from_select(names, taken.where(shown)))

    async def digest(self, workspace: str, topic: str, key: str) -> Digest | None:
        row = await self._first(_digests(workspace, topic, key))
        return None if row is None else digest_of(row)

    async def digest_made_by(self, workspace: str, event: str) -> Digest | None:
        row = await self._first(_digests(workspace).where(DigestRow.event == event))
        return None if row is None else digest_of(row)

    async def digests(self, workspace: str, topic: str) -> Sequence[Digest]:
        query = _digests(workspace).where(DigestRow.topic == topic).order_by(DigestRow.number)
        return [digest_of(row) for row in await self._all(query)]

    async def digest_claims(self, workspace: str, topic: str, key: str) -> Sequence[PublishedClaim]:
        query = select(*DigestClaimRow.__table__.columns).where(_shown(workspace, topic, key))
        return sorted((published_claim_of(row) for row in await self._all(query)), key=lambda each: each.claim_id)

    async def digest_positions(self, workspace: str, topic: str, key: str, most: int) -> Sequence[Position] | None:
        same = ("workspace_id", "topic", "key", "claim_id")
        held, claim = DigestPositionRow.__table__.c, DigestClaimRow.__table__.c
        query = (
            select(*DigestPositionRow.__table__.columns)
            .join(DigestClaimRow, and_(*(held[name] == claim[name] for name in same)))
            .where(_shown(workspace, topic, key))
            .limit(most + 1)
        )
        found = [published_of(row) for row in await self._all(query)]
        return None if len(found) > most else sorted(found, key=lambda each: (each.claim_id, each.member))


async def forget_in_digests(connection: AsyncConnection, theirs: Any) -> int:
    """Take a member's positions out of all copies, and out of the digests what they were counted in.

    `theirs` says which rows are the member's. Nobody else may write to the workspace meanwhile. How many digests show
    less than before.
    """
    row, claim = DigestPositionRow, DigestClaimRow
    was_in = (await connection.execute(select(row.workspace_id, row.topic, row.key, row.claim_id).where(theirs))).all()
    if not was_in:
        return 0
    workspace = was_in[0].workspace_id
    changed = 0
    for topic in sorted({found.topic for found in was_in}):
        gone: dict[str, set[str]] = {}
        for found in was_in:
            if found.topic == topic:
                gone.setdefault(found.key, set()).add(found.claim_id)
        for kept in (await connection.execute(_digests(workspace).where(DigestRow.topic == topic))).all():
            here, before = gone.get(kept.key, set()), gone.get(kept.before or "", set())
            if not here and not before:
                continue
            changed += 1
            left = without(digest_of(kept), here, before - here)
            this = (DigestRow.workspace_id == workspace, DigestRow.topic == topic, DigestRow.key == kept.key)
            await connection.execute(update(DigestRow).where(*this).values(content=dump_digest(left)))
    matching = [getattr(row, name) == getattr(claim, name) for name in ("workspace_id", "topic", "key", "claim_id")]
    hide = update(claim).where(select(row.member_id).where(theirs, *matching).exists())
    hidden = hide.values(shown=False, **dict.fromkeys(_COUNTS, 0))
    await connection.execute(hidden.execution_options(synchronize_session=False))
    # What others held there is of no more use: without the counts, nothing is compared with it.
    for found in was_in:
        key = {"workspace_id": workspace, "topic": found.topic, "key": found.key, "claim_id": found.claim_id}
        await connection.execute(delete(row).filter_by(**key))
    return changed


def _digests(workspace: str, topic: str | None = None, key: str | None = None) -> AnySelect:
    query = select(*DigestRow.__table__.columns).where(DigestRow.workspace_id == workspace)
    return query if topic is None else query.where(DigestRow.topic == topic, DigestRow.key == key)


def _shown(workspace: str, topic: str, key: str) -> Any:
    row = DigestClaimRow
    return and_(row.workspace_id == workspace, row.topic == topic, row.key == key, row.shown.is_(True))
