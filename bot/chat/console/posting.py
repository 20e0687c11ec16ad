"""The terminal as a platform to post to: what is sent is shown, and that is all there is to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.core.messages import Message
from bot.core.outbox import Guard, Post


@dataclass(frozen=True)
class TerminalMessenger:
    """A `bot.core.outbox.Messenger`. Showing can't fail halfway, so nothing is ever looked for."""

    show: Callable[[Message], None]

    def guard(self, post: Post) -> Guard:
        return Guard()

    async def send(self, post: Post) -> str:
        self.show(post.message)
        return post.id

    async def find(self, post: Post) -> str | None:
        return None
