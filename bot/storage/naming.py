"""Posts that name a member who is forgotten.

The outbox holds members' ids for private answers alone, which go with their replies. A digest may name those who chose
to be public. What is being composed was read before, so it is composed anew: its lease is revoked, as a request that is
being answered goes. A post that names the member is deleted; a firing of which nothing else is left and nothing was
tried comes due again, without the member.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.firings import Firing
from bot.core.outbox import ANSWER, post_id
from bot.storage.codec import names_any
from bot.storage.models import FiringRow, OutboxRow, RootRow
from bot.storage.rows import entry_of

_IDS_A_QUERY: Final = 500
"""SQLite takes 32,766 variables a statement, older builds 999."""


async def forget_posts(
    connection: AsyncConnection, workspace: str, names: Collection[str], at: datetime, until: datetime | None
) -> int:
    """Delete the posts of a workspace that name somebody, those of later than `until` left out; how many they were."""
    held = (FiringRow.workspace_id == workspace, FiringRow.state == "leased")
    # First: a firing that is just being finished is waited for here, and its posts are seen below.
    await connection.execute(update(FiringRow).where(*held).values(state="due", worker=None, free_at=at))
    if not names:
        return 0
    written = [json.dumps(name)[1:-1] for name in names]  # as in `codec.dump_message`
    query = select(*OutboxRow.__table__.columns).where(
        OutboxRow.workspace_id == workspace,
        or_(
            *(OutboxRow.message.contains(name, autoescape=True) for name in written),
            *(OutboxRow.picture_alt.contains(name, autoescape=True) for name in names),
        ),
    )
    if until is not None:
        query = query.where(OutboxRow.created_at <= until)
    entries = [entry_of(row) for row in (await connection.execute(query)).all()]
    naming = [entry for entry in entries if names_any(entry.post.shown, names)]
    for entry in naming:
        await connection.execute(
            delete(OutboxRow).where(OutboxRow.workspace_id == workspace, OutboxRow.id == entry.post.id)
        )
    for entry in naming:
        if entry.post.firing is not None and entry.unsent_for_certain:
            await _fire_again(connection, entry.post.firing, at)
    return len(naming)


async def forget_answers(connection: AsyncConnection, workspace: str, replies: Collection[str]) -> None:
    """Delete the posts of a workspace that show some replies, and what is kept of those that were sent."""
    ids = [post_id(reply_id, 0) for reply_id in replies]
    for start in range(0, len(ids), _IDS_A_QUERY):
        some = RootRow.post_id.in_(ids[start : start + _IDS_A_QUERY])
        await connection.execute(delete(RootRow).where(RootRow.workspace_id == workspace, some))
    shows_one = (OutboxRow.workspace_id == workspace, OutboxRow.kind == ANSWER)
    waiting = (await connection.scalars(select(OutboxRow.id).where(*shows_one))).all()  # few: a shown one is gone
    for each in set(waiting) & set(ids):
        await connection.execute(delete(OutboxRow).where(*shows_one, OutboxRow.id == each))


async def _fire_again(connection: AsyncConnection, firing: Firing, at: datetime) -> None:
    left = select(OutboxRow.id).where(
        OutboxRow.workspace_id == firing.workspace,
        OutboxRow.schedule_id == firing.schedule,
        OutboxRow.due_at == firing.due_at,
    )
    done = (
        FiringRow.workspace_id == firing.workspace,
        FiringRow.schedule_id == firing.schedule,
        FiringRow.due_at == firing.due_at,
        FiringRow.state == "done",
    )
    await connection.execute(update(FiringRow).where(*done, ~left.exists()).values(state="due", free_at=at))
