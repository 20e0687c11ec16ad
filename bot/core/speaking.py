"""Posts in the language of their channel, whoever sends them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.language import Languages
from bot.core.outbox import Guard, Messenger, Post


@dataclass(frozen=True)
class SpeakingMessenger:
    """A `bot.core.outbox.Messenger` around another, whose own words beside a post are in the channel's language."""

    messenger: Messenger
    languages: Languages

    def guard(self, post: Post) -> Guard:
        return self.messenger.guard(post)

    async def send(self, post: Post) -> str:
        await self.languages.speak_if_told(post.workspace, post.channel)
        return await self.messenger.send(post)

    async def find(self, post: Post) -> str | None:
        await self.languages.speak_if_told(post.workspace, post.channel)  # what was half sent is made whole
        return await self.messenger.find(post)
