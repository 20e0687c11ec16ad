"""An answer that a member asked for privately and now shows to the channel: by the outbox, so that it is there once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from bot.chat.discord.origins import Origin
from bot.core.outbox import Post, post_id
from bot.core.ports import Clock, Store

SHARED: Final = "shared"
"""The kind of such a post."""


@dataclass(frozen=True)
class Sharing:
    store: Store
    clock: Clock

    async def share(self, origin: Origin, reply_id: str) -> str:
        """Put an answer of the member's into the channel; what to tell them.

        Raises:
            StorageError: the database failed; it may be tried again.
        """
        reply = await self.store.reply(origin.workspace, reply_id)
        if reply is None or reply.member != str(origin.user):
            return "That answer is no longer kept; ask again."
        post = Post(
            workspace=origin.workspace,
            id=post_id(f"{SHARED}\0{reply_id}", 0),
            channel=origin.channel,
            kind=SHARED,
            message=replace(reply.message, private=False),
            created_at=self.clock.now(),
            thread=origin.thread,
        )
        if await self.store.enqueue([post]):
            return "It will be in the channel in a moment."
        return "It was shared already."
