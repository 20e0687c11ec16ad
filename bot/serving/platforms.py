"""The chat platforms that one process serves, and how a post finds its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from aiohttp import web

from bot.core.outbox import Guard, Messenger, Post
from bot.errors import Refused


class Platform(Protocol):
    """A chat platform's adapter, as `crux run` drives it.

    Args:
        name: as in the log and in `/readyz`.
        prefix: how the ids of its workspaces begin, as `slack:`.
    """

    @property
    def name(self) -> str: ...

    @property
    def prefix(self) -> str: ...

    @property
    def messenger(self) -> Messenger: ...

    def routes(self) -> Sequence[web.RouteDef]:
        """What the process's HTTP server answers for the platform."""
        ...

    async def start(self) -> None:
        """Connect, and begin to take events.

        Raises:
            ConfigurationError: the platform won't have it as it is set up; the sentence says what to do.
        """
        ...

    def missing(self) -> str | None:
        """Why it can't take events right now; None when it can."""
        ...

    async def stop(self, within: float) -> bool | None:
        """Take nothing new, give what is being answered so many seconds to end, and disconnect.

        False when something could not end, and is left to another process.
        """
        ...


class Messengers:
    """A `Messenger` for all platforms of the process, chosen by how the workspace's id begins."""

    def __init__(self, platforms: Sequence[Platform]) -> None:
        self._by_prefix: Mapping[str, Messenger] = {each.prefix: each.messenger for each in platforms}

    @property
    def prefixes(self) -> tuple[str, ...]:
        """How the workspaces' ids begin that are served here."""
        return tuple(self._by_prefix)

    def guard(self, post: Post) -> Guard:
        return self._of(post).guard(post)

    async def send(self, post: Post) -> str:
        return await self._of(post).send(post)

    async def find(self, post: Post) -> str | None:
        return await self._of(post).find(post)

    def _of(self, post: Post) -> Messenger:
        for prefix, messenger in self._by_prefix.items():
            if post.workspace.startswith(prefix):
                return messenger
        raise Refused("No platform of this process serves that workspace.")
